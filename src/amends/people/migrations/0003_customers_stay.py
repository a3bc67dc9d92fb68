"""Customers are not deleted: what was done for them stays on record, whoever is to be forgotten is made nameless.

Rows elsewhere may point to them without a check at each write (docs/decisions/0011).
"""

import django.db.models.deletion
from django.db import migrations, models

REFUSE = """
create function people_customers_stay() returns trigger language plpgsql as $body$
begin
    raise exception 'customers are not deleted: whoever is to be forgotten is made nameless'
        using errcode = 'restrict_violation';
end $body$;
create trigger people_customers_stay before delete on people_customer
    for each statement execute function people_customers_stay();
"""
ALLOW = "drop trigger people_customers_stay on people_customer; drop function people_customers_stay();"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_customer_by_name"),
    ]

    operations = [
        migrations.AlterField(
            model_name="contactpoint",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contact_points",
                to="people.customer",
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
