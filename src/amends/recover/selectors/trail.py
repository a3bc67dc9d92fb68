"""Does the audit trail hold? Its chain, and whether it adds up to the rows as they are (Law 9)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from amends.recover.core.trail import Entry, Rows, fold
from amends.recover.models import TrailEntry

TABLES = (
    "recover_case",
    "recover_casefailure",
    "recover_plan",
    "recover_action",
    "recover_clock",
    "recover_escalation",
    "recover_hold",
    "recover_approval",
    "recover_approvalstep",
    "recover_writtencomplaint",
    "recover_remedy",
    "recover_outcome",
    "recover_receipt",
    "recover_demand",
    "recover_closerlook",
    "recover_note",
    "recover_attachment",
    "recover_tick",
    "recover_timespent",
    "recover_caselink",
    "recover_handover",
    "recover_assessment",
    "recover_edit",
    "recover_rechargeclaim",
)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A place where the trail of a case does not hold."""

    case_id: int
    number: int | None  # of the entry; None: the rows differ from what the trail adds up to
    what: str  # "number", "link", "digest" or the table whose rows differ


def verify_trail(case_ids: Sequence[int]) -> list[Broken]:
    """Where the hash chains of these cases are broken: an entry altered, left out, put in or out of order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select case_id, number, case
                when number <> place then 'number'
                when previous is distinct from before then 'link'
                else 'digest' end
            from (
                select case_id, number, previous, digest,
                    lag(digest) over (partition by case_id order by number) as before,
                    row_number() over (partition by case_id order by number) as place,
                    sha256(coalesce(previous, ''::bytea) || convert_to(concat_ws('|', case_id, number,
                        extract(epoch from at), actor, act, rows, changes), 'UTF8')) as computed
                from recover_trailentry where case_id = any(%s)
            ) as entry
            where number <> place or previous is distinct from before or digest <> computed
            order by case_id, number
            """,
            [list(case_ids)],
        )
        return [Broken(case_id=case_id, number=number, what=what) for case_id, number, what in cursor.fetchall()]


def unexplained(case_ids: Sequence[int]) -> list[Broken]:
    """Where the rows of these cases are not what their trails add up to: changed, or cut off, past the triggers."""
    found = []
    for case_id in case_ids:
        told, there = trail_of(case_id), rows_of(case_id)
        for table in TABLES:
            columns = {id_: set(row) for id_, row in told.get(table, {}).items()}
            seen = {
                id_: {name: value for name, value in row.items() if name in columns.get(id_, row)}
                for id_, row in there[table].items()
            }
            if seen != told.get(table, {}):
                found.append(Broken(case_id=case_id, number=None, what=table))
    return found


def trail_of(case_id: int) -> Rows:
    """The rows of a case as its trail tells them."""
    entries = TrailEntry.objects.filter(case_id=case_id).order_by("number").values_list("number", "rows", "changes")
    return fold(
        Entry(number=number, table=table, changes=tuple(json.loads(changes))) for number, table, changes in entries
    )


def rows_of(case_id: int) -> Rows:
    """The rows of a case as they are."""
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            key = "id" if table == "recover_case" else "case_id"
            cursor.execute(f"select id, to_jsonb(it)::text from {table} as it where {key} = %s", [case_id])
            rows[table] = {}
            for id_, text in cursor.fetchall():
                row = json.loads(text)
                del row["id"]
                rows[table][id_] = row
    return rows
