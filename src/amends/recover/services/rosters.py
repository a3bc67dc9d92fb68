"""Rosters taken in: kept, and whoever is new on a subject that failed already is answered like all the others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from amends.monitor.services import keep_roster
from amends.monitor.services.affected import hold_roster
from amends.monitor.services.late_roster import record_late
from amends.policy.selectors import deployment, version_in_force
from amends.recover.queue import defer_open_cases
from amends.recover.services.self_reporting import reported_of_all


@transaction.atomic
def take_roster(entries: Sequence[tuple[str, str, Mapping[str, Any]]], *, now: datetime) -> int:
    """Say who is served by which subject, as `keep_roster` does. Whom it names only after a failure of their subject
    gets the case or the answer that the failure calls for; what is promised to them counts from now.

    Args:
        entries: subject, customer reference, facts.
        now: the present.

    Returns:
        how many entries are kept now, of those given.
    """
    with connection.cursor() as cursor:
        hold_roster(cursor, alone=True)
    kept = keep_roster(entries)
    subjects = sorted({subject for subject, *_ in entries})
    version = version_in_force(deployment().blueprint_name)
    touched = record_late(subjects, reported=reported_of_all(subjects), version=version, now=now)
    defer_open_cases(sorted(touched), now=now)
    return kept
