"""Each signal remembers its transaction, so that a reader never passes one that is still open with a lower number."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("monitor", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
            alter table monitor_signal add column txid xid8 not null default pg_current_xact_id();
            create index signal_by_arrival on monitor_signal (txid, id);
            """,
            reverse_sql="alter table monitor_signal drop column txid;",
        )
    ]
