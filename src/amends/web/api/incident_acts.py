"""Acts on incidents, candidates, closures and held standards, as in the console."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.kernel.text import Localised
from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.grouped import (
    access_candidate,
    access_closure,
    candidates_for,
    closures_for,
    held_standards,
    members_of,
)
from amends.monitor.models import Candidate, Closure
from amends.monitor.selectors import access_incident
from amends.monitor.services.closures import BadClosure, end_closure, enter_closure
from amends.monitor.services.guard import resume_standard
from amends.people.selectors import unit_for
from amends.policy.present import present
from amends.policy.selectors import deployment, version_in_force
from amends.recover import services
from amends.web.api.answers import After, Limit, PageOf, Words, answer, page_answer, words_of
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.incidents import IncidentOut, shown
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["incidents"])

Note = Annotated[str, Field(max_length=500)]


class IncidentMove(Body):
    """What to do with an incident."""

    act: Literal["merge", "part", "split", "end", "go_on"]
    into: Annotated[int, Field(ge=1, le=2**62)] | None = Field(None, description="Of a merge: the one that goes on.")
    subjects: Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=500)] = Field(
        default=[], description="Of a split: what has a cause of its own."
    )
    note: Note = ""


class CandidateOut(Schema):
    """Failures that are likely to have one cause."""

    id: int
    state: str
    basis: str
    resource: str
    kind: str
    unit: str | None
    why: Words | None
    began_at: datetime
    last_at: datetime
    subjects: int
    customers: int
    failures: list[int]
    incident: int | None


class CandidateMove(Body):
    """What to do with a candidate."""

    act: Literal["confirm", "dismiss", "reconsider"]
    leave_out: Annotated[list[Annotated[int, Field(ge=1, le=2**62)]], Field(max_length=5_000)] = Field(
        default=[], description="Of a confirmation: failures that do not belong."
    )
    into: Annotated[int, Field(ge=1, le=2**62)] | None = Field(
        None, description="Of a confirmation: an incident that is the same trouble."
    )
    note: Note = ""


class ClosureOut(Schema):
    """Maintenance or a known closure of a unit or a resource."""

    id: int
    unit: str | None
    resource: str
    starts_at: datetime
    ends_at: datetime
    reason: Words
    withdrawn_at: datetime | None


class ClosureIn(Body):
    """What is closed, when, and why in both languages; either a unit or a resource."""

    unit: Annotated[str, Field(max_length=64, description="Code; the units below are closed with it.")] = ""
    resource: Annotated[str, Field(max_length=200, description="Kind and name, such as `runway/22L`.")] = ""
    starts_at: Annotated[datetime, Field(strict=False)]
    ends_at: Annotated[datetime, Field(strict=False)]
    reason_en: Annotated[str, Field(min_length=1, max_length=300)]
    reason_zh: Annotated[str, Field(min_length=1, max_length=300)]


class ClosureMove(Body):
    """It ends now, or was wrong."""

    act: Literal["end", "withdraw"]


class HeldOut(Schema):
    """A standard that found too much."""

    standard: str
    state: str
    held_at: datetime | None
    limit: int
    most: int
    waiting: int
    wanted: int


class HeldList(Schema):
    """All of them."""

    items: list[HeldOut]


class Resumption(Body):
    """How a held standard goes on."""

    take: Annotated[bool, Field(description="Whether what was held becomes failures.")]
    note: Note = ""


@router.post(
    "/incidents/{int:incident_id}/move",
    auth=needs("write:incidents"),
    response=IncidentOut,
    summary="Act on an incident",
)
@once
def move_incident(request: HttpRequest, incident_id: int, body: IncidentMove) -> HttpResponse:
    """Merge it, part it again, split some subjects off, end it or let it go on; answers with the one that goes on."""
    staff = caller(request)
    access_incident(staff, incident_id)
    given: dict[str, Any] = {"acting_user": staff, "now": present(), "note": body.note}
    if body.act == "merge":
        if body.into is None:
            raise Refused(422, "A merge needs the incident that goes on.", where="body.into")
        done = services.merge_incidents(incident_id, into=body.into, **given)
    elif body.act == "split":
        done = services.split_incident(incident_id, subjects=body.subjects, **given)
    else:
        act = {"part": services.part_incidents, "end": services.end_incident, "go_on": services.resume_incident}
        done = act[body.act](incident_id, **given)
    return answer(shown(access_incident(staff, done.pk)))


@router.get(
    "/incident-candidates", auth=needs("read:incidents"), response=PageOf[CandidateOut], summary="List candidates"
)
def list_candidates(
    request: HttpRequest,
    state: Annotated[Literal["", *CANDIDATE.states], Field(description="Empty for all.")] = "proposed",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Incident candidates in the account's units, the latest first."""
    return page_answer(candidates_for(caller(request), state=state, after=after, limit=limit), _candidate)


@router.get(
    "/incident-candidates/{int:candidate_id}",
    auth=needs("read:incidents"),
    response=CandidateOut,
    summary="Get a candidate",
)
def get_candidate(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """One candidate with its failures."""
    return answer(_candidate(access_candidate(caller(request), candidate_id)))


@router.post(
    "/incident-candidates/{int:candidate_id}/move",
    auth=needs("write:incidents"),
    response=CandidateOut,
    summary="Decide on a candidate",
)
@once
def move_candidate(request: HttpRequest, candidate_id: int, body: CandidateMove) -> HttpResponse:
    """Confirm it as one incident, dismiss it, or look at it again."""
    staff, now = caller(request), present()
    access_candidate(staff, candidate_id)
    if body.act == "confirm":
        services.confirm_candidate(
            candidate_id, leave_out=body.leave_out, into=body.into, acting_user=staff, now=now, note=body.note
        )
    else:
        act = {"dismiss": services.dismiss_candidate, "reconsider": services.reconsider_candidate}
        act[body.act](candidate_id, acting_user=staff, now=now, note=body.note)
    return answer(_candidate(access_candidate(staff, candidate_id)))


@router.get("/closures", auth=needs("read:incidents"), response=PageOf[ClosureOut], summary="List closures")
def list_closures(
    request: HttpRequest,
    *,
    past: Annotated[bool, Field(description="Those that are over instead.")] = False,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Maintenance and known closures now and ahead."""
    return page_answer(closures_for(caller(request), now=present(), past=past, after=after, limit=limit), _closure)


@router.post("/closures", auth=needs("write:incidents"), response=ClosureOut, summary="Enter a closure")
@once
def post_closure(request: HttpRequest, body: ClosureIn) -> HttpResponse:
    """Failures of the unit, or of what hangs on the resource, are expected in that time and open nothing."""
    staff = caller(request)
    if body.starts_at.tzinfo is None or body.ends_at.tzinfo is None:
        raise Refused(422, "A time needs its offset.", where="body.starts_at")
    unit = unit_for(staff, body.unit) if body.unit else None
    try:
        made = enter_closure(
            unit=unit,
            resource=body.resource,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            reason=Localised(en=body.reason_en, zh=body.reason_zh),
            version=version_in_force(deployment().blueprint_name),
            acting_user=staff,
            now=present(),
        )
    except BadClosure as error:
        raise Refused(422, str(error), where="body") from None
    return answer(_closure(made))


@router.post(
    "/closures/{int:closure_id}/move", auth=needs("write:incidents"), response=ClosureOut, summary="End a closure"
)
@once
def move_closure(request: HttpRequest, closure_id: int, body: ClosureMove) -> HttpResponse:
    """It ends now; or it was wrong, and what it kept back gets its incidents and cases."""
    staff, now = caller(request), present()
    access_closure(staff, closure_id)
    if body.act == "withdraw":
        services.withdraw_closure(closure_id, acting_user=staff, now=now)
    else:
        try:
            end_closure(closure_id, acting_user=staff, now=now)
        except BadClosure as error:
            raise Refused(409, str(error)) from None
    return answer(_closure(access_closure(staff, closure_id)))


@router.get("/held-standards", auth=needs("write:standards"), response=HeldList, summary="List held standards")
def list_held(request: HttpRequest) -> HttpResponse:
    """Standards that found far more than the blueprint allows, and how many of their findings wait."""
    rows = held_standards(caller(request))
    return answer(
        {
            "items": [
                {
                    "standard": one.guard.standard,
                    "state": one.guard.state,
                    "held_at": one.guard.held_at,
                    "limit": one.guard.limit,
                    "most": one.guard.most,
                    "waiting": one.waiting,
                    "wanted": one.wanted,
                }
                for one in rows
            ]
        }
    )


@router.post(
    "/held-standards/{standard_id}/resume",
    auth=needs("write:standards"),
    response=HeldList,
    summary="Resume a standard",
)
@once
def post_resume(request: HttpRequest, standard_id: str, body: Resumption) -> HttpResponse:
    """It goes on; what was held becomes failures or stays findings. Answers with what is still held."""
    resume_standard(standard_id[:100], take=body.take, note=body.note, acting_user=caller(request), now=present())
    return list_held(request)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.pk,
        "state": candidate.state,
        "basis": candidate.basis,
        "resource": candidate.resource,
        "kind": candidate.kind,
        "unit": candidate.unit.code if candidate.unit else None,
        "why": words_of(candidate.why),
        "began_at": candidate.began_at,
        "last_at": candidate.last_at,
        "subjects": candidate.subjects,
        "customers": candidate.customers,
        "failures": list(members_of(candidate).values_list("pk", flat=True)[:5_000]),
        "incident": candidate.incident_id,
    }


def _closure(closure: Closure) -> dict[str, Any]:
    return {
        "id": closure.pk,
        "unit": closure.unit.code if closure.unit else None,
        "resource": closure.resource,
        "starts_at": closure.starts_at,
        "ends_at": closure.ends_at,
        "reason": {"en": closure.reason_en, "zh": closure.reason_zh},
        "withdrawn_at": closure.withdrawn_at,
    }
