"""Cases: the inbox, whose rows open beside it, and the page of one case."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.kernel.repairs import REPAIRS
from amends.people.core.rights import may
from amends.recover.core.case import CASE
from amends.recover.selectors import access_case, case_timeline, cases_for, clock_marks
from amends.recover.selectors.desk import desk_of
from amends.recover.services import be_present, see_handovers
from amends.web.console import case_file, desk, words
from amends.web.console.asked import cursor, one_of, row_id, unit_code, with_left_out
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.units import units_to_choose
from amends.web.console.views import views
from amends.web.console.views.bulk import acts_for
from amends.web.console.views.writing import letter_context
from amends.web.inbox_address import chosen_of

PAGE: Final = 30  # cases of the inbox at once: two screens of a desk


@staff_page("see_cases")
def inbox(request: HttpRequest) -> HttpResponse:
    """The cases that need somebody, the most pressing first."""
    staff = staff_of(request)
    chosen = chosen_of(request.GET) | {"unit": unit_code(request, staff)}
    with_left_out(request, chosen, "state", "severity", "strategy", "desk", "team", "sort")
    mine = request.GET.get("mine") == "1"
    incident = row_id(request, "incident")
    page = cases_for(
        staff,
        owner=staff if mine else None,
        incident=incident,
        now=now_of(request),
        after=cursor(request),
        limit=PAGE,
        **chosen,
    )
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
        "strategies": words.STRATEGY.items(),
        "units": units_to_choose(staff),
        "query": chosen["search"],
        "now": now_of(request),
        "works": may(staff.role, "work_cases"),
        "bulk_acts": acts_for(staff),
    } | views.context_of(request, staff)
    return render(request, "console/cases.html", context)


@staff_page("see_cases")
def page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: its own page, or in short beside the list that asked for it."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    now = now_of(request)
    if asks_for_part(request, "beside"):
        return render(
            request,
            "console/case_beside.html",
            case_file.beside(staff, case, place=frame_of(request).deployment, now=now),
        )
    be_present(case.pk, writing=False, acting_user=staff, now=now)
    context = case_file.whole(staff, case, place=frame_of(request).deployment, now=now) | letter_context(
        request, staff, case
    )
    context |= desk.of_case(request, staff, case, context["desk"])
    if context["handed"] is not None and context["handed"].seen_at is None:
        see_handovers(case.pk, acting_user=staff, now=now)
    context["adding"] = one_of(request, "add", REPAIRS)
    return render(request, "console/case.html", context)


@staff_page("see_cases")
def course(request: HttpRequest, case_id: int) -> HttpResponse:
    """What happened to a case, step by step; its page asks for it once a reader gets so far."""
    case = access_case(staff_of(request), case_id)
    template = "parts/case/timeline.html" if asks_for_part(request) else "console/course.html"
    return render(request, template, {"case": case, "timeline": case_timeline(case, desk_of(case))})
