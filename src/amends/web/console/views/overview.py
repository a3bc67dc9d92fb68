"""The overview: the ring with live figures, what needs a person now, and where the money goes; each its own."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amends.kernel.text import shown
from amends.learn import selectors as learning
from amends.monitor.grouped import lead_times
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.recover.selectors import approvals_for, cases_for, clock_marks, notices_for
from amends.web.charts import Station, Ware, bar, ring_figure
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.leave import with_leave
from amends.web.console.times import language
from amends.web.console.views.incidents import LATELY

TOP = 5
DUE_NEXT = 8


@staff_page()
def overview(request: HttpRequest) -> HttpResponse:
    """The first page after signing in."""
    staff = staff_of(request)
    context: dict[str, Any] = {"now": now_of(request)}
    if may(staff.role, "see_learning"):
        context |= _learning(staff, now=context["now"])
    if may(staff.role, "see_cases"):
        context["due"] = cases_for(staff, sort="due", limit=DUE_NEXT)
    if may(staff.role, "work_cases"):
        context["mine"] = cases_for(staff, owner=staff, sort="due", limit=TOP)
    if may(staff.role, "see_cases"):
        shown_cases = [*context["due"].rows, *(context["mine"].rows if "mine" in context else ())]
        context["marks"] = clock_marks(shown_cases)
        context["came_up"] = notices_for(staff, what="escalated", unseen=True, to_do=True, limit=TOP).rows
    if may(staff.role, "approve"):
        context["asks"] = with_leave(staff, approvals_for(staff, limit=TOP).rows)
    return render(request, "console/overview.html", context)


def _learning(staff: Staff, *, now: datetime) -> dict[str, Any]:
    figures = learning.ring(staff)
    causes = learning.pareto(staff)[:TOP]
    lead = lead_times(staff, since=now - LATELY, until=now)
    dearest = max((float(row.share) for row in causes), default=1.0) or 1.0
    ware = ware_of(figures)
    stations = stations_of(figures)
    return {
        "figures": figures,
        "lead": lead,
        "ware": ware,
        "stations": stations,
        "ring": ring_figure(
            stations,
            ware,
            title=_("The ring from signals to lessons, and how many broken promises were made good"),
            headline=f"{ware.made_good / ware.broken:.0%}" if ware.broken else "–",
            caption=_caption(ware),
        ),
        "costs": learning.costs(staff),
        "causes": [(row, bar(float(row.share) / dearest)) for row in causes],
        "lessons": learning.lessons_for(staff, state="drafted", limit=TOP),
    }


def ware_of(figures: learning.Ring) -> Ware:
    """How the cases stand: accepted by the customer's own word, settled without it, or not made good yet.

    What was withdrawn was no broken promise.
    """
    settled = figures.weighed - figures.cases_open
    return Ware(made_good=figures.accepted, in_hand=settled - figures.accepted, open=figures.cases_open)


def stations_of(figures: learning.Ring) -> list[Station]:
    """The ring's stops in the order in which a failure passes them."""
    stops = [
        (_("signals"), figures.signals, ""),
        (_("findings"), figures.findings, ""),
        (_("failures"), figures.failures, "console:failures"),
        (_("incidents"), figures.incidents, "console:incidents"),
        (_("cases"), figures.cases, "console:cases"),
        (_("plans"), figures.plans, ""),
        (_("actions done"), figures.actions_done, ""),
        (_("outcomes"), figures.outcomes, ""),
        (_("lessons"), figures.lessons, "console:lessons"),
    ]
    return [
        Station(label=label, value=shown(value, language()), href=reverse(place) if place else "")
        for label, value, place in stops
        if value is not None  # signals belong to no unit, so who sees a part of the company sees no count of them
    ]


def _caption(ware: Ware) -> list[str]:
    if not ware.broken:
        return [_("no promise broken"), _("that needed a case")]
    made_good, broken = shown(ware.made_good, language()), shown(ware.broken, language())
    return [_("of cases made good"), _("{made_good} of {broken}").format(made_good=made_good, broken=broken)]
