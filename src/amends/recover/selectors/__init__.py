"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    ledger_for,
)
from amends.recover.selectors.explaining import BadSum, Explained, explain_authority
from amends.recover.selectors.gestures import gestures_for
from amends.recover.selectors.limits import (
    access_budget,
    asked_by,
    assigned_to,
    budgets_for,
    passed_up_from,
    splits_for,
)
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail

__all__ = [
    "BadSum",
    "Broken",
    "Explained",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_budget",
    "access_case",
    "approvals_for",
    "asked_by",
    "assigned_to",
    "budgets_for",
    "case_timeline",
    "cases_for",
    "explain_authority",
    "gestures_for",
    "ledger_for",
    "passed_up_from",
    "splits_for",
    "unexplained",
    "verify_trail",
]
