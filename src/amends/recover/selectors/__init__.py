"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    ledger_for,
)
from amends.recover.selectors.closer_look import Looked, advice_on, closer_look_for, looks_at
from amends.recover.selectors.history import History, history_for
from amends.recover.selectors.look_up import Caller, look_up
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail

__all__ = [
    "Broken",
    "Caller",
    "History",
    "Looked",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_case",
    "advice_on",
    "approvals_for",
    "case_timeline",
    "cases_for",
    "closer_look_for",
    "history_for",
    "ledger_for",
    "look_up",
    "looks_at",
    "unexplained",
    "verify_trail",
]
