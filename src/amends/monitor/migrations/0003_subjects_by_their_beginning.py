"""Subjects are found by their beginning, whatever the collation of the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0002_set_aside"),
        ("people", "0002_customer_by_name"),
        ("policy", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="failure",
            name="failure_by_subject",
        ),
        migrations.AddIndex(
            model_name="failure",
            index=models.Index(fields=["subject"], name="failure_by_subject", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="rosterentry",
            index=models.Index(fields=["subject"], name="roster_subject_begins", opclasses=["varchar_pattern_ops"]),
        ),
    ]
