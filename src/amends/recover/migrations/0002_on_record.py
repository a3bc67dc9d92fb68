"""What the database itself keeps: the audit trail, what is never altered or deleted, and what the planner is told.

The trail writes itself: a trigger a table and statement, one entry for each case that the statement touched. Its digest covers
the entry before it, so nothing can be altered, left out or put in between unseen. Entries and ledger lines can be neither changed
nor deleted; only emptying the whole table, by which a demo is cleared away, is left to the owner of the database.
`python -m benchmarks open_cases` prints what the trail costs.

A budget's `spent` is kept by a trigger on the ledger, so no grant passes it by, whoever writes the line. The budgets that a
statement touches are locked in the order of their ids.
"""

from django.db import migrations

from amends.recover.trail_triggers import triggers

ON_RECORD = {
    "recover_case": (
        "customer_id incident_id unit_id subject kind severity responsible controllable facts what_happened_id cause_id"
        " state is_open opened_at closed_at owner_id blueprint_id team_id"
    ),
    "recover_casefailure": "failure_id moved_to_id",
    "recover_plan": "playbook strategy revision why_id blueprint_id",
    "recover_action": (
        "step kind phase performer channel template remedy amount currency tariff authority justice why_id state ready_at"
        " due_at done_at done_by_id note"
    ),
    "recover_clock": (
        "kind state started_at due_at ended_at owner escalate_to escalated_at number at_risk_at level paused_at remaining"
        " held promised_by_id"
    ),
    "recover_approval": (
        "action_id level amount currency state asked_at asked_by_id why_id decided_at decided_by_id note"
        " assigned_to_id assigned_role assigned_at assigned_why_id decide_by escalations covered_by_id"
    ),
    "recover_approvalstep": "approval_id at what from_staff_id to_staff_id why_id",
    "recover_remedy": (
        "key action_id kind amount currency granted_at granted_by_id level approval_id blueprint_id"
        " covered_by_id case_before customer_before level_before"
    ),
    "recover_outcome": (
        "accepted satisfaction_before satisfaction_after stays told_others source recorded_at recorded_by_id note"
    ),
    "recover_assessment": (
        "kind severity heard heard_why_id responsible supplier controllable stable gap promised expected perceived"
        " pressing"
    ),
    "recover_edit": "action_id aspect before after reason why_id at by_id",
    "recover_rechargeclaim": (
        "unit_id supplier amount currency state opened_at sent_at ended_at recovered decided_by_id note"
    ),
    "recover_writtencomplaint": "source given_at taken_by_id",  # the words are the customer's and not for keeping for ever
    "recover_escalation": "clock_id level since recipients staff_ids at",
    "recover_hold": "needed asked_at asked_by_id ended_at ended_by",
    "recover_caselink": "other_id kind note at by_id ended_at",
    "recover_handover": "how at by_id from_staff_id to_staff_id to_team_id to_unit_id note why_id seen_at undone_at",
    "recover_note": "author_id body mentioned written_at",
    "recover_attachment": (
        "message_id digest name kind size added_at added_by_id customer_id removed_at removed_by_id"
    ),
    "recover_tick": "item ticked at by_id",
    "recover_timespent": "staff_id minutes what at",
    "recover_receipt": "reference normal digest noted_at noted_by_id",
    "recover_demand": "asked amount currency why_id marked_at marked_by_id",
    "recover_closerlook": "signs in_order note looked_at looked_by_id",
}
AT_FIRST = {"recover_clock": "kind state started_at due_at owner escalate_to number promised_by_id"}
APPEND_ONLY = ["recover_trailentry", "recover_remedy", "recover_edit", "recover_budgetchange"]

REFUSE = """
create function recover_append_only() returns trigger language plpgsql as $body$
begin
    raise exception '% is append-only: what is on record stays as it was written', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
"""
ALLOW = "drop function recover_append_only()"
STAY = """
create function recover_cases_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'cases are not deleted: a case is closed, merged or withdrawn' using errcode = 'restrict_violation';
end $body$;
create trigger recover_cases_stay before delete on recover_case
    for each statement execute function recover_cases_stay();
"""
LEAVE = "drop trigger recover_cases_stay on recover_case; drop function recover_cases_stay();"
COUNT = """
create function recover_remedy_budget() returns trigger language plpgsql as $body$
begin
    if not exists (select from recover_budget) then return null; end if;
    create temp table if not exists budget_line (budget_id bigint, amount numeric) on commit drop;
    truncate budget_line;
    with span as (select min(granted_at) as first, max(granted_at) as last from new_rows),
    near as materialized (
        select budget.id, budget.currency, budget.starts_at, budget.ends_at, above.path
        from span join recover_budget as budget on budget.ends_at > span.first and budget.starts_at <= span.last
        join people_unit as above on above.id = budget.unit_id
    )
    insert into budget_line
    select near.id, sum(line.amount)
    from new_rows as line
    join recover_case as cases on cases.id = line.case_id
    join people_unit as unit on unit.id = cases.unit_id
    join near on near.currency = line.currency and line.granted_at >= near.starts_at
        and line.granted_at < near.ends_at and starts_with(unit.path, near.path)
    group by near.id;
    perform from recover_budget where id in (select budget_id from budget_line) order by id for no key update;
    update recover_budget as budget set spent = budget.spent + budget_line.amount
    from budget_line where budget_line.budget_id = budget.id;
    return null;
end $body$;
create trigger recover_remedy_budget after insert on recover_remedy referencing new table as new_rows
    for each statement execute function recover_remedy_budget();
"""
UNCOUNT = "drop trigger recover_remedy_budget on recover_remedy; drop function recover_remedy_budget();"
TELL = """
    alter table recover_case alter column unit_id set statistics 1000, alter column owner_id set statistics 1000;
    create statistics recover_case_states (mcv, dependencies) on state, is_open, severity from recover_case
"""
UNTELL = """
    drop statistics recover_case_states;
    alter table recover_case alter column unit_id set statistics default, alter column owner_id set statistics default
"""


class Migration(migrations.Migration):
    dependencies = [("recover", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(forwards, backwards)
            for table, columns in ON_RECORD.items()
            for forwards, backwards in triggers(table, columns, at_first=AT_FIRST.get(table, ""))
        ),
        migrations.RunSQL(REFUSE, ALLOW),
        *(
            migrations.RunSQL(
                f"create trigger {table}_append_only before update or delete on {table}"
                " for each statement execute function recover_append_only()",
                f"drop trigger {table}_append_only on {table}",
            )
            for table in APPEND_ONLY
        ),
        migrations.RunSQL(STAY, LEAVE),
        migrations.RunSQL(COUNT, UNCOUNT),
        migrations.RunSQL(TELL, UNTELL),
        migrations.RunSQL("alter table recover_presence set unlogged", "alter table recover_presence set logged"),
    ]
