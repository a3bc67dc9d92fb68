"""Leave, in full: whom an approval waits for and by when, how it got there, the rule that covered each grant, unit budgets,
sums that look split, complaints in writing.

A budget's `spent` is kept by a trigger on the ledger, so no grant passes it by, whoever writes the line. The budgets that a
statement touches are locked in the order of their ids.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from amends.recover.trail_triggers import triggers

APPROVAL = "action_id level amount currency state asked_at asked_by_id why_id decided_at decided_by_id note"
REMEDY = "key action_id kind amount currency granted_at granted_by_id level approval_id blueprint_id"
MORE = {
    "recover_approval": (
        APPROVAL,
        f"{APPROVAL} assigned_to_id assigned_role assigned_at assigned_why_id decide_by escalations covered_by_id",
    ),
    "recover_remedy": (REMEDY, f"{REMEDY} covered_by_id case_before customer_before level_before"),
}
NEW = {
    "recover_approvalstep": "approval_id at what from_staff_id to_staff_id why_id",
    "recover_writtencomplaint": "source given_at taken_by_id",  # the words are the customer's and not for keeping for ever
}

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
create trigger recover_budgetchange_append_only before update or delete on recover_budgetchange
    for each statement execute function recover_append_only();
"""
UNCOUNT = """
drop trigger recover_budgetchange_append_only on recover_budgetchange;
drop trigger recover_remedy_budget on recover_remedy;
drop function recover_remedy_budget();
"""


def _trail():
    for table, (before, after) in MORE.items():
        for forwards, backwards in triggers(table, before):
            yield migrations.RunSQL(backwards, forwards)
        for forwards, backwards in triggers(table, after):
            yield migrations.RunSQL(forwards, backwards)
    for table, columns in NEW.items():
        for forwards, backwards in triggers(table, columns):
            yield migrations.RunSQL(forwards, backwards)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_absences"),
        ("policy", "0001_initial"),
        ("recover", "0010_assessment_and_recharge"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        choices=[("assigned", "Assigned"), ("moved", "Moved"), ("escalated", "Escalated")],
                        max_length=12,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("spent", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("source", models.CharField(choices=[("staff", "Staff"), ("blueprint", "Blueprint")], max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name="BudgetChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Split",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=120)),
                ("pattern", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=10)),
                (
                    "lines",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("found_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="WrittenComplaint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                (
                    "source",
                    models.CharField(
                        choices=[("customer", "Customer"), ("staff", "Staff"), ("machine", "Machine")], max_length=10
                    ),
                ),
                ("given_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="approval",
            name="assigned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="assigned_role",
            field=models.CharField(blank=True, db_default="", max_length=16),
        ),
        migrations.AddField(
            model_name="approval",
            name="assigned_to",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="assigned_why",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="covered_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="decide_by",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="approval",
            name="escalations",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="approval",
            name="look_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="remedy",
            name="case_before",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="remedy",
            name="covered_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="customer_before",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddField(
            model_name="remedy",
            name="level_before",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["look_at"], name="approval_to_look_at"
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["assigned_to", "decide_by", "id"],
                name="approval_assigned",
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["asked_by", "-id"], name="approval_asked_by"),
        ),
        migrations.AddIndex(
            model_name="remedy",
            index=models.Index(
                condition=models.Q(("granted_by__isnull", False)),
                fields=["granted_by", "granted_at"],
                name="remedy_by_granter",
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="approval",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="recover.approval"
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="recover.case"
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="from_staff",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="to_staff",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="approvalstep",
            name="why",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.explanation"
            ),
        ),
        migrations.AddField(
            model_name="budget",
            name="unit",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.unit"
            ),
        ),
        migrations.AddField(
            model_name="budgetchange",
            name="budget",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="recover.budget"
            ),
        ),
        migrations.AddField(
            model_name="budgetchange",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="approval",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="splits", to="recover.approval"
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="splits", to="recover.case"
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="customer",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.customer"
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="granter",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="looked_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.unit",
            ),
        ),
        migrations.AddField(
            model_name="split",
            name="why",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.explanation"
            ),
        ),
        migrations.AddField(
            model_name="writtencomplaint",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="written_complaints", to="recover.case"
            ),
        ),
        migrations.AddField(
            model_name="writtencomplaint",
            name="taken_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="approvalstep",
            index=models.Index(
                condition=models.Q(("what", "escalated")), fields=["from_staff", "-at"], name="approval_step_from"
            ),
        ),
        migrations.AddIndex(
            model_name="budget",
            index=models.Index(fields=["ends_at"], name="budget_by_end"),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.UniqueConstraint(fields=("unit", "currency", "starts_at"), name="budget_once"),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="budget_goes_forward"
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="budget_not_negative"),
        ),
        migrations.AddIndex(
            model_name="split",
            index=models.Index(fields=["case"], name="split_by_case"),
        ),
        migrations.AddIndex(
            model_name="split",
            index=models.Index(condition=models.Q(("state", "open")), fields=["-found_at", "-id"], name="split_open"),
        ),
        migrations.AddIndex(
            model_name="split",
            index=models.Index(fields=["state", "-found_at", "-id"], name="split_by_state"),
        ),
        migrations.AddConstraint(
            model_name="split",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("key",), name="split_once"
            ),
        ),
        *_trail(),
        migrations.RunSQL(COUNT, UNCOUNT),
    ]
