"""What decided and why is there for good: neither a version of a blueprint nor an explanation is changed or deleted.

Rows elsewhere may point to them without a check at each write (docs/decisions/0011).
"""

from django.db import migrations

REFUSE = """
create function policy_for_good() returns trigger language plpgsql as $body$
begin
    raise exception '% is for good: what decided something stays as it was', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
create trigger policy_blueprintversion_for_good before update or delete on policy_blueprintversion
    for each statement execute function policy_for_good();
create trigger policy_explanation_for_good before update or delete on policy_explanation
    for each statement execute function policy_for_good();
"""
ALLOW = """
drop trigger policy_explanation_for_good on policy_explanation;
drop trigger policy_blueprintversion_for_good on policy_blueprintversion;
drop function policy_for_good();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
