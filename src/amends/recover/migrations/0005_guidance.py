"""What a person says of the customer's feelings and of the talk's stage, kept with the assessment and on record."""

from django.db import migrations, models

from amends.policy.together import Together
from amends.recover.trail_triggers import triggers

ASSESSED_BEFORE = (
    "kind severity heard heard_why_id responsible supplier controllable stable gap promised expected perceived pressing"
)
ASSESSED_NOW = f"{ASSESSED_BEFORE} emotion emotion_at stage stage_at"


class Migration(migrations.Migration):
    dependencies = [("recover", "0004_books")]

    operations = [
        Together(
            [
                migrations.AddField("assessment", "emotion", models.CharField(blank=True, default="", max_length=16)),
                migrations.AddField("assessment", "emotion_at", models.DateTimeField(null=True)),
                migrations.AddField("assessment", "stage", models.CharField(blank=True, default="", max_length=16)),
                migrations.AddField("assessment", "stage_at", models.DateTimeField(null=True)),
            ]
        ),
        *(
            migrations.RunSQL([drop, create], [drop, create_before])
            for (create, drop), (create_before, _) in zip(
                triggers("recover_assessment", ASSESSED_NOW),
                triggers("recover_assessment", ASSESSED_BEFORE),
                strict=True,
            )
        ),
    ]
