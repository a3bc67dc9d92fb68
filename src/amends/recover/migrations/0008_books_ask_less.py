"""The books ask a version once for the ways of settling; before, each grant had the whole pack parsed, twice.

`python -m benchmarks open_cases` prints what the books cost.
"""

from importlib import import_module

from django.db import migrations

FIRST = import_module("amends.recover.migrations.0004_books")
HEAD, _, AFTER_PACK = FIRST.BOOK.partition("granted as materialized")
BODY, _, _ = AFTER_PACK.partition("create trigger")
PACK = f"""
create or replace function recover_remedy_books() returns trigger language plpgsql as $body$
begin
    with said as materialized (
        select id, (content -> 'settling')::jsonb as settling
        from policy_blueprintversion where id in (select distinct blueprint_id from new_rows where amount > 0)
    ),
    pack as (
        select id, '{FIRST.USUAL_WAYS}'::jsonb || coalesce(settling -> 'by', '{{}}'::jsonb) as ways,
            coalesce(settling #>> '{{vouchers,valid}}', 'P365D')::interval as valid
        from said
    ),
    granted as materialized"""
BEFORE = f"{HEAD.replace('create function', 'create or replace function')}granted as materialized{BODY}"


class Migration(migrations.Migration):
    dependencies = [("recover", "0007_circles_follow"), ("policy", "0003_keys_in_their_order")]

    operations = [migrations.RunSQL(PACK + BODY, BEFORE)]
