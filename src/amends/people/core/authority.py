"""Who may grant what without asking, and who may give leave to go beyond it (Law 5). Nowhere else is this decided.

Every limit is held against what was granted before plus the sum at hand, so cutting a sum into parts gets nobody
around it: the case's and the customer's totals count what anybody gave, the household's what people gave to others who
share an address with the customer, the level's what was given under this level, and the granter's own sums to the same
customer or household in other cases count as parts of one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from amends.kernel.blueprint.parts import AuthorityLevel
from amends.kernel.text import Localised

Limit = Literal[
    "kind", "currency", "per_case", "per_customer", "per_household", "per_period", "split", "unit_budget", "written"
]

LIMIT_WORDS: Final[Mapping[Limit, Localised]] = {
    "kind": Localised(en="this level may not take this kind of action", zh="该级别无权采取此类措施"),
    "currency": Localised(en="this level's limits are in another currency", zh="该级别的限额为其他币种"),
    "per_case": Localised(en="the limit per case would be exceeded", zh="将超出单个案件限额"),
    "per_customer": Localised(en="the limit per customer would be exceeded", zh="将超出单个顾客限额"),
    "per_household": Localised(
        en="together with what was given to customers who share an address or a telephone number, the limit per"
        " customer would be exceeded",
        zh="与共用地址或电话的其他顾客所得合计，将超出单个顾客限额",
    ),
    "split": Localised(
        en="together with what the same person gave this customer or household in other cases lately, the limit per"
        " case would be exceeded",
        zh="与同一人近期在其他案件中给予该顾客或其同住人的金额合计，将超出单个案件限额",
    ),
    "unit_budget": Localised(en="a budget of the unit would be exceeded", zh="将超出单位预算"),
    "written": Localised(en="the complaint is not in writing yet", zh="尚无书面投诉"),
    "per_period": Localised(en="the level's limit for the period would be exceeded", zh="将超出该级别的期间限额"),
}


class BeyondAuthority(PermissionError):
    """The sum is beyond what this level may grant."""

    def __init__(self, role: str, limits: Sequence[Limit]) -> None:
        self.role, self.limits = role, tuple(limits)
        super().__init__(f"{role}: {'; '.join(LIMIT_WORDS[limit].en for limit in limits)}")


class SelfApproval(PermissionError):
    """Nobody gives leave to themselves."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What was granted before the sum at hand."""

    case: Decimal = Decimal(0)
    customer: Decimal = Decimal(0)  # within the level's own period per customer
    household: Decimal = Decimal(0)  # to others who share an address, by people, within the same period
    split: Decimal = Decimal(0)  # to the customer or the household in other cases, lately, by the granter alone
    level: Decimal = Decimal(0)  # under this level, by anybody, within its period
    budget_left: Decimal | None = None  # in the tightest budget of the unit and those above it; None: there is none


NOTHING_SPENT: Final = Spent()


def exceeded(
    level: AuthorityLevel, *, kind: str, amount: Decimal, currency: str, spent: Spent = NOTHING_SPENT
) -> tuple[Limit, ...]:
    """The limits that granting `amount` would exceed; none means that the level covers it."""
    limits: list[Limit] = [] if kind in level.may else ["kind"]
    if not amount:
        return tuple(limits)
    if currency != level.currency:
        limits.append("currency")
    if spent.case + amount > level.per_case:
        limits.append("per_case")
    elif spent.split and spent.case + spent.split + amount > level.per_case:
        limits.append("split")
    if spent.customer + amount > level.per_customer.amount:
        limits.append("per_customer")
    elif spent.customer + spent.household + amount > level.per_customer.amount:
        limits.append("per_household")
    if spent.level + amount > level.per_period.amount:
        limits.append("per_period")
    if spent.budget_left is not None and not level.beyond_budget and amount > spent.budget_left:
        limits.append("unit_budget")
    return tuple(limits)


def covers(level: AuthorityLevel, *, kind: str, amount: Decimal, currency: str, spent: Spent = NOTHING_SPENT) -> bool:
    return not exceeded(level, kind=kind, amount=amount, currency=currency, spent=spent)


def lowest_covering(
    levels: Sequence[AuthorityLevel],
    *,
    kind: str,
    amount: Decimal,
    currency: str,
    spent: Mapping[str, Spent],
    approving: bool = False,
) -> AuthorityLevel | None:
    """The lowest level that covers the sum; with `approving`, the lowest that may give others leave for it."""
    for level in levels:
        if approving and not level.approves:
            continue
        if covers(level, kind=kind, amount=amount, currency=currency, spent=spent.get(level.id, NOTHING_SPENT)):
            return level
    return None


def approver_of(
    levels: Sequence[AuthorityLevel], *, kind: str, amount: Decimal, currency: str, spent: Mapping[str, Spent]
) -> AuthorityLevel:
    """Whom to ask: the lowest level that may give leave, or the highest of all where the totals leave nobody able
    to."""
    able = lowest_covering(levels, kind=kind, amount=amount, currency=currency, spent=spent, approving=True)
    if able is not None:
        return able
    return next((level for level in reversed(levels) if level.approves), levels[-1])


def check_approver(
    approver: int,
    *,
    asker: int | None,
    granters: Collection[int],
    tellers: Collection[int] = (),
    acting_for: Collection[int] = (),
) -> None:
    """Neither who asked, nor who gave parts of it on their own authority, nor who told what it rests on gives leave.

    Args:
        approver: who is about to give it.
        asker: who asked; None for the system itself.
        granters: who gave other parts of the case on their own authority.
        tellers: on whose word the case rests.
        acting_for: accounts that act for one of those: a second account, an assistant's, a stand-in.

    Raises:
        SelfApproval: the approver is one of them.
    """
    if approver == asker:
        raise SelfApproval("You asked for this yourself; somebody else has to decide.")
    if approver in granters:
        raise SelfApproval("You granted another part of this case yourself; somebody else has to decide.")
    if approver in tellers:
        raise SelfApproval("You reported, judged or put on record what this rests on; somebody else has to decide.")
    if approver in acting_for:
        raise SelfApproval("You act for somebody who had a part in this; somebody else decides.")


ROLE_WORDS: Final[Mapping[str, Localised]] = {
    "automatic": Localised(en="the system itself", zh="系统自动"),
    "front_line": Localised(en="a member of the front line", zh="一线员工"),
    "supervisor": Localised(en="a supervisor", zh="主管"),
    "manager": Localised(en="a manager", zh="经理"),
    "quality_owner": Localised(en="a quality owner", zh="质量负责人"),
    "executive": Localised(en="an executive", zh="高管"),
    "administrator": Localised(en="an administrator", zh="系统管理员"),
}
