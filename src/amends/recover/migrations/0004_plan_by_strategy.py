"""The inbox can be narrowed to one strategy."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recover", "0003_withheld")]

    operations = [
        migrations.AddIndex(
            model_name="plan", index=models.Index(fields=["strategy", "case"], name="plan_by_strategy")
        ),
    ]
