"""What alarms cost and what they are worth, by the economics of the blueprint.

A false alarm costs one early intervention: an employee's progress notice and the message. A broken promise that was
known before is taken to be made good at once, so of its customers as many stay as are satisfied quickly; of one that
was not known, as many as never complain. The difference, times the margin of the years a customer is missed, is what
a warning averts, and what a failure without one misses. The lowest row of loyalty counts: in doubt, less is won.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from amends.kernel.blueprint.economics import Economics
from amends.kernel.taxonomy import Confidence

RISING: Final[tuple[Confidence, ...]] = ("low", "medium", "high")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Of one alarm and of one failure, in the blueprint's currency."""

    intervention: Decimal
    averted: Decimal
    confidence: Confidence  # the lowest of the figures that they rest on


def prices_of(economics: Economics) -> Prices:
    """What one early intervention costs, and what it saves where it was needed."""
    loyalty, wage = economics.loyalty, economics.wage_per_hour
    minutes = economics.handling_minutes.get("progress_notice")
    work = Decimal(0) if minutes is None else minutes.value / 60 * wage.value
    row = min(loyalty.rows, key=lambda one: one.loss_from)
    most = max(
        max(one.did_not_complain, one.complained_unsatisfied, one.satisfied, one.satisfied_quickly)
        for one in loyalty.rows
    )
    stays = max(Decimal(0), row.satisfied_quickly - row.did_not_complain) / (most or 1)
    worth = economics.yearly_value.value * economics.margin_share.value * economics.horizon_years.value
    figures = (wage, economics.message_cost, economics.yearly_value, economics.margin_share, economics.horizon_years)
    sure = [figure.confidence for figure in figures] + [loyalty.confidence]
    sure += [minutes.confidence] if minutes is not None else []
    return Prices(
        intervention=work + economics.message_cost.value,
        averted=stays * worth,
        confidence=min(sure, key=RISING.index),
    )
