"""The audit trail writes itself: a trigger a table and statement, one entry for each case that the statement touched.

An entry holds the tracked columns of inserted rows, and of updated rows those that changed. Its digest covers the entry before
it, so nothing can be altered, left out or put in between unseen. Entries and ledger lines can be neither changed nor deleted; only
emptying the whole table, by which a demo is cleared away, is left to the owner of the database.
`python -m benchmarks open_cases` prints what the trail costs.
Whoever writes rows of a case has locked the case's row first; two who did not would meet at the unique (case, number).
"""

from django.db import migrations

TRACKED = {
    "recover_case": (
        "customer_id incident_id unit_id subject kind severity responsible controllable facts what_happened_id cause_id"
        " state is_open opened_at closed_at owner_id blueprint_id"
    ),
    "recover_casefailure": "failure_id",
    "recover_plan": "playbook strategy revision why_id blueprint_id",
    "recover_action": (
        "step kind phase performer channel template remedy amount currency tariff authority justice why_id state ready_at"
        " due_at done_at done_by_id note"
    ),
    "recover_clock": "kind state started_at due_at ended_at owner escalate_to escalated_at",
    "recover_approval": "action_id level amount currency state asked_at asked_by_id why_id decided_at decided_by_id note",
    "recover_remedy": "key action_id kind amount currency granted_at granted_by_id level approval_id blueprint_id",
    "recover_outcome": (
        "accepted satisfaction_before satisfaction_after stays told_others source recorded_at recorded_by_id note"
    ),
}

ENTRY = """
    insert into recover_trailentry (case_id, number, at, actor, act, rows, changes, previous, digest)
    select case_id, number, at, actor, act, '{table}', changes, previous,
        sha256(coalesce(previous, ''::bytea) || convert_to(
            concat_ws('|', case_id, number, extract(epoch from at), actor, act, '{table}', changes::text), 'UTF8'))
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


def case_column(table):
    return "id" if table == "recover_case" else "case_id"


def inserted(table, columns):
    members = ", ".join(f"'{column}', {column}" for column in ["id", *columns])
    return (
        f"select {case_column(table)} as case_id, jsonb_agg(jsonb_build_object({members}) order by id) as changes"
        " from new_rows group by 1"
    )


def updated(table, columns):
    same = "(" + ", ".join(f"fresh.{column}" for column in columns) + ")"
    before = "(" + ", ".join(f"prior.{column}" for column in columns) + ")"
    parts = " || ".join(
        f"case when fresh.{column} is distinct from prior.{column}"
        f" then jsonb_build_object('{column}', fresh.{column}) else '{{}}' end"
        for column in columns
    )
    return (
        f"select fresh.{case_column(table)} as case_id,"
        f" jsonb_agg(jsonb_build_object('id', fresh.id) || {parts} order by fresh.id) as changes"
        f" from new_rows as fresh join old_rows as prior on prior.id = fresh.id"
        f" where {same} is distinct from {before} group by 1"
    )


def triggers(table, columns):
    # a plan made while the trail was empty would scan it for each case ever after: only the index will do
    for event, tables, touched in (
        ("insert", "new table as new_rows", inserted(table, columns)),
        ("update", "old table as old_rows new table as new_rows", updated(table, columns)),
    ):
        name = f"{table}_trail_{event}"
        entry = ENTRY.format(table=table, touched=touched)
        yield (
            f"""
            create function {name}() returns trigger language plpgsql set enable_seqscan = off set timezone = 'UTC'
            as $body$ begin {entry} return null; end $body$;
            create trigger {name} after {event} on {table} referencing {tables}
            for each statement execute function {name}();
            """,
            f"drop trigger {name} on {table}; drop function {name}();",
        )


REFUSE = """
create function recover_append_only() returns trigger language plpgsql as $body$
begin
    raise exception '% is append-only: what is on record stays as it was written', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
create trigger recover_trailentry_append_only before update or delete on recover_trailentry
    for each statement execute function recover_append_only();
create trigger recover_remedy_append_only before update or delete on recover_remedy
    for each statement execute function recover_append_only();
"""
ALLOW = """
drop trigger recover_trailentry_append_only on recover_trailentry;
drop trigger recover_remedy_append_only on recover_remedy;
drop function recover_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("recover", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(forwards, backwards)
            for table, columns in TRACKED.items()
            for forwards, backwards in triggers(table, columns.split())
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
