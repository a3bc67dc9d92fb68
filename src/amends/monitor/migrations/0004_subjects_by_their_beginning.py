"""Subjects are found by their beginning, whatever the collation of the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0003_fewer_checks_and_indexes"),
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
        # in the order of its characters, so that the key itself serves
        migrations.AlterField("rosterentry", "subject", models.CharField(db_collation="C", max_length=300)),
    ]
