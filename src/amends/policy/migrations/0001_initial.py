import datetime
import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="BlueprintVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64)),
                ("number", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "number"), name="blueprint_version_once")],
            },
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("company", "Company"), ("demo", "Demo")], default="company", max_length=16
                    ),
                ),
                ("blueprint_name", models.CharField(max_length=64)),
                ("company_en", models.CharField(max_length=200)),
                ("company_zh", models.CharField(max_length=200)),
                ("timezone", models.CharField(default="UTC", max_length=64)),
                ("uid", models.UUIDField(default=uuid.uuid4)),
                ("behind", models.DurationField(default=datetime.timedelta(0))),
                ("demo_from", models.DateField(null=True)),
                ("demo_days", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="deployment_is_one_row")],
            },
        ),
        migrations.CreateModel(
            name="Explanation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("rule", models.CharField(max_length=200)),
                ("inputs", models.JSONField(default=dict)),
                ("en", models.TextField()),
                ("zh", models.TextField()),
                (
                    "blueprint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.blueprintversion"
                    ),
                ),
            ],
        ),
    ]
