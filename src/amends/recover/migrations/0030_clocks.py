"""Clocks that can be promised again, warn, pause and call level by level; what it costs to leave a case.

One index serves all that time brings about: it holds the next moment of each clock, instead of when it is due.
The audit trail takes up the new columns of clocks; of fresh clocks it keeps what differs from clock to clock.
"""

from datetime import timedelta

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from amends.recover.trail_triggers import triggers

CLOCK_BEFORE = "kind state started_at due_at ended_at owner escalate_to escalated_at"
CLOCK_AT_FIRST = "kind state started_at due_at owner escalate_to number promised_by_id"
CLOCK = f"{CLOCK_BEFORE} number at_risk_at level paused_at remaining held promised_by_id"
ESCALATION = "clock_id level since recipients staff_ids at"
HOLD = "needed asked_at asked_by_id ended_at ended_by"

WAKE = "update recover_clock set wake_at = due_at where state = 'running'"


def _new_triggers(table: str, columns: str, *, at_first: str = "") -> list[migrations.RunSQL]:
    return [migrations.RunSQL(*pair) for pair in triggers(table, columns, at_first=at_first)]


class Migration(migrations.Migration):
    dependencies = [
        ("recover", "0020_leave"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="clock", name="clock_once"),
        migrations.RemoveIndex(model_name="clock", name="clock_running"),
        migrations.AddField(
            model_name="case",
            name="leaving",
            field=models.DecimalField(db_default=0, decimal_places=2, max_digits=14),
        ),
        migrations.AddField(model_name="clock", name="at_risk_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(model_name="clock", name="held", field=models.DurationField(db_default=timedelta(0))),
        migrations.AddField(model_name="clock", name="level", field=models.PositiveSmallIntegerField(db_default=0)),
        migrations.AddField(model_name="clock", name="number", field=models.PositiveSmallIntegerField(db_default=1)),
        migrations.AddField(model_name="clock", name="paused_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            model_name="clock",
            name="promised_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(model_name="clock", name="remaining", field=models.DurationField(blank=True, null=True)),
        migrations.AddField(model_name="clock", name="wake_at", field=models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(WAKE, migrations.RunSQL.noop),
        migrations.RunSQL("set constraints all immediate; set constraints all deferred", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=Q(wake_at__isnull=False, state__in=["running", "missed"]),
                fields=["wake_at"],
                name="clock_wakes",
            ),
        ),
        migrations.AddConstraint(
            model_name="clock",
            constraint=models.UniqueConstraint(fields=("case", "kind", "number"), name="clock_once"),
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("since", models.DateTimeField()),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), size=None),
                ),
                (
                    "staff_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="recover.case",
                    ),
                ),
                (
                    "clock",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="recover.clock",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case"], name="escalation_by_case")],
                "constraints": [models.UniqueConstraint(fields=("clock", "level", "since"), name="escalation_once")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("needed", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[("customer", "Customer"), ("staff", "Staff"), ("done", "Done")],
                        max_length=8,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="recover.case",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case"], name="hold_by_case")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(("ended_at__isnull", True)), fields=("case",), name="hold_one_at_a_time"
                    )
                ],
            },
        ),
        *(migrations.RunSQL(backwards, forwards) for forwards, backwards in triggers("recover_clock", CLOCK_BEFORE)),
        *_new_triggers("recover_clock", CLOCK, at_first=CLOCK_AT_FIRST),
        *_new_triggers("recover_escalation", ESCALATION),
        *_new_triggers("recover_hold", HOLD),
    ]
