"""What a failure would cost if it came: people's time, customers who leave, and what those tell others.

The parameters are those of the blueprint's economics, by which failures are priced afterwards as well. Whom a failure
hits is taken for somebody who says nothing, as most do.
"""

from collections.abc import Iterable
from decimal import Decimal

from amends.kernel.blueprint.economics import Economics
from amends.kernel.blueprint.parts import PlannedAction


def cost_of_one(economics: Economics, actions: Iterable[PlannedAction]) -> Decimal:
    """Of one customer who is hit, in the pack's currency.

    time: minutes of what people do / 60 x wage. leaving: 1 - stays / baseline, x yearly revenue x margin x years.
    word of mouth: of those who leave, x people told x share of them lost, priced alike.
    """
    minutes = sum(
        (
            economics.handling_minutes[action.kind].value
            for action in actions
            if action.performer != "automatic" and action.kind in economics.handling_minutes
        ),
        Decimal(0),
    )
    worth = economics.yearly_value.value * economics.margin_share.value * economics.horizon_years.value
    words = economics.word_of_mouth
    leaves = _leaves(economics)
    told = leaves * words.told_when_dissatisfied.value * words.loss_per_person_told.value
    return minutes / 60 * economics.wage_per_hour.value + (leaves + told) * worth


def _leaves(economics: Economics) -> Decimal:
    """The share of the silent who would have stayed and now do not, at the smallest loss that the table has."""
    rows = economics.loyalty.rows
    first = min(rows, key=lambda row: row.loss_from)
    baseline = max(
        share
        for row in rows
        for share in (row.did_not_complain, row.complained_unsatisfied, row.satisfied, row.satisfied_quickly)
    )
    return 1 - first.did_not_complain / baseline if baseline else Decimal(0)
