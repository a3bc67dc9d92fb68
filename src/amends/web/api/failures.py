"""Failures: promises broken or about to be, as the monitor found them or as someone told us."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.severity import SEVERITY_NAMES, Severity
from amends.monitor.models import Failure
from amends.monitor.selectors import access_failure, access_incident, failures_for
from amends.people.selectors import access_customer
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.facts import taxonomy_in_force
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["failures"])


class FailureOut(Schema):
    """One promise broken or about to be."""

    id: int
    standard: str
    kind: str
    step: str
    subject: str
    unit: str | None
    stage: str
    found_at: datetime
    stage_at: datetime
    opened_at: datetime | None
    due: datetime | None
    severity: Severity
    severity_why: Words
    responsible: str
    controllable: bool
    stable: bool
    attribution_why: Words
    customers: int
    incident: int | None
    incident_why: Words | None
    closure: int | None
    voiced_at: datetime | None
    facts: dict[str, Any]


def shown(failure: Failure) -> dict[str, Any]:
    """A failure as plain values."""
    return {
        "id": failure.pk,
        "standard": failure.standard,
        "kind": failure.kind,
        "step": failure.step,
        "subject": failure.subject,
        "unit": failure.unit.code if failure.unit else None,
        "stage": failure.stage,
        "found_at": failure.found_at,
        "stage_at": failure.stage_at,
        "opened_at": failure.opened_at,
        "due": failure.due,
        "severity": SEVERITY_NAMES[failure.severity],
        "severity_why": words_of(failure.severity_why),
        "responsible": failure.responsible,
        "controllable": failure.controllable,
        "stable": failure.stable,
        "attribution_why": words_of(failure.attribution_why),
        "customers": failure.customers,
        "incident": failure.counts_in,
        "incident_why": words_of(failure.belongs_why),
        "closure": failure.closure_id,
        "voiced_at": failure.voiced_at,
        "facts": failure.facts,
    }


@router.get("", auth=needs("read:failures"), response=PageOf[FailureOut], summary="List failures")
def list_failures(
    request: HttpRequest,
    *,
    incident: int | None = None,
    customer: int | None = None,
    stage: Annotated[Literal["", *Failure.Stage.values], Field(description="Empty for all.")] = "",
    kind: Annotated[str, Field(max_length=64)] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The failures in the account's units, the latest found first."""
    staff = caller(request)
    kinds = taxonomy_in_force().kinds
    if kind and kind not in kinds:
        words = f"There is no kind of failure {kind!r}; there are {', '.join(kinds)}."
        raise Refused(422, words, where="query.kind")
    page = failures_for(
        staff,
        incident=None if incident is None else access_incident(staff, incident),
        customer=None if customer is None else access_customer(staff, customer),
        stage=stage,
        kind=kind,
        after=after,
        limit=limit,
    )
    return page_answer(page, shown)


@router.get("/{int:failure_id}", auth=needs("read:failures"), response=FailureOut, summary="Get a failure")
def get_failure(request: HttpRequest, failure_id: int) -> HttpResponse:
    """One failure with why it is graded and attributed so."""
    return answer(shown(access_failure(caller(request), failure_id)))
