"""What customers said themselves is told apart from what colleagues put on record; the next refresh counts all anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learn", "0001_initial")]

    operations = [
        migrations.AddField("summarycell", "accepted_by_staff", models.PositiveIntegerField(default=0)),
        migrations.RunSQL("update learn_summarystate set marks = '{}', next_marks = '{}'", migrations.RunSQL.noop),
    ]
