"""What it costs to leave a case as it is a while longer: the inbox puts first what is most expensive to leave.

    worth x gravity x (customers lost by the curve + customers lost for each clock at risk or missed)
    + cost of settling it on the spot x how much dearer it has become by then

worth is revenue a year x margin x years, and nothing between colleagues, who do not leave as customers do; gravity is
1/2, 1 or 2 by severity. The curve is the pack's `delay_cost`: by default the heuristic of practice 1:10:100 (on the
spot, next day, later) with 90, 75 and 60 % of customers kept. It has no empirical source, and its confidence is low.
After the last step each further day loses a little more. It is a curve of steps, so the figure of a case changes when
its age crosses a step, when a clock is at risk or missed, and when somebody acts; in between it stands as it was
reckoned.

URGENCY_WEIGHT x log10(1 + cost) is added to the priority: 40 dollars add 97, 400 add 156.
What a customer is offered never depends on it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from amends.kernel.blueprint.economics import Economics
from amends.kernel.money import Money
from amends.kernel.text import Localised
from amends.recover.core.clocks import Deadline

GRAVITY: Final[Mapping[int, Decimal]] = {1: Decimal("0.5"), 2: Decimal(1), 3: Decimal(2)}
URGENCY_WEIGHT: Final = 60
NOTHING: Final = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the curve says of one age: shares and factors from now to the end of the horizon."""

    lost: Decimal  # share of customers
    dearer: Decimal  # times the cost on the spot


def step_at(age: timedelta, economics: Economics) -> Step:
    """Leaving a case of this age as it is for the horizon."""
    delay = economics.delay_cost
    before, after = _point(age, economics), _point(age + delay.horizon, economics)
    lost, dearer = before[0] - after[0], after[1] - before[1]
    last = delay.points[-2].within if len(delay.points) > 1 else timedelta(0)
    if last is not None and age >= last:
        lost += delay.each_later_day * Decimal(delay.horizon / timedelta(days=1))
    return Step(lost=max(Decimal(0), lost), dearer=max(Decimal(0), dearer))


def next_crossing(opened_at: datetime, now: datetime, economics: Economics) -> datetime | None:
    """When the curve next changes its figure for a case; None: never again."""
    ends = [point.within for point in economics.delay_cost.points if point.within is not None]
    ages = {age for end in ends for age in (end, end - economics.delay_cost.horizon) if age > timedelta(0)}
    return min((opened_at + age for age in ages if opened_at + age >= now), default=None)


def wakes_first(deadline: Deadline, opened_at: datetime, economics: Economics) -> datetime:
    """When a clock of a case just found wakes first; that of the repair also keeps the curve."""
    crossing = next_crossing(opened_at, opened_at, economics) if deadline.kind == "resolve" else None
    return deadline.warn_at if crossing is None else min(crossing, deadline.warn_at)


def cost_of_leaving(
    *, age: timedelta, severity: int, value: Decimal | None, unkept: int, owed: bool, economics: Economics
) -> Decimal:
    """The formula above.

    Args:
        age: since the failure was found.
        severity: 1 to 3.
        value: the customer's revenue a year; 0 where it is not known; None: it is one of our own people.
        unkept: clocks of the case that are at risk or missed.
        owed: whether our part is still to be done, and by us: neither finished nor waiting for the customer.
        economics: of the pack.
    """
    if not owed:
        return NOTHING
    step = step_at(age, economics)
    share = step.lost + unkept * economics.delay_cost.broken_promise
    cost = _worth(value, economics) * GRAVITY[severity] * share + _on_the_spot(economics) * step.dearer
    return max(NOTHING, cost.quantize(Decimal("0.01")))


def urgency(cost: Decimal) -> float:
    """What it adds to the priority."""
    return URGENCY_WEIGHT * math.log10(1 + float(cost))


def cost_at_opening_sql(economics: Economics, *, value: str, severity: str, inside: str) -> str:
    """The formula for a case that is just being found, for statements that open many; `inside`: it is one of our own
    people."""
    step = step_at(timedelta(0), economics)
    arms = " ".join(f"when {rank} then {weight}" for rank, weight in GRAVITY.items())
    worth = (
        f"case when {inside} then 0 else coalesce(nullif({value}, 0), {economics.yearly_value.value})"
        f" * {economics.margin_share.value * economics.horizon_years.value} end"
    )
    return (
        f"round((({worth}) * (case {severity} {arms} end) * {step.lost}"
        f" + {_on_the_spot(economics) * step.dearer})::numeric, 2)"
    )


def urgency_sql(cost: str) -> str:
    """`urgency` for statements."""
    return f"{URGENCY_WEIGHT} * log((1 + {cost})::double precision)"


def in_words(cost: Decimal, *, age: timedelta, horizon: timedelta, currency: str) -> Localised | None:
    """The reason beside the case; None where leaving it costs nothing."""
    if cost <= 0:
        return None
    money = Money(Decimal(max(1, round(cost))), currency)
    sums = Localised(en=money.in_("en").replace(".00", "", 1), zh=money.in_("zh").replace(".00", "", 1))
    waited, longer = coarse(age), coarse(horizon)
    one_day = horizon == timedelta(days=1)
    return Localised(
        en=f"Waits {waited.en}: leaving it {'a day' if one_day else longer.en} longer costs about {sums.en}.",
        zh=f"已等待{waited.zh}，再放置{'一天' if one_day else longer.zh}约损失{sums.zh}。",
    )


def _point(age: timedelta, economics: Economics) -> tuple[Decimal, Decimal]:
    """Share kept and factor at an age; a share that the pack leaves out is that of the step before."""
    kept = Decimal(1)
    for point in economics.delay_cost.points:
        kept = kept if point.retained is None else point.retained
        if point.within is None or age < point.within:
            return kept, point.factor
    return kept, economics.delay_cost.points[-1].factor


def _worth(value: Decimal | None, economics: Economics) -> Decimal:
    if value is None:
        return NOTHING
    known = value if value > 0 else economics.yearly_value.value
    return known * economics.margin_share.value * economics.horizon_years.value


def _on_the_spot(economics: Economics) -> Decimal:
    """The time of the shortest act, priced."""
    minutes = min(figure.value for figure in economics.handling_minutes.values())
    return (minutes / 60 * economics.wage_per_hour.value).quantize(Decimal("0.0001"))


def coarse(length: timedelta) -> Localised:
    """A span as short as it can be said: hours, and after two days days."""
    hours = int(length / timedelta(hours=1))
    if hours < 1:
        return Localised(en="less than an hour", zh="不到1小时")
    if hours < 48:
        return Localised(en=f"{hours} h", zh=f"{hours}小时")
    return Localised(en=f"{hours // 24} d", zh=f"{hours // 24}天")
