"""Indexes that answer every filter of the inbox with a million cases.

Those of an order carry what one filters by behind it, so that a list is narrowed within the index and only rows that are
shown are fetched. The planner is told more about units and owners, most of which have few cases, and that states, severity
and being open go together.
"""

from django.db import migrations, models
from django.db.models import Q

TELL = """
    alter table recover_case alter column unit_id set statistics 1000, alter column owner_id set statistics 1000;
    create statistics recover_case_states (mcv, dependencies) on state, is_open, severity from recover_case
"""
UNTELL = """
    drop statistics recover_case_states;
    alter table recover_case alter column unit_id set statistics default, alter column owner_id set statistics default
"""
NARROWED_BY = ["unit", "severity", "state"]
OPEN = Q(is_open=True)


class Migration(migrations.Migration):
    dependencies = [("recover", "0002_trail")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_open_priority"),
        migrations.RemoveIndex(model_name="case", name="case_open_due"),
        migrations.RemoveIndex(model_name="case", name="case_by_opened"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-priority", "-id", *NARROWED_BY], condition=OPEN, name="case_open_priority"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["next_due", "id", *NARROWED_BY], condition=OPEN, name="case_open_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-opened_at", "-id", *NARROWED_BY], name="case_by_opened"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "severity", "-priority", "-id"], name="case_state_severity"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-priority", "-id", *NARROWED_BY], name="case_by_priority"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["owner", "-opened_at", "-id"], name="case_by_owner"),
        ),
        migrations.RunSQL(TELL, UNTELL),
    ]
