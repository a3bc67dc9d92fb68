"""Customers are not deleted: what was done for them stays on record, whoever is to be forgotten is made nameless.

Rows elsewhere may point to them without a check at each write (docs/decisions/0011). What people changed about a customer
stays as it was written.
"""

from django.db import migrations

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

KEEP = """
create function people_append_only() returns trigger language plpgsql as $body$
begin
    raise exception '% is append-only: what is on record stays as it was written', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
create trigger people_customerchange_append_only before update on people_customerchange
    for each statement execute function people_append_only();
"""
LET_GO = """
drop trigger people_customerchange_append_only on people_customerchange;
drop function people_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW), migrations.RunSQL(KEEP, LET_GO)]
