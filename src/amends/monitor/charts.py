"""Control charts for people: how the windows of a rate ran at one unit, as the monitor judged them.

The windows are rows of ours (`RateWindow`), delivered by the monitor with its findings, and not reckoned anew from
signals: so a chart shows the very figures that opened an incident, costs one index scan, and needs no signal that has
been put away since. There is one row a unit and window, nine weeks long; a rate by the hour at fifty units is 75,000.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Max, Q, QuerySet

from amends.kernel.text import Localised
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Standards
from amends.monitor.models import Excursion, RateWindow
from amends.people.models import Staff
from amends.people.selectors import NotFound, require, units_below
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of

MOST_POINTS: Final = 336  # two weeks by the hour


@dataclass(frozen=True, kw_only=True)
class Charted:
    """A unit, or what else a rate is counted by, that has a chart."""

    subject: str
    place: str
    last: datetime  # the end of its latest window
    out: bool  # it is out of control now


@dataclass(frozen=True, kw_only=True)
class ChartPoint:
    """One window."""

    start: datetime
    end: datetime
    number: float  # n: so many signals
    value: float
    centre: float
    lower: float
    upper: float
    statistic: float  # of EWMA and CUSUM what is drawn against `bound`, in standard errors
    bound: float
    out: bool
    over: bool  # false: it was found to be out before its end


@dataclass(frozen=True, kw_only=True)
class ChartSignal:
    """A time out of control."""

    window_start: datetime
    began_at: datetime
    ended_at: datetime | None
    incident: int
    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ControlChart:
    """One rate at one unit, the earliest window first."""

    standard: str
    name: Localised | None
    chart: str | None  # p, u, xbar, ewma, cusum; None: a volume against its capacity
    middle: str  # what the centre is: usual, target or capacity
    share: bool  # values are shares: to be shown in per cent
    subject: str
    place: str
    false_alarm_every: float | None  # windows, on average, while nothing has changed
    points: list[ChartPoint] = field(default_factory=list)
    signals: list[ChartSignal] = field(default_factory=list)


def rates_of(version: BlueprintVersion) -> tuple[Rate, ...]:
    """The standards of a blueprint that have control charts."""
    return Standards.model_validate(blueprint_of(version.pk).standards_file()).of_kind(Rate)


def charted(staff: Staff, standard: str, *, limit: int = 200) -> list[Charted]:
    """Who has a chart of this standard among what the person may see; those out of control come first."""
    require(staff, "see_incidents")
    rows = _reached(RateWindow.objects.filter(standard=standard), staff).values("subject", "place")
    latest = list(rows.annotate(last=Max("end")).order_by("subject", "place"))
    going_on = _reached(Excursion.objects.filter(standard=standard, ended_at=None), staff)
    out = set(going_on.values_list("subject", "place"))
    found = [Charted(**row, out=(row["subject"], row["place"]) in out) for row in latest]
    return sorted(found, key=lambda one: (not one.out, one.subject, one.place))[:limit]


def control_chart(
    staff: Staff,
    version: BlueprintVersion,
    standard: str,
    *,
    subject: str,
    place: str | None = None,
    until: datetime | None = None,
    limit: int = MOST_POINTS,
) -> ControlChart:
    """The chart of one standard at one unit.

    Args:
        staff: whoever looks.
        version: the blueprint, which says what kind of chart it is.
        standard: id of the rate.
        subject: the code of the unit, or what else the rate is counted by.
        place: the code of the unit where that is another thing; None: the subject is the unit.
        until: windows that start before it; None: up to the latest.
        limit: how many windows at most.

    Raises:
        NotAllowed: the role sees no incidents.
        NotFound: there is no such rate, or nothing of it that the person reaches.
    """
    require(staff, "see_incidents")
    rate = next((one for one in rates_of(version) if one.id == standard), None)
    if rate is None:
        raise NotFound(f"There is no rate {standard!r} here.")
    own = {"standard": standard, "subject": subject, "place": subject if place is None else place}
    windows = _reached(RateWindow.objects.filter(**own), staff)
    if until is not None:
        windows = windows.filter(start__lt=until)
    rows = list(windows.annotate(over=Q(at__gte=F("end"))).order_by("-start")[:limit])[::-1]
    if not rows:
        raise NotFound(f"There is no chart of {standard!r} for {subject!r} here.")
    shown = Excursion.objects.filter(**own, window_start__lte=rows[-1].start)
    shown = shown.filter(Q(ended_at=None) | Q(ended_at__gte=rows[0].start)).order_by("window_start")
    return ControlChart(
        **own,
        name=rate.name,
        chart=rate.chart,
        middle=rate.centre,
        share=rate.rate.bad is not None,
        false_alarm_every=rate.run_length(),
        points=[ChartPoint(**{name: getattr(row, name) for name in ChartPoint.__dataclass_fields__}) for row in rows],
        signals=[
            ChartSignal(
                window_start=one.window_start,
                began_at=one.began_at,
                ended_at=one.ended_at,
                incident=one.incident_id,
                evidence=one.evidence,
            )
            for one in shown[:limit]
        ],
    )


def _reached(rows: QuerySet[Any], staff: Staff) -> QuerySet[Any]:
    units = units_below(staff)
    return rows if units is None else rows.filter(unit_id__in=units)
