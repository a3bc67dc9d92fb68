"""What a customer is served by now: the subjects on whose rosters they are, and what is still promised about each.

Rosters belong to no unit, so whoever may see customers sees on which they are; failures are shown by unit.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from amends.kernel.blueprint import Blueprint
from amends.monitor.core.open_promises import OpenPromise, Told, open_promises
from amends.people.models import Customer, Staff
from amends.people.selectors import require, units_below

MOST_SUBJECTS: Final = 30  # of a customer, the latest to come first
MOST_SIGNALS: Final = 100  # of a subject, the latest


@dataclass(frozen=True, kw_only=True)
class Served:
    """One subject that serves the customer."""

    subject: str
    facts: dict[str, Any]  # on which terms
    last_type: str = ""  # of the latest signal; empty: we have heard of it from the roster alone
    last_at: datetime | None = None
    promises: list[OpenPromise] = field(default_factory=list)
    at_risk: tuple[str, ...] = ()  # standards that the monitor says are about to be broken
    failed: bool = False  # a promise about it was broken; what it was stands with the failures

    @property
    def silent(self) -> bool:
        """Whether no signal about it is on record, so that nothing can be said of its promises."""
        return self.last_at is None


def served_now(staff: Staff, customer: Customer, pack: Blueprint, *, now: datetime) -> list[Served]:
    """The customer's latest subjects, what is still open first."""
    require(staff, "see_customers")
    reached = units_below(staff)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select subject, facts from monitor_rosterentry where customer_id = %s
            order by id desc limit %s
            """,
            [customer.pk, MOST_SUBJECTS],
        )
        rosters = cursor.fetchall()
        subjects = [subject for subject, _ in rosters]
        cursor.execute(
            """
            select signal.subject, signal.type, signal.time, signal.data
            from unnest(%s::text[]) as wanted (subject)
            cross join lateral (
                select subject, type, time, data from monitor_signal
                where subject = wanted.subject order by time desc limit %s
            ) as signal
            """,
            [subjects, MOST_SIGNALS],
        )
        told: dict[str, list[Told]] = {}
        for subject, type_, time, data in cursor.fetchall():
            told.setdefault(subject, []).append(Told(type=type_, time=time, data=_mapping(data)))
        cursor.execute(
            """
            select failure.subject,
                array_agg(failure.standard) filter (where failure.stage = 'at_risk'),
                bool_or(failure.stage not in ('at_risk', 'averted'))
            from unnest(%s::text[]) as wanted (subject)
            join monitor_failure as failure on failure.subject = wanted.subject
            where %s::bigint[] is null or failure.unit_id = any(%s)
            group by failure.subject
            """,
            [subjects, reached, reached],
        )
        failures = {subject: (tuple(risky or ()), failed) for subject, risky, failed in cursor.fetchall()}
    served = [
        _served(
            Served(
                subject=subject,
                facts=_mapping(facts),
                at_risk=failures.get(subject, ((), False))[0],
                failed=failures.get(subject, ((), False))[1],
            ),
            told.get(subject, []),
            pack,
            now=now,
        )
        for subject, facts in rosters
    ]
    return sorted(served, key=lambda one: (not one.promises and not one.at_risk, not one.silent))


def _served(served: Served, told: list[Told], pack: Blueprint, *, now: datetime) -> Served:
    last = max(told, key=lambda one: one.time, default=None)
    return replace(
        served,
        last_type=last.type if last else "",
        last_at=last.time if last else None,
        promises=open_promises(told, pack.standards, pack.calendars, now=now),
    )


def _mapping(data: Any) -> dict[str, Any]:
    read = json.loads(data) if isinstance(data, str) else data
    return read if isinstance(read, dict) else {}
