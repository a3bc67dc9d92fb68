"""Who changed or closed an account stays on record as it was written."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEEP = """
create trigger people_staffchange_append_only before update or delete on people_staffchange
    for each statement execute function people_append_only();
"""
LET_GO = "drop trigger people_staffchange_append_only on people_staffchange;"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_between_colleagues"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("name", "Name"),
                            ("role", "Role"),
                            ("unit", "Unit"),
                            ("locale", "Locale"),
                            ("authority_level", "Level"),
                            ("factor", "Factor"),
                            ("ended", "Ended"),
                        ],
                        max_length=16,
                    ),
                ),
                ("before", models.CharField(blank=True, max_length=200)),
                ("after", models.CharField(blank=True, max_length=200)),
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
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
