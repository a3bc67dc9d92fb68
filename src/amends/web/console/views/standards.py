"""Standards: the list with how well each is kept, and one of them: declaration, control chart, failures, versions."""

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.kernel.blueprint.standard_parts import Standard
from amends.kernel.text import shown
from amends.monitor.core.kept_rate import Period, Point, counts, kept_share, shares
from amends.monitor.kept_rates import (
    access_standard,
    found_lately,
    in_control_lately,
    kept_lately,
    kept_over_time,
    settled_until,
    standards_in_force,
    versions_of,
)
from amends.monitor.live_board import asked_for
from amends.people.core.rights import may
from amends.policy.selectors import deployment, version_in_force
from amends.web.console.asked import cursor, one_of, text
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.standard_words import declared
from amends.web.console.times import language
from amends.web.console.units import units_to_choose
from amends.web.console.views.rate_charts import rate_charts
from amends.web.control_chart import Mark, Words, control_chart
from amends.web.templatetags.board import exact_percent

_TITLES: Final = {
    "promises": gettext_lazy("Share of promises kept, with control limits"),
    "measured": gettext_lazy("Share of values within the limit, with control limits"),
    "": gettext_lazy("How often it came, with limits"),
}


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """All standards in force, as the blueprint has them."""
    staff, version = staff_of(request), version_in_force(deployment().blueprint_name)
    asked = asked_for(staff, unit=text(request, "unit", most=64))
    until = settled_until(now_of(request))
    kept = {**kept_lately(asked, until=until), **in_control_lately(asked, until=until)}
    rows = [
        {
            "standard": standard,
            "says": declared(standard, version_id=version.pk)[0],
            "period": kept.get(standard.id),
            "share": kept_share([kept[standard.id]]) if standard.id in kept and _counts(standard) else None,
            "counts": _counts(standard),
        }
        for standard in standards_in_force()
    ]
    context = {"rows": rows, "asked": asked, "units": units_to_choose(staff), "version": version}
    return render(request, "console/standards.html", context)


@staff_page("see_incidents")
def page(request: HttpRequest, standard_id: str) -> HttpResponse:
    """One standard."""
    staff, version = staff_of(request), version_in_force(deployment().blueprint_name)
    standard = access_standard(staff, standard_id)
    asked = asked_for(staff, unit=text(request, "unit", most=64), standard=standard.id)
    by = one_of(request, "by", ("day", "hour"), otherwise="day")
    zone = ZoneInfo(deployment().timezone)
    until = settled_until(now_of(request))
    periods = kept_over_time(asked, by=by, until=until, zone=zone)
    counted = _counts(standard)
    points = shares(periods) if counted else counts(periods)
    context: dict[str, Any] = {
        "standard": standard,
        "version": version,
        "declared": declared(standard, version_id=version.pk),
        "asked": asked,
        "units": units_to_choose(staff),
        "by": by,
        "bys": [("day", _("by day")), ("hour", _("by hour"))],
        "until": until,
        "counts": counted,
        "all": Period(start=until, kept=sum(p.kept for p in periods), broken=sum(p.broken for p in periods)),
        "share": kept_share(periods),
        "points": points[::-1],
        "beyond": sum(1 for point in points if point.beyond),
        "failures": found_lately(staff, asked, after=cursor(request)),
        "versions": versions_of(standard.id),
        "may_edit": may(staff.role, "work_standards"),
        "may_see_versions": may(staff.role, "see_blueprints"),
    }
    if standard.rate is not None:
        context |= rate_charts(request, staff, version, standard.id, zone=zone)
        lately = in_control_lately(asked, until=until).get(standard.id)
        context |= {"lately": lately, "share": kept_share([lately]) if lately else None}
    elif periods:
        context["chart"] = _chart(points, by=by, zone=zone, counted=counted)
        context["chart_narrow"] = _chart(points, by=by, zone=zone, counted=counted, narrow=True)
    return render(request, "console/standard.html", context)


def _counts(standard: Standard) -> str:
    """Of what it is known how much was kept: `promises`, `measured` values, `windows` of a rate; empty: what must not
    come can only come.
    """
    if standard.opens is not None and standard.closes is not None and standard.due is not None:
        return "promises"
    if standard.limits is not None:
        return "measured"
    return "windows" if standard.rate is not None else ""


def _chart(points: Sequence[Point], *, by: str, zone: ZoneInfo, counted: str, narrow: bool = False) -> SafeString:
    chosen = language()
    form = {"day": {"zh": "n月j日", "en": "j M"}, "hour": {"zh": "H:i", "en": "H:i"}}[by][chosen]
    limited = next((point.limits for point in points if point.limits), None)
    return control_chart(
        [
            Mark(
                label=date_format(point.period.start.astimezone(zone), form),
                value=point.value,
                lower=point.limits.lower if point.limits else None,
                upper=point.limits.upper if point.limits else None,
                beyond=bool(point.beyond),
                whole=point.period.whole,
            )
            for point in points
        ],
        limited.centre if limited else None,
        words=Words(
            title=str(_TITLES[counted]),
            mean=_("mean"),
            upper=_("upper limit"),
            lower=_("lower limit"),
        ),
        said=exact_percent if counted else lambda value: shown(round(value, 1), chosen),
        most=1.0 if counted else None,
        narrow=narrow,
    )
