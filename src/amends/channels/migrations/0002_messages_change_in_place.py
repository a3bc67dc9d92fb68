"""A message is written once and changed once, when it goes out. With room on its page for the second version of the row,
none of its indexes has to learn of it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "alter table channels_message set (fillfactor = 50)", "alter table channels_message reset (fillfactor)"
        )
    ]
