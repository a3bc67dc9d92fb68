"""The triggers by which the audit trail writes itself, for use in migrations: one a table, event and statement.

An entry holds, as JSON text, the tracked columns of inserted rows, and of updated rows those that changed. It is text
and not jsonb because the digest covers it letter by letter, and because making it costs half as much.

Whoever writes rows of a case has locked the case's row first; two who did not would meet at the unique (case, number).
"""

from collections.abc import Iterator
from typing import Final

ENTRY: Final = """
    insert into recover_trailentry (case_id, number, at, actor, act, rows, changes, previous, digest)
    select case_id, number, at, actor, act, '{table}', changes, previous,
        sha256(coalesce(previous, ''::bytea) || convert_to(
            concat_ws('|', case_id, number, extract(epoch from at), actor, act, '{table}', changes), 'UTF8'))
    from (
        select touched.case_id, coalesce(last.number, 0) + 1 as number, clock_timestamp() as at,
            coalesce(nullif(current_setting('amends.actor', true), ''), 'database:' || session_user) as actor,
            coalesce(nullif(current_setting('amends.act', true), ''), 'by hand') as act,
            touched.changes, last.digest as previous
        from ({touched}) as touched
        left join lateral (
            select number, digest from recover_trailentry as entry
            where entry.case_id = touched.case_id order by number desc limit 1
        ) as last on true
        offset 0
    ) as entry;
"""


def _case_column(table: str) -> str:
    return "id" if table == "recover_case" else "case_id"


def _member(column: str, row: str) -> str:
    return f"""'"{column}":' || coalesce(to_json({row}.{column})::text, 'null')"""


def _inserted(table: str, columns: list[str]) -> str:
    members = " || ',' || ".join(_member(column, "fresh") for column in ["id", *columns])
    return (
        f"select fresh.{_case_column(table)} as case_id,"
        f" '[' || string_agg('{{' || {members} || '}}', ',' order by fresh.id) || ']' as changes"
        " from new_rows as fresh group by 1"
    )


def _updated(table: str, columns: list[str]) -> str:
    same = "(" + ", ".join(f"fresh.{column}" for column in columns) + ")"
    before = "(" + ", ".join(f"prior.{column}" for column in columns) + ")"
    members = ", ".join(
        f"case when fresh.{column} is distinct from prior.{column} then {_member(column, 'fresh')} end"
        for column in columns
    )
    return (
        f"select fresh.{_case_column(table)} as case_id, '[' || string_agg("
        f"'{{' || concat_ws(',', {_member('id', 'fresh')}, {members}) || '}}', ',' order by fresh.id) || ']' as changes"
        f" from new_rows as fresh join old_rows as prior on prior.id = fresh.id"
        f" where {same} is distinct from {before} group by 1"
    )


def triggers(table: str, columns: str, *, at_first: str = "") -> Iterator[tuple[str, str]]:
    """The statements that begin and end keeping a table on record: those of these columns, named in one string.

    Of rows as they are inserted, only the columns `at_first` are kept where the others begin with their defaults.
    """
    names = columns.split()
    # A plan stays for as long as the session. One made while the trail was empty would scan it for each case ever
    # after, so only the index will do; one made for a single row would match many rows each with each, so no loop.
    for event, tables, touched in (
        ("insert", "new table as new_rows", _inserted(table, at_first.split() or names)),
        ("update", "old table as old_rows new table as new_rows", _updated(table, names)),
    ):
        name = f"{table}_trail_{event}"
        entry = ENTRY.format(table=table, touched=touched)
        yield (
            f"""
            create function {name}() returns trigger language plpgsql set enable_seqscan = off set enable_nestloop = off
            set timezone = 'UTC'
            as $body$ begin {entry} return null; end $body$;
            create trigger {name} after {event} on {table} referencing {tables}
            for each statement execute function {name}();
            """,
            f"drop trigger {name} on {table}; drop function {name}();",
        )
