"""Since when a customer is known to be hit whom a roster named only after the failure."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitor", "0005_prediction"),
    ]

    operations = [
        migrations.AddField(
            model_name="affected",
            name="named_at",
            field=models.DateTimeField(null=True),
        ),
    ]
