"""Standards: the list with how well each is kept, and one of them: declaration, control chart, failures, versions."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from amends.kernel.blueprint.standard_parts import Standard
from amends.kernel.text import shown
from amends.monitor.core.kept_rate import Period, Point, counts, kept_share, shares
from amends.monitor.kept_rates import (
    access_standard,
    found_lately,
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


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """All standards in force, as the blueprint has them."""
    staff, version = staff_of(request), version_in_force(deployment().blueprint_name)
    asked = asked_for(staff, unit=text(request, "unit", most=64))
    kept = kept_lately(asked, until=settled_until(now_of(request)))
    rows = [
        {
            "standard": standard,
            "says": declared(standard, version_id=version.pk)[0],
            "period": kept.get(standard.id),
            "share": kept_share([kept[standard.id]]) if standard.id in kept and _counts_kept(standard) else None,
            "promises": _counts_kept(standard),
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
    promises = _counts_kept(standard)
    points = shares(periods) if promises else counts(periods)
    context: dict[str, Any] = {
        "standard": standard,
        "version": version,
        "declared": declared(standard, version_id=version.pk),
        "asked": asked,
        "units": units_to_choose(staff),
        "by": by,
        "bys": [("day", _("by day")), ("hour", _("by hour"))],
        "until": until,
        "promises": promises,
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
    elif periods:
        context["chart"] = _chart(points, by=by, zone=zone, promises=promises)
        context["chart_narrow"] = _chart(points, by=by, zone=zone, promises=promises, narrow=True)
    return render(request, "console/standard.html", context)


def _counts_kept(standard: Standard) -> bool:
    """Whether it promises something that can be kept; what must not come can only come."""
    return standard.opens is not None and standard.closes is not None and standard.due is not None


def _chart(points: Sequence[Point], *, by: str, zone: ZoneInfo, promises: bool, narrow: bool = False) -> SafeString:
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
            )
            for point in points
        ],
        limited.centre if limited else None,
        words=Words(
            title=_("Share of promises kept, with control limits") if promises else _("How often it came, with limits"),
            mean=_("mean"),
            upper=_("upper limit"),
            lower=_("lower limit"),
        ),
        said=exact_percent if promises else lambda value: shown(round(value, 1), chosen),
        most=1.0 if promises else None,
        narrow=narrow,
    )
