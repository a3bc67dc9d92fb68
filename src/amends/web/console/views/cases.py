"""Cases: the inbox, whose rows open beside it, and the page of one case."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.recover.core.case import CASE
from amends.recover.selectors import access_case, cases_for, clock_marks
from amends.web.console import case_file, words
from amends.web.console.asked import cursor, number, one_of, row_id, text
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.units import units_to_choose

SORTS = ("priority", "due", "opened")


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """The inbox's filter as the address says it."""
    return {
        "state": one_of(request, "state", CASE.states),
        "severity": number(request, "severity", words.SEVERITY),
        "unit": text(request, "unit", most=64),
        "search": text(request),
        "sort": one_of(request, "sort", SORTS, otherwise="priority"),
    }


@staff_page("see_cases")
def inbox(request: HttpRequest) -> HttpResponse:
    """The cases that need somebody, the most pressing first."""
    staff = staff_of(request)
    chosen = _chosen(request)
    mine = request.GET.get("mine") == "1"
    incident = row_id(request, "incident")
    page = cases_for(staff, owner=staff if mine else None, incident=incident, after=cursor(request), limit=50, **chosen)
    narrowed = [name for name, value in chosen.items() if value and name != "sort"]
    context = {
        "page": page,
        "marks": clock_marks(page.rows),
        "chosen": chosen,
        "mine": mine,
        "incident": incident,
        "filtered": bool(narrowed) or mine or incident is not None,
        "states": [(code, words.state_word("case", code)) for code in CASE.states],
        "severities": words.SEVERITY.items(),
        "units": units_to_choose(staff),
        "query": chosen["search"],
        "now": now_of(request),
    }
    return render(request, "console/cases.html", context)


@staff_page("see_cases")
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: its own page, or in short beside the list that asked for it."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    now = now_of(request)
    if request.htmx and request.htmx.target == "beside":  # type: ignore[attr-defined]
        return render(request, "console/case_beside.html", case_file.beside(staff, case, now=now))
    return render(request, "console/case.html", case_file.whole(staff, case, now=now))
