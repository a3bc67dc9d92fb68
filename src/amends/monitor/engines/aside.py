"""Setting signals aside with a reason: never dropped unseen. It works on the batch of the step that runs."""

from typing import Final

import duckdb
import pyarrow as pa

from amends.monitor.core.standard import Due, DueAt, Standards

LATE: Final = "late: "  # what the reason of a late signal begins with, and of no unreadable one
_COLUMNS = 'id, source, type, subject, make_timestamptz("at"), customer, unit'


def set_aside_unjudged(connection: duckdb.DuckDBPyConnection, step: int) -> None:
    """The late and the unreadable of the batch."""
    connection.execute(
        f"""
        INSERT INTO set_aside
        SELECT $step, seq, {_COLUMNS}, coalesce(data, unread),
            CASE fate WHEN 'unreadable' THEN fault
                ELSE '{LATE}older than the watermark '
                    || strftime(make_timestamp(watermark), '%Y-%m-%dT%H:%M:%S.%fZ') END,
            file, "row"
        FROM told WHERE fate IN ('late', 'unreadable')
        """,
        {"step": step},
    )


def set_aside_without_due(
    connection: duckdb.DuckDBPyConnection, openings: pa.Table, step: int, *, first: int, standards: Standards
) -> int:
    """The openings' signals, as seq and standard, whose due time cannot be told, and the revisions of the batch (from
    seq `first`) of which it cannot either: the revisions out of the log, and the signals aside.

    Such a signal still counts for the other standards. Gives the number of signals.
    """
    where = {"first": first}
    revisions = "FROM moves WHERE seq >= $first AND due IS NULL AND NOT cancels"
    row = connection.execute(f"SELECT count(*) {revisions}", where).fetchone()
    if not openings.num_rows and not (row and row[0]):
        return 0
    unclear = {"seq": openings["seq"].to_pylist(), "standard": openings["standard"].to_pylist()}
    no_due = "SELECT unnest($seq::BIGINT[]) AS seq, unnest($standard::VARCHAR[]) AS standard, FALSE AS moves"
    without = f"({no_due} UNION ALL SELECT seq, standard, TRUE {revisions})"
    reasons = reasons_without_due(standards)
    connection.execute(
        f"""
        INSERT INTO set_aside
        SELECT $step, told.seq, {_COLUMNS}, data, reason, file, "row"
        FROM told JOIN (
            SELECT seq, string_agg(reason, '; ' ORDER BY reason) AS reason
            FROM {without} JOIN (
                SELECT unnest($of::VARCHAR[]) AS standard, unnest($moves::BOOLEAN[]) AS moves,
                    unnest($reasons::VARCHAR[]) AS reason
            ) USING (standard, moves) GROUP BY seq
        ) unclear ON told.seq = unclear.seq
        """,
        where
        | unclear
        | {"step": step, "of": [one["standard"] for one in reasons], "moves": [one["moves"] for one in reasons]}
        | {"reasons": [one["reason"] for one in reasons]},
    )
    row = connection.execute(f"SELECT count(DISTINCT seq) FROM {without}", where | unclear).fetchone()
    connection.execute(f"DELETE {revisions}", where)
    assert row is not None  # noqa: S101  an aggregate has a row
    return int(row[0])


def reasons_without_due(standards: Standards) -> list[dict[str, object]]:
    """Why an opening or a revision (`moves`) of a standard has no due time."""
    return [
        {
            "standard": p.id,
            "moves": False,
            "reason": f"standard {p.id}: {_why_no_due(p.due)}, so the promise cannot be judged",
        }
        for p in standards.promises
    ] + [
        {
            "standard": p.id,
            "moves": True,
            "reason": f"standard {p.id}: {_why_no_due(p.revises.due)}, so nothing is revised",
        }
        for p in standards.promises
        if p.revises is not None
    ]


def _why_no_due(due: Due) -> str:
    if isinstance(due, DueAt):
        return f"{due.at} is missing or no time"
    return "the due time lies outside the calendar"
