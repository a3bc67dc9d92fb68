"""Approvals that were decided are listed from the latest on, state by state, however many there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recover", "0008_books_ask_less")]

    operations = [
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=~models.Q(("state", "waiting")), fields=["state", "-id"], name="approval_decided"
            ),
        ),
    ]
