"""Reads of recovery. Whoever fetches something for a person comes through here, where the right to it is checked."""

from amends.recover.selectors.cases import (
    access_action,
    access_approval,
    access_case,
    approvals_for,
    cases_for,
    count_cases,
    ledger_for,
)
from amends.recover.selectors.desk import duplicates_of, merged_into, survivor_of, threads_of, ties_of
from amends.recover.selectors.timeline import TimelineEntry, case_timeline
from amends.recover.selectors.trail import Broken, unexplained, verify_trail

__all__ = [
    "Broken",
    "TimelineEntry",
    "access_action",
    "access_approval",
    "access_case",
    "approvals_for",
    "case_timeline",
    "cases_for",
    "count_cases",
    "duplicates_of",
    "ledger_for",
    "merged_into",
    "survivor_of",
    "threads_of",
    "ties_of",
    "unexplained",
    "verify_trail",
]
