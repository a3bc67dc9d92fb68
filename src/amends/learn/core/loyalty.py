"""How many customers leave because of a failure, by what they lost and how it was handled (a table of the blueprint).

The table says which share *stays* after a problem. Some leave anyway, and the table has no row for them; so the
greatest share in it stands for those who would have stayed without the failure (the *baseline*), and only who is
missing from that share counts as lost: leaves = 1 - stays / baseline. Whoever we never heard from counts as
"did not complain": in doubt, the reading is taken that flatters us least.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Final, Literal

from amends.kernel.blueprint.economics import DelayCost, Loyalty, LoyaltyRow

Way = Literal["did_not_complain", "complained_unsatisfied", "satisfied", "satisfied_quickly"]

SATISFIED_FROM: Final = 4  # of 1 to 5: the top two boxes, as customer satisfaction is usually counted

_YES_NO_UNKNOWN: Final = (True, False, None)
_RATINGS: Final = (1, 2, 3, 4, 5, None)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What we know from a customer about one case; None is "not said"."""

    accepted: bool | None = None
    satisfaction: int | None = None  # 1-5, after the recovery
    stays: bool | None = None
    told_others: bool | None = None
    quickly: bool = False  # made good within the first step of the delay-cost curve


@dataclass(frozen=True, kw_only=True)
class Weight:
    """What one case of a class counts for."""

    leaves: Decimal  # share of the customers who would have stayed and now leave
    dissatisfied: Decimal  # share of the customers who speak ill of us


def ordered(loyalty: Loyalty) -> list[LoyaltyRow]:
    """The rows from the smallest loss to the greatest."""
    return sorted(loyalty.rows, key=lambda row: row.loss_from)


def row_for(loyalty: Loyalty, loss: Decimal) -> LoyaltyRow:
    """The row that a loss falls into; a loss below all rows falls into the first."""
    rows = ordered(loyalty)
    return next((row for row in reversed(rows) if row.loss_from <= loss), rows[0])


def baseline(loyalty: Loyalty) -> Decimal:
    """Who stays without a failure: the greatest share in the table."""
    return max(
        share
        for row in loyalty.rows
        for share in (row.did_not_complain, row.complained_unsatisfied, row.satisfied, row.satisfied_quickly)
    )


def quick_within(delay_cost: DelayCost) -> timedelta | None:
    """Made good within this time of opening the case counts as "quickly"; None: the curve has no such step."""
    return delay_cost.points[0].within


def way_of(answer: Answer) -> Way:
    """How it was handled, in the words of the table: a rating says more than an acceptance, silence says nothing."""
    if answer.satisfaction is not None:
        content = answer.satisfaction >= SATISFIED_FROM
    elif answer.accepted is not None:
        content = answer.accepted
    else:
        return "did_not_complain"
    if not content:
        return "complained_unsatisfied"
    return "satisfied_quickly" if answer.quickly else "satisfied"


def weight_of(loyalty: Loyalty, row: LoyaltyRow, answer: Answer) -> Weight:
    """The share who leave and the share who speak ill of us. What the customer said of it stands before the table.

    - leaves: 0 if they said that they stay, 1 if they said that they leave, else 1 - stays / baseline;
    - dissatisfied: 1 or 0 if we know whether they told others; else 1 for the unsatisfied, 0 for the satisfied, and of
      the silent as many as leave.
    """
    way = way_of(answer)
    most = baseline(loyalty)
    stays: Decimal = getattr(row, way)
    missing = 1 - stays / most if most else Decimal(0)
    leaves = missing if answer.stays is None else Decimal(not answer.stays)
    silent = {"did_not_complain": leaves, "complained_unsatisfied": Decimal(1)}
    dissatisfied = silent.get(way, Decimal(0)) if answer.told_others is None else Decimal(answer.told_others)
    return Weight(leaves=leaves, dissatisfied=dissatisfied)


def class_key(row: int, answer: Answer) -> str:
    """The name of a class of equal cases, such as `2|true|4|-|-|false`: row of the table, then what was said."""
    said = (answer.accepted, answer.satisfaction, answer.stays, answer.told_others, answer.quickly)
    return "|".join([str(row), *("-" if value is None else str(value).lower() for value in said)])


def classes(loyalty: Loyalty) -> Iterator[tuple[str, Weight]]:
    """Every class that a case can fall into, with its weight: so one join weighs all cases. Rows count from 1."""
    for number, row in enumerate(ordered(loyalty), start=1):
        for accepted, rating, stays, told, quickly in product(
            _YES_NO_UNKNOWN, _RATINGS, _YES_NO_UNKNOWN, _YES_NO_UNKNOWN, (True, False)
        ):
            answer = Answer(accepted=accepted, satisfaction=rating, stays=stays, told_others=told, quickly=quickly)
            yield class_key(number, answer), weight_of(loyalty, row, answer)
