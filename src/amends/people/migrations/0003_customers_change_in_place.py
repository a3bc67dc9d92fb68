from django.db import migrations


class Migration(migrations.Migration):
    """Room on each page for the new form of a customer's row: one who was failed is watched, and no index changes for
    it."""

    dependencies = [("people", "0002_customers_stay")]

    operations = [
        migrations.RunSQL(
            "alter table people_customer set (fillfactor = 75)", "alter table people_customer reset (fillfactor)"
        )
    ]
