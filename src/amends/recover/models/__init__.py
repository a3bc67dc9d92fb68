"""Rows of recovery: cases, plans and actions, the clocks that drive them, leave, the ledger, outcomes and the trail.

Foreign keys carry no index of their own (`db_index=False`) where another index starts with them or nobody asks by them.
"""

from amends.recover.models.cases import Case, CaseFailure
from amends.recover.models.ledger import Approval, ApprovalStep, Remedy
from amends.recover.models.limits import Budget, BudgetChange, Split, WrittenComplaint
from amends.recover.models.outcomes import IncidentResponse, Outcome
from amends.recover.models.plans import Action, Clock, Plan
from amends.recover.models.trail import TrailEntry

__all__ = [
    "Action",
    "Approval",
    "ApprovalStep",
    "Budget",
    "BudgetChange",
    "Case",
    "CaseFailure",
    "Clock",
    "IncidentResponse",
    "Outcome",
    "Plan",
    "Remedy",
    "Split",
    "TrailEntry",
    "WrittenComplaint",
]
