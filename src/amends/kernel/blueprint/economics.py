"""Default figures for what a failure costs, each with unit, source and confidence; a company's own data replace it."""

from datetime import timedelta
from decimal import Decimal

from pydantic import Field

from amends.kernel.blueprint.parts import ActionKind
from amends.kernel.business_time import Duration
from amends.kernel.taxonomy import Confidence, Frozen
from amends.kernel.text import Said


class Figure(Frozen):
    value: Decimal
    unit: Said
    source: Said
    confidence: Confidence


class LoyaltyRow(Frozen):
    """Share of customers who stay after a problem, by how it went."""

    loss_from: Decimal = Field(ge=0)  # in the pack's currency; the row counts up to the next row's
    did_not_complain: Decimal = Field(ge=0, le=1)
    complained_unsatisfied: Decimal = Field(ge=0, le=1)
    satisfied: Decimal = Field(ge=0, le=1)
    satisfied_quickly: Decimal = Field(ge=0, le=1)


class Loyalty(Frozen):
    source: Said
    confidence: Confidence
    rows: tuple[LoyaltyRow, ...] = Field(min_length=1)


class WordOfMouth(Frozen):
    told_when_dissatisfied: Figure  # people told
    told_when_satisfied: Figure
    loss_per_person_told: Figure  # share of those told who would have bought and now do not


class DelayPoint(Frozen):
    within: Duration | None = None  # solved within this time of the failure; None: any later
    factor: Decimal = Field(gt=0)  # times the cost of solving it on the spot
    retained: Decimal | None = Field(default=None, ge=0, le=1)  # share of customers kept


class DelayCost(Frozen):
    source: Said
    confidence: Confidence
    points: tuple[DelayPoint, ...] = Field(min_length=1)
    horizon: Duration = timedelta(days=1)  # leaving a case so much longer is what the inbox prices
    each_later_day: Decimal = Field(default=Decimal("0.02"), ge=0, le=1)  # share of customers lost a day after the last
    broken_promise: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)  # share lost for each clock at risk or missed


class Economics(Frozen):
    """economics.yaml"""

    wage_per_hour: Figure
    handling_minutes: dict[ActionKind, Figure]  # of staff time, per action
    message_cost: Figure  # of one automatic message
    margin_share: Figure  # of revenue
    yearly_value: Figure  # revenue of a customer in a year, where a deployment knows nothing better
    horizon_years: Figure  # over which a customer who leaves is missed
    loyalty: Loyalty
    word_of_mouth: WordOfMouth
    delay_cost: DelayCost
