"""Failures: promises broken or about to be. The list, and one failure with its findings and why it is judged so."""

from datetime import datetime
from operator import itemgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.monitor.models import Failure
from amends.monitor.selectors import access_failure, access_incident, failures_for
from amends.monitor.self_reports import report_of
from amends.web.console import words
from amends.web.console.asked import cursor, one_of, row_id
from amends.web.console.frame import frame_of, staff_of, staff_page
from amends.web.console.views.reports import readers


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """The latest found first."""
    chosen = {
        "stage": one_of(request, "stage", Failure.Stage.values),
        "kind": one_of(request, "kind", frame_of(request).taxonomy.kinds),
    }
    staff, number = staff_of(request), row_id(request, "incident")
    incident = access_incident(staff, number) if number is not None else None
    expected = request.GET.get("expected") == "1"
    page = failures_for(staff, incident=incident, expected=expected, after=cursor(request), **chosen)
    context = {
        "page": page,
        "chosen": chosen,
        "incident": number,
        "expected": expected,
        "filtered": any(chosen.values()) or incident is not None or expected,
        "stages": words.STAGE.items(),
        "kinds": words.kinds_in_force(),
    }
    return render(request, "console/failures.html", context)


@staff_page("see_incidents")
def page(request: HttpRequest, failure_id: int) -> HttpResponse:
    """One failure."""
    staff = staff_of(request)
    failure = access_failure(staff, failure_id)
    context = {"failure": failure, "course": _course(failure), "told": report_of(staff, failure), "readers": readers()}
    return render(request, "console/failure.html", context)


def _course(failure: Failure) -> list[tuple[datetime, str, dict[str, Any]]]:
    """What became of the promise, in the order of time; what falls on the promised time comes after it."""
    promise = ((failure.opened_at, "made"), (failure.due, "due"))
    found = ((finding.at, finding.what, {}) for finding in failure.findings.order_by("at", "id"))
    moved = (
        (datetime.fromisoformat(one["at"]), "moved", {"due": datetime.fromisoformat(one["due"]), "why": one["reason"]})
        for one in failure.facts.get("revisions") or ()
    )
    known = ((at, what, {}) for at, what in promise if at is not None)
    return sorted([*known, *moved, *found], key=itemgetter(0))
