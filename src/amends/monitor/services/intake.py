"""Signals and rosters come in: set-wise, durable when the call returns, and what comes twice is kept once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from amends.monitor.core.signal import SignalIn
from amends.monitor.models import INTAKE_LOCK, SetAside


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What became of a batch."""

    accepted: int
    duplicate: int


@transaction.atomic
def accept_signals(events: Sequence[SignalIn], *, now: datetime) -> Accepted:
    """Keep a batch of signals in the order given; one whose (source, id) is there already is counted, not kept again.

    Durable once the outermost transaction has committed. One statement, however many signals. What is there already is
    left out before it gets a number: else ten million duplicates would look like as many signals that wait. `limit 1`
    has each looked up by the index: a plan for all of them together goes by statistics, which know nothing yet of a
    table that has just begun to fill.
    """
    if not events:
        return Accepted(accepted=0, duplicate=0)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock_shared(%s)", [INTAKE_LOCK])
        cursor.execute(
            """
            insert into monitor_signal (source, signal_id, type, subject, time, customer, unit, data, received_at)
            select source, id, type, subject, time, customer, unit, data, %s
            from rows from (json_to_recordset(%s::json) as (source text, id text, type text, subject text,
                    time timestamptz, customer text, unit text, data jsonb)
                ) with ordinality as given (source, id, type, subject, time, customer, unit, data, place)
            left join lateral (
                select true as known from monitor_signal as kept
                where kept.source = given.source and kept.signal_id = given.id limit 1
            ) as kept on true
            where kept.known is null
            order by place
            on conflict (source, signal_id) do nothing
            """,
            [now, json.dumps([_fields(event) for event in events], ensure_ascii=False)],
        )
        kept = cursor.rowcount
    return Accepted(accepted=kept, duplicate=len(events) - kept)


def _fields(event: SignalIn) -> dict[str, Any]:
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "customer": event.customer,
        "unit": event.unit,
        "data": event.data,
    }


def keep_set_aside(rows: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Note signals that the monitor could not judge (source, id, subject, time, reason); each once.

    What has no id, as nobody could read it, is known by its file or topic and its place there (file, row).
    """
    SetAside.objects.bulk_create([_set_aside(row, now=now) for row in rows], ignore_conflicts=True, batch_size=5_000)


def _set_aside(row: Mapping[str, Any], *, now: datetime) -> SetAside:
    named = (row["source"], row["id"]) if row["source"] and row["id"] else (row["file"], str(row["row"]))
    source, signal_id, subject, reason = (
        (text or "").replace("\0", "�")[:most]
        for text, most in zip((*named, row["subject"], row["reason"]), (200, 200, 300, 500), strict=True)
    )
    return SetAside(source=source, signal_id=signal_id, subject=subject, time=row["time"], reason=reason, noted_at=now)


@transaction.atomic
def keep_roster(entries: Iterable[tuple[str, str, Mapping[str, Any]]]) -> int:
    """Say who is served by which subject: (subject, customer reference, facts). What was said before is replaced.

    The customers must be known; entries of unknown ones are left out, so compare the answer with what was given.

    Returns:
        how many entries are kept now, of those given.
    """
    with connection.cursor() as cursor:
        cursor.execute("create temp table given_roster (subject text, reference text, facts jsonb) on commit drop")
        with cursor.copy("copy given_roster from stdin") as copy:
            for subject, reference, facts in entries:
                copy.write_row((subject, reference, json.dumps(facts)))
        cursor.execute(
            """
            insert into monitor_rosterentry (subject, customer_id, facts)
            select distinct on (given.subject, customer.id) given.subject, customer.id, given.facts
            from given_roster as given
            join people_customer as customer on customer.reference = given.reference and customer.staff_id is null
            on conflict (subject, customer_id) do update set facts = excluded.facts
            """
        )
        kept = cursor.rowcount
        cursor.execute("drop table given_roster")
    return kept
