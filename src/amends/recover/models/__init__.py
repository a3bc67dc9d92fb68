"""Rows of recovery: cases, plans and actions, the clocks that drive them, leave, the ledger, outcomes and the trail.

Foreign keys carry no index of their own (`db_index=False`) where another index starts with them or nobody asks by them,
and no check (`db_constraint=False`) where they come from a join with a table that lets nothing be deleted
(docs/decisions/0011).
"""

from amends.recover.models.assessing import Assessment, Edit
from amends.recover.models.attachments import Attachment
from amends.recover.models.books import LedgerEntry, Payout, PayoutBatch, Reconciliation, Voucher
from amends.recover.models.bulk import BulkRow, BulkRun
from amends.recover.models.cases import Case, CaseFailure, CaseSearch, CircleMember
from amends.recover.models.claims import CloserLook, Demand, Peers, Receipt
from amends.recover.models.clocks import Clock, Escalation, Hold
from amends.recover.models.desk import CaseFamily, CaseLink, Handover, Presence, UndoStep
from amends.recover.models.handling import Tick, Timer, TimeSpent
from amends.recover.models.ledger import Approval, ApprovalStep, Remedy
from amends.recover.models.limits import Budget, BudgetChange, Split, WrittenComplaint
from amends.recover.models.notes import Draft, Note
from amends.recover.models.notices import Notice
from amends.recover.models.outcomes import IncidentResponse, Outcome, Withheld
from amends.recover.models.plans import Action, Plan
from amends.recover.models.recharges import RechargeClaim
from amends.recover.models.replies import CannedReply, Macro
from amends.recover.models.support import Support, SupportStep
from amends.recover.models.teams import Queue, Team, TeamMember
from amends.recover.models.trail import TrailEntry
from amends.recover.models.views import SavedView

__all__ = [
    "Action",
    "Approval",
    "ApprovalStep",
    "Assessment",
    "Attachment",
    "Budget",
    "BudgetChange",
    "BulkRow",
    "BulkRun",
    "CannedReply",
    "Case",
    "CaseFailure",
    "CaseFamily",
    "CaseLink",
    "CaseSearch",
    "CircleMember",
    "Clock",
    "CloserLook",
    "Demand",
    "Draft",
    "Edit",
    "Escalation",
    "Handover",
    "Hold",
    "IncidentResponse",
    "LedgerEntry",
    "Macro",
    "Note",
    "Notice",
    "Outcome",
    "Payout",
    "PayoutBatch",
    "Peers",
    "Plan",
    "Presence",
    "Queue",
    "Receipt",
    "RechargeClaim",
    "Reconciliation",
    "Remedy",
    "SavedView",
    "Split",
    "Support",
    "SupportStep",
    "Team",
    "TeamMember",
    "Tick",
    "TimeSpent",
    "Timer",
    "TrailEntry",
    "UndoStep",
    "Voucher",
    "Withheld",
    "WrittenComplaint",
]
