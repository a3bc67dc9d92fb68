"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    ledger_for,
)
from amends.recover.selectors.judging import edits_of, judged
from amends.recover.selectors.recharges import access_recharge, recharges_for
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail

__all__ = [
    "Broken",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_case",
    "access_recharge",
    "approvals_for",
    "case_timeline",
    "cases_for",
    "edits_of",
    "judged",
    "ledger_for",
    "recharges_for",
    "unexplained",
    "verify_trail",
]
