"""What people put right of a failure's facts is kept by itself, so that no later signal overwrites it."""

from django.db import migrations, models

from amends.policy.together import Together


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0003_between_colleagues"),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="failure",
                    name="corrected",
                    field=models.JSONField(db_default={}, default=dict),
                ),
                migrations.AddField(
                    model_name="affected",
                    name="corrected",
                    field=models.JSONField(db_default={}, default=dict),
                ),
            ]
        ),
    ]
