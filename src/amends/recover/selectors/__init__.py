"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    ledger_for,
)
from amends.recover.selectors.clocks import (
    clock_marks,
    clocks_of,
    escalations_of,
    holds_of,
    ladder_of,
    time_held,
)
from amends.recover.selectors.notices import access_notice, notices_for, unseen_notices
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail

__all__ = [
    "Broken",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_case",
    "access_notice",
    "approvals_for",
    "case_timeline",
    "cases_for",
    "clock_marks",
    "clocks_of",
    "escalations_of",
    "holds_of",
    "ladder_of",
    "ledger_for",
    "notices_for",
    "time_held",
    "unexplained",
    "unseen_notices",
    "verify_trail",
]
