"""Remedies in each currency are known by cause, to stand beside its cost; the next refresh counts all anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learn", "0002_customers_own_word")]

    operations = [
        *(
            migrations.AddField(
                "summaryremedies", name, models.CharField(max_length=length, default=""), preserve_default=False
            )
            for name, length in (("kind", 64), ("step", 64), ("responsible", 16))
        ),
        migrations.RunSQL("update learn_summarystate set marks = '{}', next_marks = '{}'", migrations.RunSQL.noop),
    ]
