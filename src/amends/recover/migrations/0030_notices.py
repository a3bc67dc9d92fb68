"""Notices to members of staff. They are no part of a case's record, so the audit trail does not follow them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recover", "0003_lists_at_a_million"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=24)),
                ("key", models.CharField(max_length=100)),
                ("en", models.TextField()),
                ("zh", models.TextField()),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recover.case",
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["staff", "-id"], name="notice_by_staff"),
                    models.Index(fields=["staff", "what", "-id"], name="notice_by_what"),
                    models.Index(condition=models.Q(("seen_at__isnull", True)), fields=["staff"], name="notice_unseen"),
                ],
                "constraints": [models.UniqueConstraint(fields=("staff", "key"), name="notice_once")],
            },
        ),
    ]
