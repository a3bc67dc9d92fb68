"""Incidents: many failures with one cause."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES, Severity
from amends.monitor.core.incident import LIFECYCLE
from amends.monitor.models import Incident
from amends.monitor.selectors import access_incident, incidents_for
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.tokens import caller, needs
from amends.web.api.units import unit_named

router = Router(tags=["incidents"])


class IncidentOut(Schema):
    """Many failures with one cause."""

    id: int
    key: str
    state: str
    kind: str
    subject: str
    unit: str | None
    severity: Severity
    responsible: str
    controllable: bool
    why: Words | None
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None
    failures: int
    customers: int
    why_one: Words | None
    merged_into: int | None


def shown(incident: Incident) -> dict[str, Any]:
    """An incident as plain values."""
    return {
        "id": incident.pk,
        "key": incident.key,
        "state": incident.state,
        "kind": incident.kind,
        "subject": incident.subject,
        "unit": incident.unit.code if incident.unit else None,
        "severity": SEVERITY_NAMES[incident.severity],
        "responsible": incident.responsible,
        "controllable": incident.controllable,
        "why": words_of(incident.explanation),
        "started_at": incident.started_at,
        "last_at": incident.last_at,
        "ended_at": incident.ended_at,
        "failures": incident.failures,
        "customers": incident.customers,
        "why_one": words_of(incident.gathered_why),
        "merged_into": incident.merged_into_id,
    }


@router.get("", auth=needs("read:incidents"), response=PageOf[IncidentOut], summary="List incidents")
def list_incidents(
    request: HttpRequest,
    *,
    state: Annotated[Literal["", *LIFECYCLE.states], Field(description="Empty for all.")] = "",
    unit: Annotated[str, Field(max_length=64, description="Code.")] = "",
    severity: Severity | None = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The incidents in the account's units, the latest first."""
    staff = caller(request)
    if unit:
        unit_named(staff, unit, where="query.unit")
    rank = None if severity is None else SEVERITIES[severity]
    page = incidents_for(staff, state=state, unit=unit, severity=rank, after=after, limit=limit)
    return page_answer(page, shown)


@router.get("/{int:incident_id}", auth=needs("read:incidents"), response=IncidentOut, summary="Get an incident")
def get_incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One incident with why its failures are one."""
    return answer(shown(access_incident(caller(request), incident_id)))
