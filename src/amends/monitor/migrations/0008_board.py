"""The live board, how many promises were kept, and failures that employees report."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0007_incidents"),
        ("people", "0003_customers_change_in_place"),
        ("policy", "0002_what_decided_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Board",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.BigIntegerField(default=0)),
                ("wanted_until", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BoardCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=100)),
                ("unit", models.CharField(max_length=64)),
                ("open", models.PositiveIntegerField()),
                ("at_risk", models.PositiveIntegerField()),
                ("overdue", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="BoardPromise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=100)),
                ("seq", models.BigIntegerField()),
                ("subject", models.CharField(max_length=300)),
                ("unit", models.CharField(max_length=64)),
                ("customer", models.CharField(blank=True, max_length=100)),
                ("opened_at", models.DateTimeField()),
                ("due", models.DateTimeField()),
                ("warn_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="KeptCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("standard", models.CharField(max_length=100)),
                ("hour", models.DateTimeField()),
                ("unit", models.CharField(max_length=64)),
                ("kept", models.PositiveIntegerField()),
                ("broken", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SelfReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="monitorprogress",
            name="per_second",
            field=models.FloatField(default=0),
        ),
        migrations.AddIndex(
            model_name="failure",
            index=models.Index(fields=["standard", "-found_at"], name="failure_by_standard"),
        ),
        migrations.AddConstraint(
            model_name="boardcount",
            constraint=models.UniqueConstraint(fields=("standard", "unit"), name="board_count_once"),
        ),
        migrations.AddIndex(
            model_name="boardpromise",
            index=models.Index(fields=["due"], name="board_promise_by_due"),
        ),
        migrations.AddConstraint(
            model_name="boardpromise",
            constraint=models.UniqueConstraint(fields=("standard", "seq"), name="board_promise_once"),
        ),
        migrations.AddField(
            model_name="keptcount",
            name="stream",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="monitor.monitorprogress",
            ),
        ),
        migrations.AddField(
            model_name="selfreport",
            name="failure",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="self_report", to="monitor.failure"
            ),
        ),
        migrations.AddField(
            model_name="selfreport",
            name="reporter",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="self_reports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="keptcount",
            constraint=models.UniqueConstraint(fields=("stream", "standard", "hour", "unit"), name="kept_count_once"),
        ),
        migrations.AddIndex(
            model_name="selfreport",
            index=models.Index(fields=["reporter", "-at"], name="self_report_by_reporter"),
        ),
    ]
