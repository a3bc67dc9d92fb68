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
        of_case as (
            select coalesce(family.root_id, remedy.case_id) as case_id, sum(remedy.amount) as given
            from recover_remedy as remedy left join recover_casefamily as family on family.case_id = remedy.case_id
            where remedy.case_id in (
                select case_id from rows where amount > 0
                union select kin.case_id from recover_casefamily as kin
                    join rows on rows.case_id = kin.root_id and rows.amount > 0
            ) group by 1
        ),
        of_customer as (
            select span.customer_id, sum(remedy.amount) as given
            from (select customer_id, min(at) as first, max(at) as last from rows where amount > 0 group by 1) as span
            cross join own join recover_remedy as remedy on remedy.customer_id = span.customer_id
                and remedy.granted_at > span.first - own.customer_period and remedy.granted_at <= span.last
            group by 1
        ),
        of_level as (
            select coalesce(sum(remedy.amount), 0) as given
            from (select min(at) as first, max(at) as last from rows where amount > 0) as span
            cross join own join recover_remedy as remedy on remedy.level = own.id
                and remedy.granted_at > span.first - own.period and remedy.granted_at <= span.last
        ),
        by_itself as (
            select rows.*, case
                when not coalesce(rows.kind = any(own.may), false) then 'kind'
                when amount > 0 and rows.currency <> own.currency then 'currency'
            end as beyond
            from rows left join own on true
        ),
        with_case as (
            select row.*, coalesce(beyond, case when amount > 0 and coalesce(of_case.given, 0) + sum(amount)
                filter (where beyond is null) over (partition by case_id order by row.id) > own.per_case
                then 'per_case' end) as then_beyond
            from by_itself as row left join own on true left join of_case using (case_id)
        ),
        with_customer as (
            select row.*, coalesce(then_beyond, case when amount > 0 and coalesce(of_customer.given, 0) + sum(amount)
                filter (where then_beyond is null) over (partition by customer_id order by row.id) > own.per_customer
                then 'per_customer' end) as at_last_beyond
            from with_case as row left join own on true left join of_customer using (customer_id)
        ),
        with_level as (
            select row.id, coalesce(at_last_beyond, case when amount > 0 and of_level.given + sum(amount)
                filter (where at_last_beyond is null) over (order by row.id) > own.per_period
                then 'per_period' end) as beyond
            from with_customer as row left join own on true cross join of_level
        )
        update {table} as target set beyond = with_level.beyond
        from with_level where with_level.id = target.id and with_level.beyond is not null
        """,
        {"level": level.id if level else ""},
    )


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
    asked = []
    for action_id, case_id, customer_id, unit_id, kind, amount, currency, beyond in rows:
        level = approver_of(
            pack.authority, kind=kind, amount=amount, currency=currency, spent=totals.of(case_id, customer_id)
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
            en=f"{what.en} needs the leave of {ROLE_WORDS[level.role].en}: {en}.",
            zh=f"{what.zh}需由{ROLE_WORDS[level.role].zh}批准：{zh}。",
        ),
        inputs={"limits": list(limits), "amount": str(money) if money else ""},
    )


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

    def of(self, case_id: int, customer_id: int) -> dict[str, Spent]:
        case = self._cases.get(case_id, Decimal(0))
        return {
            level: Spent(case=case, customer=customers.get(customer_id, Decimal(0)), level=total)
            for level, (customers, total) in self._levels.items()
        }
