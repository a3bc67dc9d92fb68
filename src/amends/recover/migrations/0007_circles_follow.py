"""Whoever answers a confidential case may go out of its circle: the row stays and says when, and nothing else of it
ever changes."""

from django.conf import settings
from django.db import migrations, models

from amends.policy.together import Together

END_ONCE = """
create function recover_circle_ends_once() returns trigger language plpgsql as $body$
begin
    if tg_op = 'UPDATE' and old.until is null and new.until is not null
        and (new.id, new.case_id, new.staff_id, new.role, new.since)
            is not distinct from (old.id, old.case_id, old.staff_id, old.role, old.since) then
        return new;
    end if;
    raise exception '% keeps what is on record: a member of a circle only goes out, once', tg_table_name
        using errcode = 'restrict_violation';
end $body$;
drop trigger recover_circlemember_append_only on recover_circlemember;
create trigger recover_circlemember_ends_once before update or delete on recover_circlemember
    for each row execute function recover_circle_ends_once();
"""
APPEND_ONLY = """
drop trigger recover_circlemember_ends_once on recover_circlemember;
drop function recover_circle_ends_once();
create trigger recover_circlemember_append_only before update or delete on recover_circlemember
    for each statement execute function recover_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("recover", "0006_between_colleagues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            [
                migrations.AddField(
                    model_name="circlemember",
                    name="until",
                    field=models.DateTimeField(blank=True, null=True),
                ),
                migrations.RemoveConstraint(model_name="circlemember", name="circle_member_once"),
                migrations.AddConstraint(
                    model_name="circlemember",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("staff", "case"), name="circle_member_once"
                    ),
                ),
            ]
        ),
        migrations.RunSQL(END_ONCE, APPEND_ONLY),
    ]
