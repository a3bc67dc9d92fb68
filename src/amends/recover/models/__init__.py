"""Rows of recovery: cases, plans and actions, the clocks that drive them, leave, the ledger, outcomes and the trail.

Foreign keys carry no index of their own (`db_index=False`) where another index starts with them or nobody asks by them.
"""

from amends.recover.models.bulk import BulkRow, BulkRun
from amends.recover.models.cases import Case, CaseFailure
from amends.recover.models.desk import CaseFamily, CaseLink, Handover, Presence, UndoStep
from amends.recover.models.ledger import Approval, Remedy
from amends.recover.models.outcomes import IncidentResponse, Outcome
from amends.recover.models.plans import Action, Clock, Plan
from amends.recover.models.teams import Queue, Team, TeamMember
from amends.recover.models.trail import TrailEntry
from amends.recover.models.views import SavedView

__all__ = [
    "Action",
    "Approval",
    "BulkRow",
    "BulkRun",
    "Case",
    "CaseFailure",
    "CaseFamily",
    "CaseLink",
    "Clock",
    "Handover",
    "IncidentResponse",
    "Outcome",
    "Plan",
    "Presence",
    "Queue",
    "Remedy",
    "SavedView",
    "Team",
    "TeamMember",
    "TrailEntry",
    "UndoStep",
]
