import datetime

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from amends.policy.together import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("channels", "0001_initial"),
        ("monitor", "0001_initial"),
        ("people", "0001_initial"),
        ("people", "__first__"),
        ("policy", "0001_initial"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Budget",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("currency", models.CharField(max_length=3)),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("spent", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                        (
                            "source",
                            models.CharField(choices=[("staff", "Staff"), ("blueprint", "Blueprint")], max_length=10),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["ends_at"], name="budget_by_end")],
                        "constraints": [
                            models.UniqueConstraint(fields=("unit", "currency", "starts_at"), name="budget_once"),
                            models.CheckConstraint(
                                condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="budget_goes_forward"
                            ),
                            models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="budget_not_negative"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BudgetChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "budget",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="recover.budget"
                            ),
                        ),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("at", models.DateTimeField()),
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
                        ("note", models.CharField(blank=True, max_length=500)),
                    ],
                ),
                migrations.CreateModel(
                    name="BulkRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("act", models.CharField(max_length=32)),
                        ("given", models.JSONField(default=dict)),
                        ("state", models.CharField(max_length=16)),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("prepared_at", models.DateTimeField()),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["by", "-prepared_at"], name="bulk_by_staff")],
                    },
                ),
                migrations.CreateModel(
                    name="CannedReply",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("subject_en", models.CharField(max_length=300)),
                        ("subject_zh", models.CharField(max_length=300)),
                        ("body_en", models.TextField()),
                        ("body_zh", models.TextField()),
                        ("saved_at", models.DateTimeField()),
                        (
                            "saved_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("retired_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("owner", None), ("unit", None), _connector="OR"),
                                name="reply_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentResponse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "incident",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="response",
                                to="monitor.incident",
                            ),
                        ),
                        ("playbook", models.CharField(max_length=100)),
                        (
                            "why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("told_until", models.BigIntegerField(default=0)),
                        ("created_at", models.DateTimeField()),
                        (
                            "blueprint",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="Macro",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("steps", models.JSONField()),
                        ("saved_at", models.DateTimeField()),
                        (
                            "saved_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("retired_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("owner", None), ("unit", None), _connector="OR"),
                                name="macro_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Peers",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=64)),
                        ("tier", models.CharField(blank=True, max_length=32)),
                        ("claims", models.PositiveIntegerField()),
                        ("median", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("deviation", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("reckoned_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("kind", "tier"), name="peers_once")],
                    },
                ),
                migrations.CreateModel(
                    name="SavedView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60)),
                        (
                            "owner",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="saved_views",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("role", models.CharField(blank=True, max_length=16)),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("shared", models.BooleanField(default=False)),
                        ("query", models.CharField(max_length=1000)),
                        ("place", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("shared", True)), fields=["place", "id"], name="saved_view_shared"
                            )
                        ],
                        "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="saved_view_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Team",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_en", models.CharField(max_length=100)),
                        ("name_zh", models.CharField(max_length=100)),
                        (
                            "unit",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("unit", "name_en"), name="team_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Case",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="people.customer",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="monitor.incident",
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
                        ("subject", models.CharField(max_length=300)),
                        ("kind", models.CharField(max_length=64)),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        ("responsible", models.CharField(max_length=16)),
                        ("controllable", models.BooleanField()),
                        ("facts", models.JSONField(default=dict)),
                        (
                            "what_happened",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        (
                            "cause",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("state", models.CharField(max_length=24)),
                        ("is_open", models.BooleanField(default=True)),
                        ("priority", models.FloatField(default=0)),
                        ("leaving", models.DecimalField(db_default=0, decimal_places=2, max_digits=14)),
                        ("opened_at", models.DateTimeField()),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("next_due", models.DateTimeField(blank=True, null=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="recover.team",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=1)),
                        (
                            "blueprint",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["incident"], name="case_by_incident"),
                            models.Index(
                                condition=models.Q(("is_open", True)),
                                fields=["-priority", "-id", "unit", "severity", "state"],
                                name="case_open_priority",
                            ),
                            models.Index(
                                condition=models.Q(("is_open", True), ("leaving__gt", 0)),
                                fields=["-leaving", "-id", "unit", "severity", "state"],
                                name="case_open_leaving",
                            ),
                            models.Index(
                                fields=["-priority", "-id", "unit", "severity", "state"], name="case_by_priority"
                            ),
                            models.Index(
                                condition=models.Q(("is_open", True)),
                                fields=["unit", "-priority", "-id"],
                                name="case_open_unit_priority",
                            ),
                            models.Index(
                                condition=models.Q(("is_open", True)),
                                fields=["next_due", "id", "unit", "severity", "state"],
                                name="case_open_due",
                            ),
                            models.Index(
                                fields=["-opened_at", "-id", "unit", "severity", "state"], name="case_by_opened"
                            ),
                            models.Index(fields=["unit", "-opened_at", "-id"], name="case_unit_opened"),
                            models.Index(fields=["state", "-priority", "-id"], name="case_state_priority"),
                            models.Index(fields=["state", "severity", "-priority", "-id"], name="case_state_severity"),
                            models.Index(
                                condition=models.Q(("owner__isnull", False)),
                                fields=["owner", "-opened_at", "-id"],
                                name="case_by_owner",
                            ),
                            models.Index(
                                condition=models.Q(("is_open", True), ("owner__isnull", False)),
                                fields=["owner", "-priority"],
                                name="case_open_owner",
                            ),
                            models.Index(
                                condition=models.Q(("is_open", True), ("team__isnull", False)),
                                fields=["team", "-priority", "-id"],
                                name="case_open_team",
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("customer", "incident"), name="case_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CaseFamily",
                    fields=[
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="family",
                                serialize=False,
                                to="recover.case",
                            ),
                        ),
                        (
                            "root",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="recover.case"
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="CaseSearch",
                    fields=[
                        (
                            "case",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                primary_key=True,
                                related_name="words",
                                serialize=False,
                                to="recover.case",
                            ),
                        ),
                        ("words", django.contrib.postgres.search.SearchVectorField()),
                    ],
                    options={
                        "indexes": [
                            django.contrib.postgres.indexes.GinIndex(
                                fastupdate=False, fields=["words"], name="case_search"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BulkRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="recover.bulkrun",
                            ),
                        ),
                        ("place", models.PositiveIntegerField()),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        ("state", models.CharField(max_length=16)),
                        ("said_en", models.TextField(blank=True)),
                        ("said_zh", models.TextField(blank=True)),
                        ("at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["run", "place"], name="bulk_row_by_place"),
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["run", "place"],
                                name="bulk_row_waiting",
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("run", "case"), name="bulk_row_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="recover.case",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="channels.message",
                            ),
                        ),
                        ("digest", models.CharField(max_length=64)),
                        ("name", models.CharField(max_length=200)),
                        ("kind", models.CharField(max_length=16)),
                        ("size", models.PositiveIntegerField()),
                        ("added_at", models.DateTimeField()),
                        (
                            "added_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.customer",
                            ),
                        ),
                        ("removed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "removed_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["case", "id"], name="attachment_by_case"),
                            models.Index(fields=["digest"], name="attachment_by_digest"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assessment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessment",
                                to="recover.case",
                            ),
                        ),
                        ("kind", models.CharField(blank=True, max_length=64)),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "light"), (2, "moderate"), (3, "severe")], null=True
                            ),
                        ),
                        (
                            "heard",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "light"), (2, "moderate"), (3, "severe")], null=True
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
                        ("responsible", models.CharField(blank=True, max_length=16)),
                        ("supplier", models.CharField(blank=True, max_length=200)),
                        ("controllable", models.BooleanField(null=True)),
                        ("stable", models.BooleanField(null=True)),
                        ("gap", models.CharField(blank=True, max_length=16)),
                        ("promised", models.TextField(blank=True)),
                        ("expected", models.TextField(blank=True)),
                        ("perceived", models.TextField(blank=True)),
                        ("pressing", models.SmallIntegerField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="CaseFailure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="case_failures",
                                to="recover.case",
                            ),
                        ),
                        (
                            "failure",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="monitor.failure",
                            ),
                        ),
                        (
                            "moved_to",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "failure"), name="case_failure_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CaseLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="recover.case",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="linked_by", to="recover.case"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("related", "Related"),
                                    ("duplicate_of", "Duplicate Of"),
                                    ("caused_by", "Caused By"),
                                    ("merged_into", "Merged Into"),
                                    ("split_from", "Split From"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                        ("at", models.DateTimeField()),
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
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("case", "other", "kind"),
                                name="case_link_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "merged_into")), fields=("case",), name="case_merged_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("case", models.F("other")), _negated=True),
                                name="case_link_to_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Clock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clocks",
                                to="recover.case",
                            ),
                        ),
                        ("kind", models.CharField(max_length=16)),
                        ("number", models.PositiveSmallIntegerField(db_default=1)),
                        ("state", models.CharField(max_length=16)),
                        ("started_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("wake_at", models.DateTimeField(blank=True, null=True)),
                        ("at_risk_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("owner", models.CharField(max_length=16)),
                        ("escalate_to", models.CharField(max_length=16)),
                        ("escalated_at", models.DateTimeField(blank=True, null=True)),
                        ("level", models.PositiveSmallIntegerField(db_default=0)),
                        ("paused_at", models.DateTimeField(blank=True, null=True)),
                        ("remaining", models.DurationField(blank=True, null=True)),
                        ("held", models.DurationField(db_default=datetime.timedelta(0))),
                        (
                            "promised_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ["running", "missed"]), ("wake_at__isnull", False)),
                                fields=["wake_at"],
                                name="clock_wakes",
                            )
                        ],
                        "constraints": [models.UniqueConstraint(fields=("case", "kind", "number"), name="clock_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CloserLook",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closer_looks",
                                to="recover.case",
                            ),
                        ),
                        (
                            "signs",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=32), default=list, size=None
                            ),
                        ),
                        ("in_order", models.BooleanField()),
                        ("note", models.TextField()),
                        ("looked_at", models.DateTimeField()),
                        (
                            "looked_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case"], name="closer_look_by_case")],
                    },
                ),
                migrations.CreateModel(
                    name="Demand",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demands",
                                to="recover.case",
                            ),
                        ),
                        ("asked", models.TextField()),
                        ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        (
                            "why",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("marked_at", models.DateTimeField()),
                        (
                            "marked_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case"], name="demand_by_case")],
                    },
                ),
                migrations.CreateModel(
                    name="Draft",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        ("form", models.CharField(max_length=16)),
                        ("content", models.JSONField()),
                        ("revision", models.PositiveIntegerField(default=1)),
                        ("saved_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("staff", "case", "form"), name="draft_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Escalation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        ("level", models.PositiveSmallIntegerField()),
                        ("since", models.DateTimeField()),
                        (
                            "recipients",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16), size=None
                            ),
                        ),
                        (
                            "staff_ids",
                            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case"], name="escalation_by_case")],
                        "constraints": [
                            models.UniqueConstraint(fields=("clock", "level", "since"), name="escalation_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                        ("needed", models.TextField()),
                        ("asked_at", models.DateTimeField()),
                        (
                            "asked_by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "ended_by",
                            models.CharField(
                                blank=True,
                                choices=[("customer", "Customer"), ("staff", "Staff"), ("done", "Done")],
                                max_length=8,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case"], name="hold_by_case")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("case",),
                                name="hold_one_at_a_time",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="recover.case",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("body", models.TextField()),
                        (
                            "mentioned",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        ("written_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case", "written_at"], name="note_by_case")],
                    },
                ),
                migrations.CreateModel(
                    name="Notice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notices",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        ("what", models.CharField(max_length=24)),
                        ("key", models.CharField(max_length=100)),
                        ("en", models.TextField()),
                        ("zh", models.TextField()),
                        ("at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["staff", "-id"], name="notice_by_staff"),
                            models.Index(fields=["staff", "what", "-id"], name="notice_by_what"),
                            models.Index(
                                condition=models.Q(("seen_at__isnull", True)), fields=["staff"], name="notice_unseen"
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("staff", "key"), name="notice_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="outcome", to="recover.case"
                            ),
                        ),
                        ("accepted", models.BooleanField(null=True)),
                        ("satisfaction_before", models.PositiveSmallIntegerField(null=True)),
                        ("satisfaction_after", models.PositiveSmallIntegerField(null=True)),
                        ("stays", models.BooleanField(null=True)),
                        ("told_others", models.BooleanField(null=True)),
                        (
                            "source",
                            models.CharField(
                                choices=[("customer", "Customer"), ("staff", "Staff"), ("simulated", "Simulated")],
                                max_length=10,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField()),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plan",
                                to="recover.case",
                            ),
                        ),
                        ("playbook", models.CharField(max_length=100)),
                        ("strategy", models.CharField(max_length=32)),
                        ("revision", models.PositiveSmallIntegerField(default=1)),
                        (
                            "why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        (
                            "blueprint",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["strategy", "case"], name="plan_by_strategy")],
                    },
                ),
                migrations.CreateModel(
                    name="Action",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="recover.plan",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="recover.case",
                            ),
                        ),
                        ("step", models.CharField(max_length=100)),
                        ("kind", models.CharField(max_length=24)),
                        ("phase", models.CharField(max_length=16)),
                        ("performer", models.CharField(max_length=16)),
                        ("channel", models.CharField(blank=True, max_length=32)),
                        ("template", models.CharField(blank=True, max_length=100)),
                        ("remedy", models.CharField(blank=True, max_length=16)),
                        ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                        ("currency", models.CharField(blank=True, max_length=3)),
                        ("tariff", models.CharField(blank=True, max_length=100)),
                        ("authority", models.CharField(blank=True, max_length=16)),
                        (
                            "justice",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=16), default=list, size=None
                            ),
                        ),
                        (
                            "why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("state", models.CharField(max_length=16)),
                        ("ready_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("performer", "automatic"), ("state", "ready")),
                                fields=["id"],
                                name="action_to_do",
                            ),
                            models.Index(
                                condition=models.Q(("state", "scheduled")), fields=["ready_at"], name="action_scheduled"
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state", "ready"), models.Q(("performer", "automatic"), _negated=True)
                                ),
                                fields=["case"],
                                name="action_for_people",
                            ),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("case", "step"), name="action_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Approval",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "action",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="approval",
                                to="recover.action",
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="recover.case"
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
                        ("level", models.CharField(max_length=16)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("currency", models.CharField(max_length=3)),
                        ("state", models.CharField(max_length=16)),
                        ("asked_at", models.DateTimeField()),
                        (
                            "asked_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
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
                        ("note", models.TextField(blank=True)),
                        (
                            "assigned_to",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("assigned_role", models.CharField(blank=True, db_default="", max_length=16)),
                        ("assigned_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "assigned_why",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("decide_by", models.DateTimeField(blank=True, null=True)),
                        ("look_at", models.DateTimeField(blank=True, null=True)),
                        ("escalations", models.PositiveSmallIntegerField(db_default=0, default=0)),
                        (
                            "covered_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["asked_at", "id"],
                                name="approval_waiting",
                            ),
                            models.Index(
                                condition=models.Q(("state", "waiting")), fields=["look_at"], name="approval_to_look_at"
                            ),
                            models.Index(
                                condition=models.Q(("state", "waiting")),
                                fields=["assigned_to", "decide_by", "id"],
                                name="approval_assigned",
                            ),
                            models.Index(fields=["asked_by", "-id"], name="approval_asked_by"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApprovalStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "approval",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="recover.approval"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "what",
                            models.CharField(
                                choices=[("assigned", "Assigned"), ("moved", "Moved"), ("escalated", "Escalated")],
                                max_length=12,
                            ),
                        ),
                        (
                            "from_staff",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to_staff",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "why",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("what", "escalated")),
                                fields=["from_staff", "-at"],
                                name="approval_step_from",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Edit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                            "action",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="edits",
                                to="recover.action",
                            ),
                        ),
                        ("aspect", models.CharField(max_length=24)),
                        ("before", models.JSONField(null=True)),
                        ("after", models.JSONField(null=True)),
                        ("reason", models.TextField(blank=True)),
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
                        ("at", models.DateTimeField()),
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
                    ],
                    options={
                        "indexes": [models.Index(fields=["case", "id"], name="edit_by_case")],
                    },
                ),
                migrations.CreateModel(
                    name="Presence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("seen_at", models.DateTimeField()),
                        ("writing", models.BooleanField(default=False)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["seen_at"], name="presence_by_time")],
                        "constraints": [models.UniqueConstraint(fields=("case", "staff"), name="presence_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="recover.case",
                            ),
                        ),
                        ("reference", models.CharField(blank=True, max_length=100)),
                        ("normal", models.CharField(blank=True, max_length=100)),
                        ("digest", models.CharField(blank=True, max_length=64)),
                        ("noted_at", models.DateTimeField()),
                        (
                            "noted_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("normal", ""), _negated=True),
                                fields=["normal"],
                                name="receipt_by_reference",
                            ),
                            models.Index(
                                condition=models.Q(("digest", ""), _negated=True),
                                fields=["digest"],
                                name="receipt_by_digest",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("case", "normal", "digest"), name="receipt_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("normal", ""), _negated=True),
                                    models.Q(("digest", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="receipt_is_something",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RechargeClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="recharge", to="recover.case"
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
                        ("supplier", models.CharField(blank=True, max_length=200)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("currency", models.CharField(max_length=3)),
                        ("state", models.CharField(max_length=16)),
                        ("opened_at", models.DateTimeField()),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("recovered", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
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
                        ("note", models.TextField(blank=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["state", "-id"], name="recharge_by_state"),
                            models.Index(fields=["unit", "-id", "state"], name="recharge_by_unit"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Remedy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=100)),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="remedies",
                                to="recover.case",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="remedies",
                                to="people.customer",
                            ),
                        ),
                        (
                            "action",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="remedies",
                                to="recover.action",
                            ),
                        ),
                        ("kind", models.CharField(max_length=16)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("currency", models.CharField(max_length=3)),
                        ("granted_at", models.DateTimeField()),
                        (
                            "granted_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("level", models.CharField(max_length=64)),
                        (
                            "approval",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.approval",
                            ),
                        ),
                        (
                            "blueprint",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
                        (
                            "covered_by",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("case_before", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                        ("customer_before", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                        ("level_before", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("granted_by__isnull", False)),
                                fields=["granted_by", "granted_at"],
                                name="remedy_by_granter",
                            ),
                            models.Index(fields=["customer", "granted_at"], name="remedy_by_customer"),
                            models.Index(fields=["case"], name="remedy_by_case"),
                            models.Index(fields=["level", "granted_at"], include=("amount",), name="remedy_by_level"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("key",), name="remedy_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Split",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=120)),
                        ("pattern", models.CharField(max_length=16)),
                        ("state", models.CharField(max_length=10)),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="splits",
                                to="recover.case",
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
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.customer",
                            ),
                        ),
                        (
                            "granter",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "approval",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="splits",
                                to="recover.approval",
                            ),
                        ),
                        (
                            "lines",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.BigIntegerField(), default=list, size=None
                            ),
                        ),
                        ("total", models.DecimalField(decimal_places=2, max_digits=14)),
                        ("currency", models.CharField(max_length=3)),
                        ("found_at", models.DateTimeField()),
                        (
                            "why",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("looked_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "looked_by",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["case"], name="split_by_case"),
                            models.Index(
                                condition=models.Q(("state", "open")), fields=["-found_at", "-id"], name="split_open"
                            ),
                            models.Index(fields=["state", "-found_at", "-id"], name="split_by_state"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")), fields=("key",), name="split_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Queue",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_en", models.CharField(max_length=100)),
                        ("name_zh", models.CharField(max_length=100)),
                        (
                            "team",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="queues", to="recover.team"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(default=100)),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "tiers",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "languages",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "severity_least",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "light"), (2, "moderate"), (3, "severe")], default=1
                            ),
                        ),
                        ("is_active", models.BooleanField(default=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_active", True)), fields=["place", "id"], name="queue_by_place"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Handover",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="recover.case"
                            ),
                        ),
                        (
                            "how",
                            models.CharField(
                                choices=[
                                    ("handed_over", "Handed Over"),
                                    ("assigned", "Assigned"),
                                    ("automatic", "Automatic"),
                                    ("next", "Next"),
                                    ("taken", "Taken"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("at", models.DateTimeField()),
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
                            "from_staff",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to_staff",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "to_team",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="recover.team",
                            ),
                        ),
                        (
                            "to_unit",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                        ("note", models.TextField(blank=True)),
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
                        ("seen_at", models.DateTimeField(blank=True, null=True)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("how", "handed_over"), ("seen_at", None), ("undone_at", None)),
                                fields=["to_staff", "case"],
                                name="handover_not_seen",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeamMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="members",
                                to="recover.team",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "languages",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "kinds",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "tiers",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                            ),
                        ),
                        (
                            "severity_most",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "light"), (2, "moderate"), (3, "severe")], default=3
                            ),
                        ),
                        ("most_open", models.PositiveSmallIntegerField(default=20)),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("team", "staff"), name="team_member_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Tick",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ticks",
                                to="recover.case",
                            ),
                        ),
                        ("item", models.CharField(max_length=64)),
                        ("ticked", models.BooleanField()),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "item"), name="tick_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Timer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="recover.case",
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("staff", "case"), name="timer_once")],
                    },
                ),
                migrations.CreateModel(
                    name="TimeSpent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="time_spent",
                                to="recover.case",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("minutes", models.PositiveSmallIntegerField()),
                        ("what", models.CharField(blank=True, max_length=200)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["case", "at"], name="time_by_case")],
                    },
                ),
                migrations.CreateModel(
                    name="TrailEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trail",
                                to="recover.case",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
                        ("actor", models.CharField(max_length=200)),
                        ("act", models.CharField(max_length=100)),
                        ("rows", models.CharField(max_length=32)),
                        ("changes", models.TextField()),
                        ("previous", models.BinaryField(null=True)),
                        ("digest", models.BinaryField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("case", "number"), name="trail_entry_once")],
                    },
                ),
                migrations.CreateModel(
                    name="UndoStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="undo_steps",
                                to="recover.case",
                            ),
                        ),
                        ("act", models.CharField(max_length=32)),
                        ("at", models.DateTimeField()),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("version", models.PositiveIntegerField()),
                        ("before", models.JSONField(default=dict)),
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["by", "-at"], name="undo_by_staff")],
                    },
                ),
                migrations.CreateModel(
                    name="Withheld",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="monitor.incident",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="withheld",
                                to="people.customer",
                            ),
                        ),
                        (
                            "why",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("incident", "customer"), name="withheld_once")],
                    },
                ),
                migrations.CreateModel(
                    name="WrittenComplaint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "case",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="written_complaints",
                                to="recover.case",
                            ),
                        ),
                        ("words", models.TextField()),
                        (
                            "source",
                            models.CharField(
                                choices=[("customer", "Customer"), ("staff", "Staff"), ("machine", "Machine")],
                                max_length=10,
                            ),
                        ),
                        ("given_at", models.DateTimeField()),
                        (
                            "taken_by",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
            ]
        ),
    ]
