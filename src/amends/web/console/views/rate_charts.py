"""The control charts of a rate on its standard's page: one unit at a time, those out of control first."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amends.kernel.text import shown
from amends.monitor.charts import Charted, ChartPoint, ControlChart, charted, rates_of
from amends.monitor.charts import control_chart as chart_of
from amends.monitor.models import Excursion, Incident
from amends.people.models import Staff, Unit
from amends.policy.models import BlueprintVersion
from amends.web.console.asked import text
from amends.web.console.times import language
from amends.web.control_chart import Mark, Words, control_chart
from amends.web.templatetags.board import exact_percent

MOST_EXCURSIONS = 20
MIDDLES: Final = {
    "usual": gettext_lazy("usual"),
    "target": pgettext_lazy("of a rate", "target"),
    "capacity": pgettext_lazy("of a rate", "capacity"),
}
DRAWN = 72  # windows: three days by the hour; the table behind has the same


def rate_charts(
    request: HttpRequest, staff: Staff, version: BlueprintVersion, standard: str, *, zone: ZoneInfo
) -> dict[str, Any]:
    """What the page shows of a rate: who has a chart, and the chart of whoever was asked for."""
    units = charted(staff, standard)
    asked = text(request, "at", most=400)
    chosen = next((one for one in units if key_of(one) == asked), units[0] if units else None)
    named = Unit.objects.in_bulk({one.place for one in units}, field_name="code")
    context: dict[str, Any] = {"rate": True, "charted": [(key_of(one), one, named.get(one.place)) for one in units]}
    if chosen is None:
        return context
    chart = chart_of(staff, version, standard, subject=chosen.subject, place=chosen.place, limit=DRAWN)
    return context | {
        "chosen": key_of(chosen),
        "out_now": chosen.out,
        "rate_chart": chart,
        "middle": MIDDLES[chart.middle],
        "rows": [(point, *figures(chart, point)) for point in reversed(chart.points)],
        "drawn": _drawn(chart, zone),
        "drawn_narrow": _drawn(chart, zone, narrow=True),
    }


def excursions_of(incident: Incident) -> list[tuple[Excursion, dict[str, str]]]:
    """What got out of control in an incident that the person may see, with its figures as they are read."""
    found = list(incident.excursions.order_by("began_at")[:MOST_EXCURSIONS])
    if not found:
        return []
    rates = {rate.id: rate for rate in rates_of(incident.blueprint)}
    rows = []
    for one in found:
        rate = rates.get(one.standard)
        said = _said(share=rate is not None and rate.rate.bad is not None)
        limit = one.evidence["lower" if one.evidence["value"] < one.evidence["centre"] else "upper"]
        figures = {"value": said(one.evidence["value"]), "centre": said(one.evidence["centre"]), "limit": said(limit)}
        rows.append((one, figures | {"key": key_of(one), "middle": rate.centre if rate is not None else "usual"}))
    return rows


def key_of(one: Charted | Excursion) -> str:
    """Names a chart in an address."""
    return one.subject if one.place == one.subject else f"{one.place}/{one.subject}"


def figures(chart: ControlChart, point: ChartPoint) -> tuple[str, str, str]:
    """The value, the middle of the chart, and the limits, as they are read."""
    said = _said(share=chart.share)
    return said(point.value), said(point.centre), f"{said(point.lower)} – {said(point.upper)}"


def _said(*, share: bool) -> Callable[[float], str]:
    chosen = language()
    return exact_percent if share else lambda value: shown(_rounded(value), chosen)


def _rounded(value: float) -> float:
    """To a tenth, and what is less than one to two figures."""
    return round(value, 1) if abs(value) >= 1 else float(f"{value:.2g}")


def _drawn(chart: ControlChart, zone: ZoneInfo, *, narrow: bool = False) -> SafeString:
    form = {"zh": "j日H:i", "en": "j M H:i"}[language()]
    points: Sequence[ChartPoint] = chart.points[-24:] if narrow else chart.points
    running = chart.chart in (
        "ewma",
        "cusum",
    )  # about the run: drawn is what is held against the bound
    marks = [
        Mark(
            label=date_format(point.start.astimezone(zone), form),
            value=point.statistic if running else point.value,
            lower=None if running else point.lower,
            upper=point.bound if running else point.upper,
            beyond=point.out,
            whole=point.over,
        )
        for point in points
    ]
    chosen = language()
    return control_chart(
        marks,
        None if running else points[-1].centre,
        words=Words(
            title=_("Control chart"), mean=str(MIDDLES[chart.middle]), upper=_("upper limit"), lower=_("lower limit")
        ),
        said=(lambda value: shown(_rounded(value), chosen)) if running else _said(share=chart.share),
        most=1.0 if chart.share and not running else None,
        narrow=narrow,
    )
