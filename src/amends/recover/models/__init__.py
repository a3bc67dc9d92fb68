"""Rows of recovery: cases, plans and actions, the clocks that drive them, leave, the ledger, outcomes and the trail.

Foreign keys carry no index of their own (`db_index=False`) where another index starts with them or nobody asks by them.
"""

from amends.recover.models.cases import Case, CaseFailure
from amends.recover.models.clocks import Clock, Escalation, Hold
from amends.recover.models.ledger import Approval, Remedy
from amends.recover.models.notices import Notice
from amends.recover.models.outcomes import IncidentResponse, Outcome
from amends.recover.models.plans import Action, Plan
from amends.recover.models.trail import TrailEntry

__all__ = [
    "Action",
    "Approval",
    "Case",
    "CaseFailure",
    "Clock",
    "Escalation",
    "Hold",
    "IncidentResponse",
    "Notice",
    "Outcome",
    "Plan",
    "Remedy",
    "TrailEntry",
]
