import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from amends.policy.together import Together


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("policy", "0001_initial"),
    ]

    operations = [
        Together(
            [
                migrations.CreateModel(
                    name="Board",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("version", models.BigIntegerField(default=0)),
                        ("wanted_until", models.DateTimeField(null=True)),
                        ("published_at", models.DateTimeField(null=True)),
                    ],
                ),
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
                        ("since", models.DateTimeField(null=True)),
                        ("signals", models.BigIntegerField(default=0)),
                        ("duplicates", models.BigIntegerField(default=0)),
                        ("late", models.BigIntegerField(default=0)),
                        ("read_to", models.BigIntegerField(default=0)),
                        ("per_second", models.FloatField(default=0)),
                        ("updated_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="StandardGuard",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100, unique=True)),
                        ("state", models.CharField(max_length=16)),
                        ("minute", models.DateTimeField(null=True)),
                        ("findings", models.PositiveIntegerField(default=0)),
                        ("most", models.PositiveIntegerField(default=0)),
                        ("limit", models.PositiveIntegerField(default=0)),
                        ("held_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="BoardCount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100)),
                        ("unit", models.CharField(max_length=64)),
                        ("open", models.PositiveIntegerField()),
                        ("at_risk", models.PositiveIntegerField()),
                        ("overdue", models.PositiveIntegerField()),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("standard", "unit"), name="board_count_once")],
                    },
                ),
                migrations.CreateModel(
                    name="BoardPromise",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100)),
                        ("seq", models.BigIntegerField()),
                        ("subject", models.CharField(max_length=300)),
                        ("unit", models.CharField(max_length=64)),
                        ("customer", models.CharField(blank=True, max_length=100)),
                        ("opened_at", models.DateTimeField()),
                        ("due", models.DateTimeField()),
                        ("warn_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["due"], name="board_promise_by_due")],
                        "constraints": [models.UniqueConstraint(fields=("standard", "seq"), name="board_promise_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Closure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(blank=True, max_length=200)),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("reason_en", models.CharField(max_length=300)),
                        ("reason_zh", models.CharField(max_length=300)),
                        ("entered_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(null=True)),
                        (
                            "entered_by",
                            models.ForeignKey(
                                db_index=False,
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
                        (
                            "withdrawn_by",
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
                        "indexes": [models.Index(fields=["-ends_at", "-id"], name="closure_by_end")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("unit__isnull", True), models.Q(("resource", ""), _negated=True)),
                                    models.Q(("unit__isnull", False), ("resource", "")),
                                    _connector="OR",
                                ),
                                name="closure_of_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="closure_ends_after_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HeldFinding",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("standard", models.CharField(max_length=100)),
                        ("promise_key", models.CharField(max_length=800)),
                        ("what", models.CharField(max_length=16)),
                        ("at", models.DateTimeField()),
                        ("finding", models.JSONField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("wanted", "Wanted"),
                                    ("taken", "Taken"),
                                    ("left", "Left"),
                                ],
                                default="waiting",
                                max_length=8,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state__in", ("waiting", "wanted"))),
                                fields=["standard", "state", "at"],
                                name="held_to_come",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("promise_key", "what", "at"), name="held_finding_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoryFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("path", models.CharField(max_length=200, unique=True)),
                        ("day", models.DateField()),
                        ("first", models.BigIntegerField()),
                        ("last", models.BigIntegerField()),
                        ("signals", models.PositiveBigIntegerField()),
                        ("size", models.PositiveBigIntegerField()),
                        ("received_to", models.DateTimeField()),
                        ("pruned", models.BooleanField(default=False)),
                        ("lost", models.PositiveBigIntegerField(default=0)),
                        ("fault", models.CharField(blank=True, max_length=500)),
                        ("written_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["day", "first"], name="history_by_day"),
                            models.Index(fields=["last"], name="history_by_last"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HistoryProgress",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.BigIntegerField(default=0)),
                        ("pruned_to", models.BigIntegerField(default=0)),
                        ("trouble", models.CharField(blank=True, max_length=32)),
                        ("troubled_at", models.DateTimeField(null=True)),
                        ("written_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="history_is_one_row")
                        ],
                    },
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
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        ("responsible", models.CharField(max_length=16)),
                        ("controllable", models.BooleanField()),
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
                        (
                            "gathered_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
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
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["-started_at", "-id"], name="incident_by_start"),
                            models.Index(fields=["unit", "-started_at"], name="incident_by_unit"),
                            models.Index(
                                condition=models.Q(("merged_into__isnull", False)),
                                fields=["merged_into"],
                                name="incident_by_merged_into",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IntakeFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("way", models.CharField(choices=[("folder", "Folder"), ("upload", "Upload")], max_length=8)),
                        ("name", models.CharField(max_length=255)),
                        ("size", models.BigIntegerField()),
                        ("mark", models.CharField(max_length=64)),
                        ("state", models.CharField(max_length=10)),
                        ("given", models.JSONField(default=dict)),
                        ("total", models.BigIntegerField(null=True)),
                        ("done", models.BigIntegerField(default=0)),
                        ("accepted", models.BigIntegerField(default=0)),
                        ("duplicate", models.BigIntegerField(default=0)),
                        ("rejected", models.BigIntegerField(default=0)),
                        ("said_en", models.CharField(blank=True, max_length=500)),
                        ("said_zh", models.CharField(blank=True, max_length=500)),
                        ("came_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
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
                        "indexes": [
                            models.Index(fields=["-came_at", "-id"], name="intake_file_by_time"),
                            models.Index(fields=["by", "-came_at"], name="intake_file_by_person"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("way", "folder")), fields=("mark",), name="intake_file_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ParkedMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("topic", models.CharField(max_length=249)),
                        ("partition", models.PositiveIntegerField()),
                        ("offset", models.BigIntegerField()),
                        ("key", models.BinaryField(null=True)),
                        ("value", models.BinaryField(null=True)),
                        ("size", models.BigIntegerField()),
                        ("said_en", models.CharField(max_length=500)),
                        ("said_zh", models.CharField(max_length=500)),
                        ("parked_at", models.DateTimeField()),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-parked_at", "-id"], name="parked_message_by_time")],
                        "constraints": [
                            models.UniqueConstraint(fields=("topic", "partition", "offset"), name="parked_message_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RateWindow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100)),
                        ("subject", models.CharField(max_length=300)),
                        ("place", models.CharField(blank=True, max_length=64)),
                        ("start", models.DateTimeField()),
                        ("end", models.DateTimeField()),
                        ("at", models.DateTimeField()),
                        ("number", models.FloatField()),
                        ("total", models.FloatField()),
                        ("value", models.FloatField()),
                        ("centre", models.FloatField()),
                        ("lower", models.FloatField()),
                        ("upper", models.FloatField()),
                        ("statistic", models.FloatField()),
                        ("bound", models.FloatField()),
                        ("out", models.BooleanField()),
                        (
                            "unit",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.unit",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["start"], name="rate_window_by_start")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("standard", "subject", "place", "start"), name="rate_window_once"
                            )
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
                        ("facts", models.JSONField(default=dict)),
                        (
                            "customer",
                            models.ForeignKey(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="people.customer",
                            ),
                        ),
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
                    name="SourceClock",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=200, unique=True)),
                        ("heard_at", models.DateTimeField()),
                        ("hour", models.DateTimeField()),
                        ("signals", models.BigIntegerField(default=0)),
                        ("least", models.DurationField(null=True)),
                        ("most", models.DurationField(null=True)),
                        ("refused", models.BigIntegerField(default=0)),
                        ("furthest", models.DurationField(null=True)),
                        ("before", models.JSONField(default=dict)),
                        ("measured_to", models.BigIntegerField(default=0)),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-heard_at", "source"], name="source_clock_by_time")],
                    },
                ),
                migrations.CreateModel(
                    name="StreamPosition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("topic", models.CharField(max_length=249)),
                        ("partition", models.PositiveIntegerField()),
                        ("position", models.BigIntegerField()),
                        ("updated_at", models.DateTimeField()),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("topic", "partition"), name="stream_position_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Backtest",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("state", models.CharField(max_length=16)),
                        ("standard", models.CharField(max_length=100)),
                        ("text", models.TextField()),
                        ("draft", models.JSONField()),
                        ("digest", models.CharField(max_length=64)),
                        ("since", models.DateTimeField()),
                        ("until", models.DateTimeField()),
                        ("plan", models.JSONField()),
                        ("arrived_to", models.BigIntegerField()),
                        ("parts", models.PositiveIntegerField()),
                        ("parts_done", models.PositiveIntegerField(default=0)),
                        ("signals", models.PositiveBigIntegerField(default=0)),
                        ("result", models.JSONField(null=True)),
                        ("said_en", models.TextField(blank=True)),
                        ("said_zh", models.TextField(blank=True)),
                        ("asked_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        (
                            "against",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.blueprintversion",
                            ),
                        ),
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
                        "indexes": [
                            models.Index(fields=["-asked_at", "-id"], name="backtest_by_time"),
                            models.Index(fields=["digest"], name="backtest_by_draft"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Candidate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=100, unique=True)),
                        (
                            "basis",
                            models.CharField(choices=[("upstream", "Upstream"), ("words", "Words")], max_length=8),
                        ),
                        ("resource", models.CharField(blank=True, max_length=200)),
                        ("state", models.CharField(max_length=16)),
                        ("kind", models.CharField(max_length=64)),
                        ("began_at", models.DateTimeField()),
                        ("last_at", models.DateTimeField()),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("subjects", models.PositiveIntegerField(default=0)),
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
                            "why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="candidates",
                                to="monitor.incident",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["state", "-last_at", "-id"], name="candidate_by_state"),
                            models.Index(fields=["-last_at", "-id"], name="candidate_by_time"),
                            models.Index(fields=["resource", "-last_at"], name="candidate_by_resource"),
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
                            "stage",
                            models.CharField(
                                choices=[
                                    ("at_risk", "At Risk"),
                                    ("breached", "Breached"),
                                    ("late", "Late"),
                                    ("never", "Never"),
                                    ("violated", "Violated"),
                                    ("beyond", "Beyond"),
                                    ("skipped", "Skipped"),
                                    ("out_of_order", "Out Of Order"),
                                    ("silent", "Silent"),
                                    ("repeated", "Repeated"),
                                    ("complained", "Complained"),
                                    ("averted", "Averted"),
                                    ("reported", "Reported"),
                                ],
                                max_length=16,
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
                        ("responsible", models.CharField(max_length=16)),
                        ("controllable", models.BooleanField()),
                        ("stable", models.BooleanField()),
                        ("facts", models.JSONField(default=dict)),
                        ("customers", models.PositiveIntegerField(default=0)),
                        ("voiced_at", models.DateTimeField(null=True)),
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
                        (
                            "belongs_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
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
                            "closure",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="failures",
                                to="monitor.closure",
                            ),
                        ),
                        (
                            "closure_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
                            ),
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
                            "joined",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joiners",
                                to="monitor.incident",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                fields=["subject"], name="failure_by_subject", opclasses=["varchar_pattern_ops"]
                            ),
                            models.Index(fields=["incident"], name="failure_by_incident"),
                            models.Index(
                                condition=models.Q(("joined__isnull", False)),
                                fields=["joined"],
                                name="failure_by_joined",
                            ),
                            models.Index(
                                condition=models.Q(("closure__isnull", False)),
                                fields=["closure", "-found_at"],
                                name="failure_by_closure",
                            ),
                            models.Index(fields=["-found_at", "-id"], name="failure_by_found"),
                            models.Index(fields=["unit", "-found_at"], name="failure_by_unit"),
                            models.Index(
                                condition=models.Q(("stage", "at_risk")), fields=["due"], name="failure_at_risk"
                            ),
                            models.Index(fields=["standard", "-found_at"], name="failure_by_standard"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Excursion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100)),
                        ("subject", models.CharField(max_length=300)),
                        ("place", models.CharField(blank=True, max_length=64)),
                        ("window_start", models.DateTimeField()),
                        ("window_end", models.DateTimeField()),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("evidence", models.JSONField()),
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
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="excursions",
                                to="monitor.incident",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [
                            models.Index(fields=["unit", "window_start"], name="excursion_by_unit"),
                            models.Index(fields=["standard", "-began_at"], name="excursion_by_standard"),
                            models.Index(
                                condition=models.Q(("ended_at", None)), fields=["incident"], name="excursion_going_on"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("standard", "subject", "place", "window_start"), name="excursion_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="KeptCount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("standard", models.CharField(max_length=100)),
                        ("hour", models.DateTimeField()),
                        ("unit", models.CharField(max_length=64)),
                        ("kept", models.PositiveIntegerField()),
                        ("broken", models.PositiveIntegerField()),
                        (
                            "stream",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="monitor.monitorprogress",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("stream", "standard", "hour", "unit"), name="kept_count_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RejectedRow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("row", models.BigIntegerField()),
                        ("said_en", models.CharField(max_length=500)),
                        ("said_zh", models.CharField(max_length=500)),
                        ("cells", models.JSONField(default=list)),
                        (
                            "file",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rows",
                                to="monitor.intakefile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("file", "row"), name="rejected_row_once")],
                    },
                ),
                migrations.CreateModel(
                    name="UploadPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("data", models.BinaryField()),
                        (
                            "file",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parts",
                                to="monitor.intakefile",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("file", "number"), name="upload_part_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CandidateMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("left_out", models.BooleanField(default=False)),
                        (
                            "candidate",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="monitor.candidate",
                            ),
                        ),
                        (
                            "failure",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proposed",
                                to="monitor.failure",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(fields=("candidate", "failure"), name="candidate_member_once")
                        ],
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
                            "severity",
                            models.PositiveSmallIntegerField(choices=[(1, "light"), (2, "moderate"), (3, "severe")]),
                        ),
                        ("facts", models.JSONField(default=dict)),
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
                            "severity_why",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="policy.explanation",
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
                        ("what", models.CharField(max_length=16)),
                        ("at", models.DateTimeField()),
                        (
                            "failure",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="findings",
                                to="monitor.failure",
                            ),
                        ),
                    ],
                    options={
                        "constraints": [models.UniqueConstraint(fields=("failure", "what", "at"), name="finding_once")],
                    },
                ),
                migrations.CreateModel(
                    name="HangsOn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("resource", models.CharField(max_length=200)),
                        ("at", models.DateTimeField()),
                        (
                            "failure",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="resources",
                                to="monitor.failure",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["resource", "at"], name="hangs_on_by_resource")],
                        "constraints": [models.UniqueConstraint(fields=("failure", "resource"), name="hangs_on_once")],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentAct",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("act", models.CharField(max_length=32)),
                        ("standard", models.CharField(blank=True, max_length=100)),
                        ("at", models.DateTimeField()),
                        ("note", models.CharField(blank=True, max_length=500)),
                        ("details", models.JSONField(default=dict)),
                        (
                            "by",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "candidate",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="monitor.candidate",
                            ),
                        ),
                        (
                            "closure",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="monitor.closure",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to="monitor.incident",
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["-at", "-id"], name="incident_act_by_time")],
                    },
                ),
                migrations.CreateModel(
                    name="Said",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("words", models.TextField()),
                        ("at", models.DateTimeField()),
                        (
                            "failure",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="said", to="monitor.failure"
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["at"], name="said_by_time")],
                    },
                ),
                migrations.CreateModel(
                    name="SelfReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("words", models.CharField(blank=True, max_length=500)),
                        ("at", models.DateTimeField()),
                        (
                            "failure",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="self_report",
                                to="monitor.failure",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="self_reports",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "indexes": [models.Index(fields=["reporter", "-at"], name="self_report_by_reporter")],
                    },
                ),
            ],
        ),
    ]
