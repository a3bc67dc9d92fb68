"""Sums that look like one cut into parts: the patterns, and the lifecycle of what was found.

A sum beyond the granter's authority needs leave; these say so with the lines it rests on. A series just under a limit
is only pointed out: each of its sums was covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from amends.kernel.blueprint.leave import Splits
from amends.kernel.blueprint.parts import AuthorityLevel
from amends.kernel.lifecycle import Lifecycle
from amends.kernel.money import Money
from amends.kernel.text import Localised

Pattern = Literal["same_customer", "shared_address", "just_under"]

SPLIT: Final = Lifecycle(
    name="split",
    initial="open",
    moves={"open": {"clear": "cleared", "confirm": "confirmed"}, "cleared": {}, "confirmed": {}},
    state_labels={
        "open": Localised(en="To be looked at", zh="待查看"),
        "cleared": Localised(en="In order", zh="无异常"),
        "confirmed": Localised(en="Found split", zh="确属拆分"),
    },
    move_labels={
        "clear": Localised(en="It is in order", zh="确认无异常"),
        "confirm": Localised(en="It was split", zh="认定拆分"),
    },
)
PATTERN_WORDS: Final = {
    "same_customer": Localised(en="one customer, several cases", zh="同一顾客，多个案件"),
    "shared_address": Localised(en="customers who share an address", zh="共用联系方式的顾客"),
    "just_under": Localised(en="just under the limit, again and again", zh="多次略低于限额"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sum that a person granted on their own authority; `id` None for the one at hand."""

    id: int | None
    case_id: int
    customer_id: int
    amount: Decimal
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Found:
    """A pattern, the lines that make it, and why it was pointed out."""

    pattern: Pattern
    lines: tuple[Line, ...]
    total: Decimal
    text: Localised


def found_in(
    lines: Sequence[Line], at_hand: Line, *, level: AuthorityLevel, rules: Splits, household: frozenset[int]
) -> list[Found]:
    """What the sum at hand looks like together with what the same person granted within `rules.within` before it.

    Args:
        lines: what the person granted lately on their own authority, to anybody.
        at_hand: the sum about to be granted, or asked leave for.
        level: the person's own.
        rules: of the pack.
        household: other customers who share an address with the customer at hand.
    """
    recent = [line for line in lines if at_hand.at - rules.within < line.at <= at_hand.at]
    found = []
    own = [line for line in recent if line.customer_id == at_hand.customer_id]
    shared = [line for line in recent if line.customer_id in household]
    if any(line.case_id != at_hand.case_id for line in own) and _total([*own, at_hand]) > level.per_case:
        found.append(_several("same_customer", [*own, at_hand], level, rules))
    if shared and _total([*own, *shared, at_hand]) > level.per_case:
        found.append(_several("shared_address", [*own, *shared, at_hand], level, rules))
    floor = level.per_case * (100 - rules.near) / 100
    near = [line for line in [*recent, at_hand] if floor <= line.amount <= level.per_case]
    if at_hand in near and len({line.case_id for line in near}) >= rules.series:
        found.append(_series(near, level, rules))
    return found


def _total(lines: Sequence[Line]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def _several(pattern: Pattern, lines: Sequence[Line], level: AuthorityLevel, rules: Splits) -> Found:
    total, limit = Money(_total(lines), level.currency), Money(level.per_case, level.currency)
    cases, days = len({line.case_id for line in lines}), rules.within.days
    whom = (
        Localised(en="the same customer", zh="同一顾客")
        if pattern == "same_customer"
        else Localised(en="customers who share an address or a telephone number", zh="共用地址或电话的顾客")
    )
    text = Localised(
        en=f"Within {days} days the same person granted {whom.en} {total.in_('en')} in {cases} cases; "
        f"their limit per case is {limit.in_('en')}.",
        zh=f"{days}天内同一人在{cases}个案件中给予{whom.zh}共{total.in_('zh')}，其单个案件限额为{limit.in_('zh')}。",
    )
    return Found(pattern=pattern, lines=tuple(lines), total=total.amount, text=text)


def _series(lines: Sequence[Line], level: AuthorityLevel, rules: Splits) -> Found:
    limit, days = Money(level.per_case, level.currency), rules.within.days
    text = Localised(
        en=f"Within {days} days the same person granted {len(lines)} sums at most {rules.near:f}% below their limit "
        f"per case of {limit.in_('en')}.",
        zh=f"{days}天内同一人批出{len(lines)}笔略低于其单个案件限额{limit.in_('zh')}的金额（相差不超过{rules.near:f}%）。",
    )
    return Found(pattern="just_under", lines=tuple(lines), total=_total(lines), text=text)
