"""The audit trail writes itself: a trigger a table and statement, one entry for each case that the statement touched.

An entry holds the tracked columns of inserted rows, and of updated rows those that changed. Its digest covers the entry before
it, so nothing can be altered, left out or put in between unseen. Entries and ledger lines can be neither changed nor deleted; only
emptying the whole table, by which a demo is cleared away, is left to the owner of the database.
`python -m benchmarks open_cases` prints what the trail costs.
Whoever writes rows of a case has locked the case's row first; two who did not would meet at the unique (case, number).
"""

from django.db import migrations

from amends.recover.trail_triggers import triggers

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
            for forwards, backwards in triggers(table, columns)
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
