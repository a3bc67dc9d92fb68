"""The books keep themselves: triggers on the ledger of remedies and on the changes of budgets write their entries.

So no grant, reversal or budget passes the books by, whoever writes the line. With a grant comes what it owes: a payout, or a
voucher, by the way that the pack's version has for its kind (kernel/blueprint/settling.py). What happens to those afterwards,
services write, entry and state in one transaction. `python -m benchmarks open_cases` prints what the books cost.
"""

import json
from importlib import import_module

from django.db import migrations

from amends.kernel.blueprint.settling import AT_ONCE, BY_EMAIL, DEFAULT_WAYS, ON_PAGE
from amends.recover.trail_triggers import triggers

APPEND_ONLY = ["recover_ledgerentry", "recover_reconciliation"]
REMEDY_BEFORE = (
    "key action_id kind amount currency granted_at granted_by_id level approval_id blueprint_id"
    " covered_by_id case_before customer_before level_before"
)
REMEDY_NOW = f"{REMEDY_BEFORE} reverses_id note"
USUAL_WAYS = json.dumps(dict(DEFAULT_WAYS))
IS_VOUCHER = f"way in ('{ON_PAGE}', '{BY_EMAIL}')"
GOES_OUT = f"way not in ('{AT_ONCE}', '{ON_PAGE}')"
GIVEN_AS = f"case when way = '{AT_ONCE}' then 'given' when {IS_VOUCHER} then 'vouchers' else 'owed' end"

BOOK = f"""
create function recover_remedy_books() returns trigger language plpgsql as $body$
begin
    with pack as materialized (
        select id, '{USUAL_WAYS}'::jsonb || coalesce(content::jsonb #> '{{settling,by}}', '{{}}'::jsonb) as ways,
            coalesce(content #>> '{{settling,vouchers,valid}}', 'P365D')::interval as valid
        from policy_blueprintversion where id in (select distinct blueprint_id from new_rows where amount > 0)
    ),
    granted as materialized (
        select line.*, pack.ways ->> line.kind as way, pack.valid
        from new_rows as line join pack on pack.id = line.blueprint_id where line.amount > 0
    ),
    entry as (
        insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id, by_id)
        select 'grant:' || id, 'grant', granted_at, 'cost',
            {GIVEN_AS}, amount, currency, id, granted_by_id
        from granted order by id
    ),
    payout as (
        insert into recover_payout (remedy_id, unit_id, connector, amount, currency, state, due_at)
        select granted.id, cases.unit_id, way, amount, currency, 'due', granted_at
        from granted join recover_case as cases on cases.id = granted.case_id
        where {GOES_OUT} order by granted.id
    )
    insert into recover_voucher (remedy_id, amount, currency, state, issued_at, expires_at)
    select id, amount, currency, 'open', granted_at, granted_at + valid from granted where {IS_VOUCHER} order by id;
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id, by_id)
    select 'reverse:' || line.reverses_id, 'reverse', line.granted_at, first.credit, 'cost', -line.amount, line.currency,
        line.id, line.granted_by_id
    from new_rows as line join recover_ledgerentry as first on first.key = 'grant:' || line.reverses_id
    where line.amount < 0 order by line.id;
    return null;
end $body$;
create trigger recover_remedy_books after insert on recover_remedy referencing new table as new_rows
    for each statement execute function recover_remedy_books();
"""
UNBOOK = "drop trigger recover_remedy_books on recover_remedy; drop function recover_remedy_books();"

# A line below nothing counts in the budget that the line it reverses counted in, whenever that was.
COUNT = """
create or replace function recover_remedy_budget() returns trigger language plpgsql as $body$
begin
    if not exists (select from recover_budget) then return null; end if;
    create temp table if not exists budget_line (budget_id bigint, remedy_id bigint, amount numeric, at timestamptz, by_id bigint)
        on commit drop;
    truncate budget_line;
    with line as materialized (
        select fresh.id, fresh.case_id, fresh.currency, fresh.amount, fresh.granted_at as at, fresh.granted_by_id as by_id,
            coalesce(first.granted_at, fresh.granted_at) as counts_at
        from new_rows as fresh left join recover_remedy as first on first.id = fresh.reverses_id
    ),
    span as (select min(counts_at) as first, max(counts_at) as last from line),
    near as materialized (
        select budget.id, budget.currency, budget.starts_at, budget.ends_at, above.path
        from span join recover_budget as budget on budget.ends_at > span.first and budget.starts_at <= span.last
        join people_unit as above on above.id = budget.unit_id
    )
    insert into budget_line
    select near.id, line.id, line.amount, line.at, line.by_id
    from line
    join recover_case as cases on cases.id = line.case_id
    join people_unit as unit on unit.id = cases.unit_id
    join near on near.currency = line.currency and line.counts_at >= near.starts_at
        and line.counts_at < near.ends_at and starts_with(unit.path, near.path);
    perform from recover_budget where id in (select budget_id from budget_line) order by id for no key update;
    update recover_budget as budget set spent = budget.spent + used.amount
    from (select budget_id, sum(amount) as amount from budget_line group by 1) as used where used.budget_id = budget.id;
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id, budget_id, by_id)
    select case when used.amount > 0 then 'use' else 'free' end || ':' || used.remedy_id || ':' || used.budget_id,
        case when used.amount > 0 then 'use' else 'free' end, used.at,
        case when used.amount > 0 then 'budget_used' else 'budget_left' end,
        case when used.amount > 0 then 'budget_left' else 'budget_used' end,
        abs(used.amount), budget.currency, used.remedy_id, used.budget_id, used.by_id
    from budget_line as used join recover_budget as budget on budget.id = used.budget_id
    where used.amount <> 0 order by used.remedy_id, used.budget_id;
    return null;
end $body$;
"""
BEFORE = import_module("amends.recover.migrations.0002_on_record")  # what this changes, to go back to
ALLOT = """
create function recover_budget_books() returns trigger language plpgsql as $body$
begin
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, budget_id, by_id)
    select case when step.more > 0 then 'allot' else 'cut' end || ':' || step.id,
        case when step.more > 0 then 'allot' else 'cut' end, step.at,
        case when step.more > 0 then 'budget_left' else 'budget_set' end,
        case when step.more > 0 then 'budget_set' else 'budget_left' end, abs(step.more), budget.currency, budget.id, step.by_id
    from (
        select fresh.id, fresh.budget_id, fresh.at, fresh.by_id, fresh.amount - coalesce((
            select amount from recover_budgetchange as prior
            where prior.budget_id = fresh.budget_id and prior.id < fresh.id order by prior.id desc limit 1), 0) as more
        from new_rows as fresh
    ) as step join recover_budget as budget on budget.id = step.budget_id where step.more <> 0 order by step.id;
    -- what had been given in the span of time before the budget began counts in it from its first change on
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, budget_id, by_id)
    select 'use:before:' || budget.id, 'use', fresh.at, 'budget_used', 'budget_left', budget.spent, budget.currency, budget.id,
        fresh.by_id
    from new_rows as fresh join recover_budget as budget on budget.id = fresh.budget_id and budget.spent > 0
    where not exists (select from recover_budgetchange as prior where prior.budget_id = fresh.budget_id and prior.id < fresh.id)
    order by budget.id;
    return null;
end $body$;
create trigger recover_budget_books after insert on recover_budgetchange referencing new table as new_rows
    for each statement execute function recover_budget_books();
"""
UNALLOT = "drop trigger recover_budget_books on recover_budgetchange; drop function recover_budget_books();"

# what was granted, and which budgets were set, before there were books
OPEN_BOOKS = f"""
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, budget_id)
    select 'allot:before:' || id, 'allot', starts_at, 'budget_left', 'budget_set', amount, currency, id
    from recover_budget where amount > 0;
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, budget_id)
    select 'use:before:' || id, 'use', starts_at, 'budget_used', 'budget_left', spent, currency, id
    from recover_budget where spent > 0;
    create temp table settled as
    select remedy.*, cases.unit_id, '{USUAL_WAYS}'::jsonb ->> remedy.kind as way
    from recover_remedy as remedy join recover_case as cases on cases.id = remedy.case_id where remedy.amount > 0;
    insert into recover_ledgerentry (key, what, at, debit, credit, amount, currency, remedy_id, by_id)
    select 'grant:' || id, 'grant', granted_at, 'cost',
        {GIVEN_AS}, amount, currency, id, granted_by_id from settled;
    insert into recover_payout (remedy_id, unit_id, connector, amount, currency, state, due_at)
    select id, unit_id, way, amount, currency, 'due', granted_at from settled where {GOES_OUT};
    insert into recover_voucher (remedy_id, amount, currency, state, issued_at, expires_at)
    select id, amount, currency, 'open', granted_at, granted_at + interval '365 days' from settled where {IS_VOUCHER};
    drop table settled;
"""
CLOSE_BOOKS = "truncate recover_ledgerentry, recover_payout, recover_voucher, recover_payoutbatch"


class Migration(migrations.Migration):
    dependencies = [("recover", "0003_money"), ("policy", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL([drop, create], [drop, create_before])
            for (create, drop), (create_before, _) in zip(
                triggers("recover_remedy", REMEDY_NOW), triggers("recover_remedy", REMEDY_BEFORE), strict=True
            )
        ),
        migrations.RunSQL(OPEN_BOOKS, CLOSE_BOOKS),
        migrations.RunSQL(BOOK, UNBOOK),
        migrations.RunSQL(COUNT, [BEFORE.UNCOUNT, BEFORE.COUNT]),
        migrations.RunSQL(ALLOT, UNALLOT),
        *(
            migrations.RunSQL(
                f"create trigger {table}_append_only before update or delete on {table}"
                " for each statement execute function recover_append_only()",
                f"drop trigger {table}_append_only on {table}",
            )
            for table in APPEND_ONLY
        ),
    ]
