"""Incidents: many failures with one cause. The list, one incident with what happened and what we do, and the acts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.monitor.core.incident import LIFECYCLE
from amends.monitor.grouped import acts_on_incident, count_candidates, lead_times, subjects_counting_in
from amends.monitor.models import Incident
from amends.monitor.selectors import access_incident, failures_for, incidents_for
from amends.people.core.rights import may
from amends.people.selectors import NotFound
from amends.recover import services
from amends.recover.selectors import cases_for, clock_marks, covering
from amends.web.console import words
from amends.web.console.asked import cursor, number, one_of, unit_code
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.incident_forms import Into, Subjects, Why
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.units import units_to_choose
from amends.web.console.views.rate_charts import excursions_of

LATELY: Final = timedelta(days=30)  # of which the list says how early failures were found

Act = tuple[type[forms.Form], Callable[..., Incident], str | Promise]
ACTS: Final[dict[str, Act]] = {
    "merge": (
        Into,
        services.merge_incidents,
        _("Merged. Its failures count here now; cases of one customer are tied together."),
    ),
    "part": (Why, services.part_incidents, _("Parted again: the failures count where they did before.")),
    "split": (
        Subjects,
        services.split_incident,
        _("Split. This is the new incident; plans and promises are as before."),
    ),
    "end": (Why, services.end_incident, _("The incident is ended. Its open cases go on.")),
    "recur": (Why, services.resume_incident, _("The incident goes on.")),
}


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """The latest incidents first."""
    staff, now = staff_of(request), now_of(request)
    chosen = {
        "state": one_of(request, "state", LIFECYCLE.states),
        "unit": unit_code(request, staff),
        "severity": number(request, "severity", words.SEVERITY),
    }
    page = incidents_for(staff, after=cursor(request), **chosen)
    context = {
        "page": page,
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "states": [(code, words.state_word("incident", code)) for code in LIFECYCLE.states],
        "severities": words.SEVERITY.items(),
        "units": units_to_choose(staff),
        "candidates": count_candidates(staff),
        "lead": lead_times(staff, since=now - LATELY, until=now),
    }
    return render(request, "console/incidents.html", context)


@staff_page("see_incidents")
def page(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident, with its first failures and cases."""
    staff = staff_of(request)
    incident = access_incident(staff, incident_id)
    works = may(staff.role, "work_incidents")
    moves = LIFECYCLE.moves_from(incident.state) if works else {}
    responses = covering(incident)
    cases = cases_for(staff, incident=incident, limit=25) if may(staff.role, "see_cases") else None
    context = {
        "incident": incident,
        "failures": failures_for(staff, incident=incident, after=None, limit=25),
        "responses": responses,
        "covered": sum(one.customers for one in responses),
        "withheld": sum(one.withheld for one in responses),
        "unreached": sum(one.unreached for one in responses),
        "cases": cases,
        "marks": clock_marks(cases.rows) if cases else {},
        "works": works,
        "moves": moves,
        "subjects": subjects_counting_in(incident) if works and incident.state != "merged" else [],
        "merged": list(incident.merged.order_by("pk")[:20]),
        "acts": acts_on_incident(incident),
        "excursions": excursions_of(incident),
    }
    return render(request, "console/incident.html", context)


@require_POST
@staff_page("work_incidents")
def act(request: HttpRequest, incident_id: int, act: str) -> HttpResponse:
    """Something is done with an incident; leads to the one that goes on."""
    incident = access_incident(staff_of(request), incident_id)
    if act not in ACTS:
        raise Http404
    form_class, service, success = ACTS[act]
    done = perform(request, form_class, service, incident.pk, success)
    return redirect("console:incident", done.pk if done is not None else incident.pk)


def perform(
    request: HttpRequest, form_class: type[Any], service: Callable[..., Any], pk: int, success: str | Promise
) -> Any:
    """Check what was entered, do it, and tell the person how it went; what the act gives, None if it was not done."""
    form = form_class(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
        return None
    given = {name: value for name, value in form.cleaned_data.items() if value is not None}
    try:
        done = service(pk, acting_user=staff_of(request), now=now_of(request), **given)
    except NotFound:
        if "into" not in given:
            raise
        messages.error(request, gettext("There is no incident {number} here.").format(number=given["into"]))
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, success)
        return done
    return None
