"""One sum held against everything that limits it: what the level allows, what was given before to whom and by whom,
what the unit has left, and whether the complaint has to be in writing. The one place where a person's grant is judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.leave import WrittenComplaint as WrittenRule
from amends.kernel.blueprint.parts import AuthorityLevel
from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.text import Localised
from amends.people.core.authority import ROLE_WORDS, Limit, Spent, exceeded
from amends.people.models import Staff
from amends.people.selectors import households_of
from amends.policy.selectors import blueprint_of
from amends.recover import ledger
from amends.recover.core.splits import Found, Line, found_in
from amends.recover.models import Budget, Case, WrittenComplaint


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What is about to be given, or asked leave for."""

    kind: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Held:
    """How a sum stands against all limits at one moment."""

    sum: Sum
    spent: Mapping[str, Spent]  # by level; as an approver meets it: without the granter's own earlier sums
    own: Spent  # the granter's, with their own earlier sums; all nothing without a level
    level: AuthorityLevel | None  # the granter's
    limits: tuple[Limit, ...]  # that the granter would exceed by themselves
    splits: tuple[Found, ...]
    budgets: tuple[Budget, ...]
    in_writing: WrittenRule | None  # asked for and not there yet


def level_of(person: Staff, blueprint_id: int) -> AuthorityLevel | None:
    """The person's authority level under a version of the pack: their own if they have one, else their role's."""
    return level_in(person, blueprint_of(blueprint_id))


def level_in(person: Staff, pack: Blueprint) -> AuthorityLevel | None:
    """The same in a pack that is at hand."""
    if person.authority_level:
        own = next((level for level in pack.authority if level.id == person.authority_level), None)
        # a level of one's own never outlives the role that it was given with
        return own if own is not None and own.role == person.role else None
    return pack.authority_of(person.role)  # type: ignore[arg-type]  # the roles are the same words


def hold(
    case: Case, what: Sum, pack: Blueprint, *, granter: Staff | None, at: datetime, lock: bool, asked: bool = False
) -> Held:
    """Hold a sum for a case against every limit.

    Args:
        case: which.
        what: the sum.
        pack: the version that decides.
        granter: who would give it; None: nobody in particular.
        at: when.
        lock: keep the totals from changing until the transaction ends; for the check that counts.
        asked: the granter gives leave that somebody else asked for, so their own earlier sums are no part of it.
    """
    rules = pack.leave.splits
    level = None if granter is None else level_in(granter, pack)
    household = households_of([case.customer_id], most=rules.household_most)[case.customer_id]
    if lock:
        ledger.lock_totals(
            customer_ids=[case.customer_id, *household],
            level_ids=[level.id] if level else [],
            unit_id=case.unit_id,
            at=at,
        )
    budgets = tuple(ledger.budgets_over(case.unit_id, at=at, currency=what.currency)) if what.amount else ()
    spent = ledger.spent(
        pack.authority,
        case_id=case.pk,
        customer_id=case.customer_id,
        at=at,
        household=household,
        budget_left=ledger.left_in(budgets),
    )
    own, splits = Spent(), ()
    if level is not None:
        own = spent[level.id]
        if granter is not None and not asked and what.amount:
            lines = ledger.own_lines(granter.pk, since=at - rules.within, until=at)
            here = Line(id=None, case_id=case.pk, customer_id=case.customer_id, amount=what.amount, at=at)
            splits = tuple(found_in(lines, here, level=level, rules=rules, household=household))
            own = _with_split(own, lines, here, household)
    limits: tuple[Limit, ...] = (
        ("kind",)
        if level is None
        else exceeded(level, kind=what.kind, amount=what.amount, currency=what.currency, spent=own)
    )
    return Held(
        sum=what,
        spent=spent,
        own=own,
        level=level,
        limits=limits,
        splits=splits,
        budgets=budgets,
        in_writing=_in_writing(case, what, pack, given=own.case if level else _given(spent)),
    )


def _with_split(own: Spent, lines: Sequence[Line], here: Line, household: frozenset[int]) -> Spent:
    near = {here.customer_id, *household}
    split = sum(
        (line.amount for line in lines if line.customer_id in near and line.case_id != here.case_id), Decimal(0)
    )
    return Spent(
        case=own.case,
        customer=own.customer,
        household=own.household,
        split=split,
        level=own.level,
        budget_left=own.budget_left,
    )


def _given(spent: Mapping[str, Spent]) -> Decimal:
    return next((one.case for one in spent.values()), Decimal(0))


def _in_writing(case: Case, what: Sum, pack: Blueprint, *, given: Decimal) -> WrittenRule | None:
    rule = pack.leave.written_for(kind=what.kind, failure=case.kind, amount=what.amount, given=given)
    if rule is None or WrittenComplaint.objects.filter(case=case).exists():
        return None
    return rule


def covered(held: Held, level: AuthorityLevel, *, with_leave: bool) -> Reason:
    """The rule that covers a sum: the level, the limits that were checked and the totals at that time."""
    currency, spent = level.currency, held.own

    def money(amount: Decimal) -> Money:
        return Money(amount, currency)

    checks = [
        (
            Localised(en="this case", zh="本案件"),
            spent.case + held.sum.amount,
            level.per_case,
            None,
        ),
        (
            Localised(en="this customer", zh="该顾客"),
            spent.customer + spent.household + held.sum.amount,
            level.per_customer.amount,
            level.per_customer.period,
        ),
        (
            Localised(en="all under this level", zh="该级别合计"),
            spent.level + held.sum.amount,
            level.per_period.amount,
            level.per_period.period,
        ),
    ]
    en = [
        f"{what.en} {money(sum_).in_('en')} of {money(most).in_('en')}{_days(span, 'en')}"
        for what, sum_, most, span in checks
    ]
    zh = [
        f"{what.zh}{money(sum_).in_('zh')}，限额{money(most).in_('zh')}{_days(span, 'zh')}"
        for what, sum_, most, span in checks
    ]
    for budget in held.budgets:
        after, all_ = Money(budget.spent + held.sum.amount, budget.currency), Money(budget.amount, budget.currency)
        en.append(f"budget of {budget.unit.name_en} {after.in_('en')} of {all_.in_('en')}")
        zh.append(f"{budget.unit.name_zh}预算{after.in_('zh')}，共{all_.in_('zh')}")
    role = ROLE_WORDS[level.role]
    by = Localised(
        en=f"Given leave for by {role.en}" if with_leave else f"Within the authority of {role.en}",
        zh=f"由{role.zh}批准" if with_leave else f"在{role.zh}的授权范围内",
    )
    if not held.sum.amount:
        return Reason(rule=f"authority.{level.id}", text=Localised(en=f"{by.en}.", zh=f"{by.zh}。"))
    return Reason(
        rule=f"authority.{level.id}",
        text=Localised(en=f"{by.en}, with this sum: {'; '.join(en)}.", zh=f"{by.zh}，含本次金额：{'；'.join(zh)}。"),
        inputs={
            "amount": str(money(held.sum.amount)),
            "case_before": str(spent.case),
            "customer_before": str(spent.customer),
            "household_before": str(spent.household),
            "split_before": str(spent.split),
            "level_before": str(spent.level),
            "budgets_before": {budget.unit.code: str(budget.spent) for budget in held.budgets},
        },
    )


def _days(span: timedelta | None, language: str) -> str:
    if span is None:
        return ""
    return f" in {span.days} days" if language == "en" else f"（{span.days}天内）"
