import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.text
from django.db import migrations, models

from amends.policy.create_models import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("policy", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="MonitorProgress",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("stream", models.CharField(max_length=200, unique=True)),
                        ("state", models.UUIDField(default=uuid.uuid4)),
                        ("position", models.CharField(max_length=64)),
                        ("watermark", models.DateTimeField(null=True)),
                        ("signals", models.BigIntegerField(default=0)),
                        ("duplicates", models.BigIntegerField(default=0)),
                        ("late", models.BigIntegerField(default=0)),
                        ("updated_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=400, unique=True)),
                        ("state", models.CharField(max_length=16)),
                        ("kind", models.CharField(max_length=64)),
                        ("subject", models.CharField(blank=True, max_length=300)),
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
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        ("responsible", models.CharField(max_length=16)),
                        ("controllable", models.BooleanField()),
                        (
                            "explanation",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("customers", models.PositiveIntegerField(default=0)),
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
                            models.Index(fields=["-started_at", "-id"], name="incident_by_start"),
                            models.Index(fields=["unit", "-started_at"], name="incident_by_unit"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Failure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("promise_key", models.CharField(max_length=800, unique=True)),
                        ("standard", models.CharField(blank=True, max_length=100)),
                        ("kind", models.CharField(max_length=64)),
                        ("step", models.CharField(max_length=64)),
                        ("subject", models.CharField(max_length=300)),
                        (
                            "unit",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="failures",
                                to="people.unit",
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("at_risk", "At Risk"),
                                    ("breached", "Breached"),
                                    ("late", "Late"),
                                    ("never", "Never"),
                                    ("violated", "Violated"),
                                    ("averted", "Averted"),
                                    ("reported", "Reported"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("found_at", models.DateTimeField()),
                        ("stage_at", models.DateTimeField()),
                        ("opened_at", models.DateTimeField(null=True)),
                        ("due", models.DateTimeField(null=True)),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        (
                            "severity_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("responsible", models.CharField(max_length=16)),
                        ("controllable", models.BooleanField()),
                        ("stable", models.BooleanField()),
                        (
                            "attribution_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("facts", models.JSONField(default=dict)),
                        ("customers", models.PositiveIntegerField(default=0)),
                        (
                            "incident",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="monitor.incident",
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
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["subject"], name="failure_by_subject", opclasses=["varchar_pattern_ops"]
                            ),
                            models.Index(fields=["incident"], name="failure_by_incident"),
                            models.Index(fields=["-found_at", "-id"], name="failure_by_found"),
                            models.Index(fields=["unit", "-found_at"], name="failure_by_unit"),
                            models.Index(
                                condition=models.Q(("stage", "at_risk")), fields=["due"], name="failure_at_risk"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RosterEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("subject", models.CharField(db_collation="C", max_length=300)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.customer",
                            ),
                        ),
                        ("facts", models.JSONField(default=dict)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                django.contrib.postgres.indexes.OpClass(
                                    django.db.models.functions.text.Upper(
                                        django.db.models.fields.json.KeyTextTransform("order", "facts")
                                    ),
                                    name="text_pattern_ops",
                                ),
                                condition=models.Q(("facts__has_key", "order")),
                                name="roster_by_order",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("subject", "customer"), name="roster_entry_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SetAside",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=200)),
                        ("signal_id", models.CharField(max_length=200)),
                        ("subject", models.CharField(max_length=300)),
                        ("time", models.DateTimeField(null=True)),
                        ("reason", models.CharField(max_length=500)),
                        ("noted_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-noted_at", "-id"], name="set_aside_by_time")],
                        "constraints": [models.UniqueConstraint(fields=("source", "signal_id"), name="set_aside_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Signal",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("source", models.CharField(max_length=200)),
                        ("signal_id", models.CharField(max_length=200)),
                        ("type", models.CharField(max_length=200)),
                        ("subject", models.CharField(max_length=300)),
                        ("time", models.DateTimeField()),
                        ("customer", models.CharField(blank=True, max_length=100, null=True)),
                        ("unit", models.CharField(blank=True, max_length=64, null=True)),
                        ("data", models.JSONField(blank=True, null=True)),
                        ("received_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["subject", "time"], name="signal_by_subject")],
                        "constraints": [models.UniqueConstraint(fields=("source", "signal_id"), name="signal_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Affected",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "failure",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="affected",
                                to="monitor.failure",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="affected",
                                to="people.customer",
                            ),
                        ),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        (
                            "severity_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        ("facts", models.JSONField(default=dict)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["customer"], name="affected_by_customer")],
                        "constraints": [models.UniqueConstraint(fields=("failure", "customer"), name="affected_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Finding",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "failure",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="monitor.failure",
                            ),
                        ),
                        ("what", models.CharField(max_length=8)),
                        ("at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("failure", "what"), name="finding_once")],
                    },
                ),
            ]
        ),
    ]
