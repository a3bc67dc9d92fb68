"""Incidents: many failures with one cause. The list, and one incident: what happened, why, who was hit, what we do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.monitor.core.incident import LIFECYCLE
from amends.monitor.selectors import access_incident, failures_for, incidents_for
from amends.people.core.rights import may
from amends.recover.models import IncidentResponse, Withheld
from amends.recover.selectors import cases_for
from amends.web.console import words
from amends.web.console.asked import cursor, number, one_of
from amends.web.console.frame import staff_of, staff_page
from amends.web.console.units import units_to_choose


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """The latest incidents first."""
    staff = staff_of(request)
    chosen = {
        "state": one_of(request, "state", LIFECYCLE.states),
        "unit": request.GET.get("unit", ""),
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
    }
    return render(request, "console/incidents.html", context)


@staff_page("see_incidents")
def page(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident, with its first failures and cases."""
    staff = staff_of(request)
    incident = access_incident(staff, incident_id)
    context = {
        "incident": incident,
        "failures": failures_for(staff, incident=incident, after=None, limit=25),
        "response": IncidentResponse.objects.select_related("why").filter(incident=incident).first(),
        "withheld": Withheld.objects.filter(incident=incident).count(),
        "cases": cases_for(staff, incident=incident, limit=25) if may(staff.role, "see_cases") else None,
    }
    return render(request, "console/incident.html", context)
