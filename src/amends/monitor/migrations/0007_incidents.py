"""What failures hang on, candidates, closures, guards; what people do with them is append-only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ONLY_ADDED = """
create function monitor_incident_acts_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'what was done stays on record' using errcode = 'restrict_violation';
end $body$;
create trigger monitor_incident_acts_stay before update or delete on monitor_incidentact
    for each statement execute function monitor_incident_acts_stay();
"""
FREE = "drop trigger monitor_incident_acts_stay on monitor_incidentact; drop function monitor_incident_acts_stay();"


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0006_history"),
        ("people", "0003_customers_change_in_place"),
        ("policy", "0002_what_decided_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Candidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                ("basis", models.CharField(choices=[("upstream", "Upstream"), ("words", "Words")], max_length=8)),
                ("resource", models.CharField(blank=True, max_length=200)),
                ("state", models.CharField(max_length=16)),
                ("kind", models.CharField(max_length=64)),
                ("began_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("failures", models.PositiveIntegerField(default=0)),
                ("subjects", models.PositiveIntegerField(default=0)),
                ("customers", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="CandidateMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("left_out", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resource", models.CharField(blank=True, max_length=200)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason_en", models.CharField(max_length=300)),
                ("reason_zh", models.CharField(max_length=300)),
                ("entered_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="HangsOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resource", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
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
                        choices=[("waiting", "Waiting"), ("wanted", "Wanted"), ("taken", "Taken"), ("left", "Left")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IncidentAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=32)),
                ("standard", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("details", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Said",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="StandardGuard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=100, unique=True)),
                ("state", models.CharField(max_length=16)),
                ("minute", models.DateTimeField(null=True)),
                ("findings", models.PositiveIntegerField(default=0)),
                ("most", models.PositiveIntegerField(default=0)),
                ("limit", models.PositiveIntegerField(default=0)),
                ("held_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="failure",
            name="belongs_why",
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
            model_name="failure",
            name="closure_why",
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
            model_name="failure",
            name="joined",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joiners",
                to="monitor.incident",
            ),
        ),
        migrations.AddField(
            model_name="failure",
            name="voiced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="incident",
            name="gathered_why",
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
            model_name="incident",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="monitor.incident",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="incident_by_merged_into",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="blueprint",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.blueprintversion",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="incident",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="candidates", to="monitor.incident"
            ),
        ),
        migrations.AddField(
            model_name="candidate",
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
            model_name="candidate",
            name="why",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policy.explanation",
            ),
        ),
        migrations.AddField(
            model_name="candidatemember",
            name="candidate",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="monitor.candidate",
            ),
        ),
        migrations.AddField(
            model_name="candidatemember",
            name="failure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="proposed", to="monitor.failure"
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="entered_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="closure",
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
            model_name="closure",
            name="withdrawn_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="failure",
            name="closure",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="failures",
                to="monitor.closure",
            ),
        ),
        migrations.AddIndex(
            model_name="failure",
            index=models.Index(
                condition=models.Q(("joined__isnull", False)), fields=["joined"], name="failure_by_joined"
            ),
        ),
        migrations.AddIndex(
            model_name="failure",
            index=models.Index(
                condition=models.Q(("closure__isnull", False)),
                fields=["closure", "-found_at"],
                name="failure_by_closure",
            ),
        ),
        migrations.AddField(
            model_name="hangson",
            name="failure",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="resources",
                to="monitor.failure",
            ),
        ),
        migrations.AddIndex(
            model_name="heldfinding",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "wanted"))),
                fields=["standard", "state", "at"],
                name="held_to_come",
            ),
        ),
        migrations.AddConstraint(
            model_name="heldfinding",
            constraint=models.UniqueConstraint(fields=("promise_key", "what", "at"), name="held_finding_once"),
        ),
        migrations.AddField(
            model_name="incidentact",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="incidentact",
            name="candidate",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="monitor.candidate"
            ),
        ),
        migrations.AddField(
            model_name="incidentact",
            name="closure",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="monitor.closure"
            ),
        ),
        migrations.AddField(
            model_name="incidentact",
            name="incident",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="monitor.incident"
            ),
        ),
        migrations.AddField(
            model_name="said",
            name="failure",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="said", to="monitor.failure"
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["state", "-last_at", "-id"], name="candidate_by_state"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["-last_at", "-id"], name="candidate_by_time"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["resource", "-last_at"], name="candidate_by_resource"),
        ),
        migrations.AddConstraint(
            model_name="candidatemember",
            constraint=models.UniqueConstraint(fields=("candidate", "failure"), name="candidate_member_once"),
        ),
        migrations.AddIndex(
            model_name="closure",
            index=models.Index(fields=["-ends_at", "-id"], name="closure_by_end"),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("unit__isnull", True), models.Q(("resource", ""), _negated=True)),
                    models.Q(("unit__isnull", False), ("resource", "")),
                    _connector="OR",
                ),
                name="closure_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="closure_ends_after_start"
            ),
        ),
        migrations.AddIndex(
            model_name="hangson",
            index=models.Index(fields=["resource", "at"], name="hangs_on_by_resource"),
        ),
        migrations.AddConstraint(
            model_name="hangson",
            constraint=models.UniqueConstraint(fields=("failure", "resource"), name="hangs_on_once"),
        ),
        migrations.AddIndex(
            model_name="incidentact",
            index=models.Index(fields=["-at", "-id"], name="incident_act_by_time"),
        ),
        migrations.AddIndex(
            model_name="said",
            index=models.Index(fields=["at"], name="said_by_time"),
        ),
        migrations.RunSQL(ONLY_ADDED, FREE),
    ]
