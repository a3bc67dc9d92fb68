"""Many grants at once, held against authority: what a level covers goes on, what exceeds it waits for somebody's
leave (Law 5).

The sums of one batch count in the order of their ids, each on top of what was granted before and of the batch's
earlier ones. Cases that were merged or split count as one.
The check at planning tells people early whom to ask; the one that counts is made again at granting, with the totals
locked.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.parts import AuthorityLevel
from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.core.authority import LIMIT_WORDS, ROLE_WORDS, Limit, Spent, approver_of
from amends.policy.models import BlueprintVersion
from amends.policy.services import keep_explanations
from amends.recover import ledger
from amends.recover.core.approval import APPROVAL
from amends.recover.models import Budget


def keep_levels(cursor: Any, pack: Blueprint) -> None:
    """Make the table `level` of the pack's authority, lowest first."""
    cursor.execute(
        """
        create temp table level (place int, id text, role text, may text[], per_case numeric, per_customer numeric,
            customer_period interval, per_period numeric, period interval, currency text) on commit drop
        """
    )
    with cursor.copy("copy level from stdin") as copy:
        for place, level in enumerate(pack.authority):
            copy.write_row(
                (
                    place,
                    level.id,
                    level.role,
                    list(level.may),
                    level.per_case,
                    level.per_customer.amount,
                    level.per_customer.period,
                    level.per_period.amount,
                    level.per_period.period,
                    level.currency,
                )
            )


_OF_CASE = """
    of_case as (
        select coalesce(family.root_id, remedy.case_id) as case_id, sum(remedy.amount) as given
        from recover_remedy as remedy left join recover_casefamily as family on family.case_id = remedy.case_id
        where remedy.case_id in (
            select case_id from rows where amount > 0
            union select kin.case_id from recover_casefamily as kin
                join rows on rows.case_id = kin.root_id and rows.amount > 0
        ) group by 1
    )
"""  # what was given before in each case of `rows`, in all that are one with it


def hold_back(cursor: Any, table: str, pack: Blueprint, *, at: str) -> None:
    """Write into `beyond` the limit that an automatic action of the table would exceed, if any.

    Args:
        cursor: the open cursor; the table `level` is there.
        table: with columns id, case_id, customer_id, kind, performer, amount, currency, beyond.
        pack: whose authority counts.
        at: the table's column that says when each sum is granted.
    """
    level = pack.authority_of("automatic")
    cursor.execute(
        f"""
        with rows as (
            select id, coalesce(family.root_id, work.case_id) as case_id, customer_id, kind,
                coalesce(amount, 0) as amount, currency, {at} as at
            from {table} as work left join recover_casefamily as family on family.case_id = work.case_id
            where performer = 'automatic'
        ),
        own as (select * from level where level.id = %(level)s),
        {_OF_CASE},
        of_customer as (
            select span.customer_id, counted.given
            from (select customer_id, min(at) as first, max(at) as last from rows where amount > 0 group by 1) as span
            cross join own cross join lateral (
                select sum(line.amount) as given from {ledger.counted("customer_id")} as line
                where line.customer_id = span.customer_id
                    and line.counts_at > span.first - own.customer_period and line.counts_at <= span.last
            ) as counted
        ),
        of_level as (
            select coalesce(sum(line.amount), 0) as given from {ledger.counted("level")} as line
            where line.level = (select id from own)
                and line.counts_at > (select min(at) from rows where amount > 0) - (select period from own)
                and line.counts_at <= (select max(at) from rows where amount > 0)
        ),
        by_itself as (
            select rows.*, case
                when not coalesce(rows.kind = any(own.may), false) then 'kind'
                when amount > 0 and rows.currency <> own.currency then 'currency'
            end as beyond
            from rows left join own on true
        ),
        with_case as (
            select row.*, coalesce(beyond, case when coalesce(of_case.given, 0) + sum(amount)
                filter (where beyond is null) over (partition by case_id order by row.id) > own.per_case
                then 'per_case' end) as then_beyond
            from by_itself as row left join own on true left join of_case using (case_id)
            where row.amount > 0
        ),
        with_customer as (
            select row.*, coalesce(then_beyond, case when coalesce(of_customer.given, 0) + sum(amount)
                filter (where then_beyond is null) over (partition by customer_id order by row.id) > own.per_customer
                then 'per_customer' end) as at_last_beyond
            from with_case as row left join own on true left join of_customer using (customer_id)
        ),
        with_level as (
            select row.id, coalesce(at_last_beyond, case when of_level.given + sum(amount)
                filter (where at_last_beyond is null) over (order by row.id) > own.per_period
                then 'per_period' end) as beyond
            from with_customer as row left join own on true cross join of_level
        ),
        held as (
            select id, beyond from by_itself where amount = 0 union all select id, beyond from with_level
        )
        update {table} as target set beyond = held.beyond
        from held where held.id = target.id and held.beyond is not null
        """,
        {"level": level.id if level else ""},
    )
    if level is not None:
        _hold_back_spent(cursor, table, level, at=at)
        _hold_back_unwritten(cursor, table, pack, level)


def _hold_back_spent(cursor: Any, table: str, level: AuthorityLevel, *, at: str) -> None:
    """What a unit's budget has no room for, unless the level may go beyond it; in the order of their ids."""
    if level.beyond_budget:
        return
    cursor.execute("select exists (select from recover_budget)")
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        f"""
        select row.id, row.amount, budget.id, budget.amount - budget.spent
        from {table} as row
        join people_unit as unit on unit.id = row.unit_id
        join recover_budget as budget on budget.currency = row.currency
            and {at} >= budget.starts_at and {at} < budget.ends_at
        join people_unit as above on above.id = budget.unit_id and starts_with(unit.path, above.path)
        where row.performer = 'automatic' and row.beyond is null and row.amount > 0 order by row.id
        """
    )
    left: dict[int, Decimal] = {}
    sums: dict[int, tuple[Decimal, list[int]]] = {}
    for action, amount, budget, rest in cursor.fetchall():
        left.setdefault(budget, rest)
        sums.setdefault(action, (amount, []))[1].append(budget)
    beyond = []
    for action, (amount, budgets) in sums.items():
        if any(left[budget] < amount for budget in budgets):
            beyond.append(action)
            continue
        for budget in budgets:
            left[budget] -= amount
    cursor.execute(f"update {table} set beyond = 'unit_budget' where id = any(%s)", [beyond])


def _hold_back_unwritten(cursor: Any, table: str, pack: Blueprint, level: AuthorityLevel) -> None:
    """What waits for a complaint in writing that is not there; sums in parts, or in cases that are one, add up."""
    for rule in pack.leave.written_complaints:
        if rule.above is not None and level.per_case <= rule.above:
            continue  # what is still there is within the level's limit per case
        cursor.execute(
            f"""
            with rows as (
                select work.id, coalesce(family.root_id, work.case_id) as case_id, work.amount
                from {table} as work left join recover_casefamily as family on family.case_id = work.case_id
                where work.performer = 'automatic' and work.beyond is null and work.amount > 0
            ),
            {_OF_CASE},
            given as (
                select rows.id, coalesce(of_case.given, 0)
                    + sum(rows.amount) over (partition by case_id order by rows.id) as with_this
                from rows left join of_case using (case_id)
            )
            update {table} as row set beyond = 'written' from recover_case as cases
            where cases.id = row.case_id and row.performer = 'automatic' and row.beyond is null
                and (%(actions)s = '{{}}' or row.kind = any(%(actions)s))
                and (%(kinds)s = '{{}}' or cases.kind = any(%(kinds)s))
                and (%(above)s::numeric is null or exists (
                    select from given where given.id = row.id and given.with_this > %(above)s))
                and not exists (select from recover_writtencomplaint as said where said.case_id = row.case_id)
            """,
            {"actions": list(rule.actions), "kinds": list(rule.kinds), "above": rule.above},
        )


def lock_budgets(cursor: Any, table: str) -> None:
    """Let nobody else grant from the budgets over these units until this transaction ends; by the order of ids."""
    cursor.execute("select exists (select from recover_budget)")
    if cursor.fetchone()[0]:
        cursor.execute(
            f"""
            select id from recover_budget where id in (
                select budget.id from (select distinct unit_id from {table} where amount > 0) as touched
                join people_unit as unit on unit.id = touched.unit_id
                join people_unit as above on starts_with(unit.path, above.path)
                join recover_budget as budget on budget.unit_id = above.id
                    and budget.ends_at > (select min(at) from {table})
            ) order by id for no key update
            """
        )


_LINES_BEFORE = "order by id rows between unbounded preceding and 1 preceding"
TOTALS_BEFORE = f"""
    coalesce((select sum(given.amount) from recover_remedy as given where given.case_id = part.case_id), 0)
        + coalesce(sum(amount) over (partition by case_id {_LINES_BEFORE}), 0),
    coalesce((select sum(given.amount) from {ledger.counted("customer_id")} as given
            where given.customer_id = part.customer_id
            and given.counts_at > part.at - %(customer_period)s::interval and given.counts_at <= part.at), 0)
        + coalesce(sum(amount) over (partition by customer_id {_LINES_BEFORE}), 0),
    (select coalesce(sum(given.amount), 0) from {ledger.counted("level")} as given where given.level = %(level)s
            and given.counts_at > (select min(at) from part where beyond is null and amount > 0)
                - %(level_period)s::interval
            and given.counts_at <= (select max(at) from part where beyond is null and amount > 0))
        + coalesce(sum(amount) over ({_LINES_BEFORE}), 0)
"""  # of case, customer and level, for each line of the table `part`


def periods_of(level: AuthorityLevel) -> dict[str, Any]:
    """What `TOTALS_BEFORE` asks for besides the level."""
    return {"customer_period": level.per_customer.period, "level_period": level.per_period.period}


def rule_of(level: AuthorityLevel, version_id: int) -> int:
    """The explanation of a level's limits, one row for all lines that it covers; the totals stand with each line."""
    case, customer, period = (
        Money(amount, level.currency) for amount in (level.per_case, level.per_customer.amount, level.per_period.amount)
    )
    days = level.per_customer.period.days, level.per_period.period.days
    why = Reason(
        rule=f"authority.{level.id}",
        text=Localised(
            en=f"Within the authority of {ROLE_WORDS[level.role].en}: at most {case.in_('en')} for a case,"
            f" {customer.in_('en')} for a customer in {days[0]} days, {period.in_('en')} under this level in"
            f" {days[1]} days.",
            zh=f"在{ROLE_WORDS[level.role].zh}的授权范围内：每案不超过{case.in_('zh')}，每位顾客{days[0]}天内不超过"
            f"{customer.in_('zh')}，该级别{days[1]}天内合计不超过{period.in_('zh')}。",
        ),
        inputs={"may": list(level.may)},
    )
    return keep_explanations([why], version_id=version_id)[why.digest(version_id)]


def ask_leave(cursor: Any, table: str, pack: Blueprint, version: BlueprintVersion, *, now: datetime) -> int:
    """Ask the lowest level that may give leave for each action that `hold_back` held back; how many were asked for."""
    cursor.execute(
        f"""
        select id, case_id, customer_id, unit_id, kind, coalesce(amount, 0), currency, beyond from {table}
        where beyond is not null and phase <> 'follow_up' order by id
        """
    )
    rows = cursor.fetchall()
    if not rows:
        return 0
    totals = _Totals(pack.authority, [row[1] for row in rows], [row[2] for row in rows], now)
    over = _left_over_units({row[3] for row in rows}, at=now)
    asked = []
    for action_id, case_id, customer_id, unit_id, kind, amount, currency, beyond in rows:
        level = approver_of(
            pack.authority,
            kind=kind,
            amount=amount,
            currency=currency,
            spent=totals.of(case_id, customer_id, over.get(unit_id)),
        )
        money = Money(amount, currency) if currency else None
        asked.append((action_id, case_id, unit_id, amount, currency, level, why_asked(level, (beyond,), money)))
    explained = keep_explanations({why.digest(version.pk): why for *_, why in asked}.values(), version_id=version.pk)
    cursor.execute(
        "create temp table asked (action_id bigint, case_id bigint, unit_id bigint, level text, amount numeric,"
        " currency text, why_id bigint) on commit drop"
    )
    with cursor.copy("copy asked from stdin") as copy:
        for action_id, case_id, unit_id, amount, currency, level, why in asked:
            copy.write_row(
                (action_id, case_id, unit_id, level.role, amount, currency, explained[why.digest(version.pk)])
            )
    cursor.execute(
        f"""
        insert into recover_approval (action_id, case_id, unit_id, level, amount, currency, state, asked_at, why_id,
            note)
        select action_id, case_id, unit_id, level, amount, currency, '{APPROVAL.initial}', %s, why_id, ''
        from asked order by action_id
        """,
        [now],
    )
    cursor.execute("drop table asked")
    return len(rows)


def why_asked(level: AuthorityLevel, limits: Sequence[Limit], money: Money | None) -> Reason:
    """Why leave is needed, and whose."""
    en = "; ".join(LIMIT_WORDS[limit].en for limit in limits)
    zh = "；".join(LIMIT_WORDS[limit].zh for limit in limits)
    what = Localised(en=money.in_("en"), zh=money.in_("zh")) if money else Localised(en="This", zh="此项措施")
    return Reason(
        rule=f"authority.{level.id}",
        text=Localised(
            en=f"{what.en} needs the approval of {ROLE_WORDS[level.role].en}: {en}.",
            zh=f"{what.zh}需由{ROLE_WORDS[level.role].zh}批准：{zh}。",
        ),
        inputs={"limits": list(limits), "amount": str(money) if money else ""},
    )


def _left_over_units(unit_ids: set[int | None], *, at: datetime) -> dict[int | None, Decimal | None]:
    """What the tightest budget over each unit has left; nothing for those that have none."""
    if not Budget.objects.filter(starts_at__lte=at, ends_at__gt=at).exists():
        return {}
    return {unit_id: ledger.left_in(ledger.budgets_over(unit_id, at=at)) for unit_id in unit_ids}


class _Totals:
    """What each level's limits are held against, read once for many cases."""

    def __init__(
        self, levels: Sequence[AuthorityLevel], cases: Sequence[int], customers: Sequence[int], at: datetime
    ) -> None:
        self._cases = ledger.by_case(cases)
        self._levels = {
            level.id: (
                ledger.by_customer(customers, since=at - level.per_customer.period, until=at),
                ledger.of_level(level.id, since=at - level.per_period.period, until=at),
            )
            for level in levels
            if level.approves
        }

    def of(self, case_id: int, customer_id: int, budget_left: Decimal | None) -> dict[str, Spent]:
        case = self._cases.get(case_id, Decimal(0))
        return {
            level: Spent(
                case=case, customer=customers.get(customer_id, Decimal(0)), level=total, budget_left=budget_left
            )
            for level, (customers, total) in self._levels.items()
        }
