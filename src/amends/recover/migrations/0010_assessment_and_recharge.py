"""Assessments, edits and recharge claims, kept on record like all rows of a case; an edit stays as it was written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from amends.recover.trail_triggers import triggers

TRACKED = {
    "recover_assessment": (
        "kind severity heard heard_why_id responsible supplier controllable stable gap promised expected perceived"
    ),
    "recover_edit": "action_id aspect before after reason why_id at by_id",
    "recover_rechargeclaim": (
        "unit_id supplier amount currency state opened_at sent_at ended_at recovered decided_by_id note"
    ),
}
APPEND_ONLY = """
create trigger recover_edit_append_only before update or delete on recover_edit
    for each statement execute function recover_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_customer_by_name"),
        ("policy", "0001_initial"),
        ("recover", "0040_case_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(blank=True, max_length=64)),
                (
                    "severity",
                    models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")], null=True),
                ),
                (
                    "heard",
                    models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")], null=True),
                ),
                ("responsible", models.CharField(blank=True, max_length=16)),
                ("supplier", models.CharField(blank=True, max_length=200)),
                ("controllable", models.BooleanField(null=True)),
                ("stable", models.BooleanField(null=True)),
                ("gap", models.CharField(blank=True, max_length=16)),
                ("promised", models.TextField(blank=True)),
                ("expected", models.TextField(blank=True)),
                ("perceived", models.TextField(blank=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assessment", to="recover.case"
                    ),
                ),
                (
                    "heard_why",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.explanation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Edit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("aspect", models.CharField(max_length=24)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "action",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edits",
                        to="recover.action",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
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
                        related_name="edits",
                        to="recover.case",
                    ),
                ),
                (
                    "why",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.explanation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="edit_by_case")],
            },
        ),
        migrations.CreateModel(
            name="RechargeClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("supplier", models.CharField(blank=True, max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("state", models.CharField(max_length=16)),
                ("opened_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("recovered", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("note", models.TextField(blank=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recharge", to="recover.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "-id"], name="recharge_by_state"),
                    models.Index(fields=["unit", "-id", "state"], name="recharge_by_unit"),
                ],
            },
        ),
        *(
            migrations.RunSQL(forwards, backwards)
            for table, columns in TRACKED.items()
            for forwards, backwards in triggers(table, columns)
        ),
        migrations.RunSQL(APPEND_ONLY, "drop trigger recover_edit_append_only on recover_edit"),
    ]
