"""The case desk for machines: cases merged, split, linked, handed over, assigned, and one act on many."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.present import present
from amends.recover.core.bulk import BULK, MOST, ROW
from amends.recover.models import BulkRun, CaseLink, Handover
from amends.recover.selectors import access_case, ties_of
from amends.recover.selectors.bulk import rows_of
from amends.recover.services import (
    assign_by_rules,
    assign_case,
    cancel_bulk,
    hand_over,
    link_cases,
    merge_cases,
    prepare,
    split_case,
    start_bulk,
)
from amends.web.api.answers import Words, answer
from amends.web.api.bodies import Body
from amends.web.api.cases import CaseWhole, shown_whole
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs

router = Router(tags=["case desk"])

Note = Annotated[str, Field(max_length=2000)]
Row = Annotated[int, Field(ge=1, le=2**62)]


class Merging(Body):
    """Into which case."""

    into: Row
    note: Note = ""


class Splitting(Body):
    """Which failures become a case of their own, and which open actions go along."""

    failures: Annotated[list[Row], Field(min_length=1, max_length=1000)]
    actions: Annotated[list[Row], Field(max_length=1000)] = Field(default_factory=list)
    note: Note = ""


class Linking(Body):
    """How the case hangs together with which other."""

    other: Row
    kind: Literal["related", "duplicate_of", "caused_by"]
    note: Note = ""


class LinkOut(Schema):
    """A link, read from `case` to `other`."""

    id: int
    case: int
    other: int
    kind: str
    note: str
    at: datetime
    by: int | None


class LinksOut(Schema):
    """All links of a case."""

    items: list[LinkOut]


class HandingOver(Body):
    """To exactly one receiver, with what they need to know."""

    to_staff: Row | None = None
    to_team: Row | None = None
    to_unit: Row | None = None
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class Assigning(Body):
    """To whom; null: whom the queues choose."""

    to_staff: Row | None = None
    note: Note = ""


class HandoverOut(Schema):
    """A change of hands."""

    id: int
    case: int
    how: str
    at: datetime
    from_staff: int | None
    to_staff: int | None
    to_team: int | None
    to_unit: int | None
    note: str
    why: Words | None


class NewRun(Body):
    """An act on many cases. What it needs stands beside it: a receiver and a note, a message, or days and a note."""

    act: Literal["take", "hand_over", "assign", "message", "close", "watch"]
    cases: Annotated[list[Row], Field(min_length=1, max_length=MOST)]
    to_staff: Row | None = None
    to_team: Row | None = None
    to_unit: Row | None = None
    note: Note = ""
    reply: Row | None = Field(default=None, description="A canned reply, instead of subject and body.")
    subject: Annotated[str, Field(max_length=300)] = ""
    body: Annotated[str, Field(max_length=20_000)] = ""
    days: Annotated[int, Field(ge=1, le=365)] | None = None


class RunRow(Schema):
    """What would become of one case, or did."""

    case: int
    state: Literal[*ROW.states]  # type: ignore[valid-type]  # the states are known at import, not to the checker
    why: Words | None = Field(description="Why it is refused.")
    at: datetime | None


class RunOut(Schema):
    """An act on many cases: its preview, its progress, its results."""

    id: int
    act: str
    state: Literal[*BULK.states]  # type: ignore[valid-type]  # the states are known at import, not to the checker
    prepared_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    rows: list[RunRow]


@router.post("/cases/{int:case_id}/merge", auth=needs("write:cases"), response=CaseWhole, summary="Merge a case")
@once
def merge(request: HttpRequest, case_id: int, body: Merging) -> HttpResponse:
    """Merge it into another open case of the same customer; the answer is the case that goes on."""
    staff = caller(request)
    access_case(staff, case_id)
    merge_cases(case_id, into=body.into, note=body.note, acting_user=staff, now=present())
    return answer(shown_whole(access_case(staff, body.into)))


@router.post("/cases/{int:case_id}/split", auth=needs("write:cases"), response={201: CaseWhole}, summary="Split a case")
@once
def split(request: HttpRequest, case_id: int, body: Splitting) -> HttpResponse:
    """Make some of its failures a case of their own; the answer is the new case."""
    staff = caller(request)
    access_case(staff, case_id)
    fresh = split_case(
        case_id, failures=body.failures, actions=body.actions, note=body.note, acting_user=staff, now=present()
    )
    return answer(
        shown_whole(access_case(staff, fresh.pk)), status=201, headers={"Location": f"/api/v1/cases/{fresh.pk}"}
    )


@router.get("/cases/{int:case_id}/links", auth=needs("read:cases"), response=LinksOut, summary="List a case's links")
def list_links(request: HttpRequest, case_id: int) -> HttpResponse:
    """How it hangs together with other cases that the account may see."""
    staff = caller(request)
    return answer({"items": [_link(tie.link) for tie in ties_of(staff, access_case(staff, case_id))]})


@router.post("/cases/{int:case_id}/links", auth=needs("write:cases"), response={201: LinkOut}, summary="Link a case")
@once
def link(request: HttpRequest, case_id: int, body: Linking) -> HttpResponse:
    """Say that it is related to another case, a duplicate of it or caused by it."""
    staff = caller(request)
    access_case(staff, case_id)
    made = link_cases(case_id, other=body.other, kind=body.kind, note=body.note, acting_user=staff, now=present())
    return answer(_link(made), status=201)


@router.post("/cases/{int:case_id}/hand-over", auth=needs("write:cases"), response=HandoverOut, summary="Hand over")
@once
def hand(request: HttpRequest, case_id: int, body: HandingOver) -> HttpResponse:
    """Hand it over to a colleague, a team or a unit, with a note."""
    staff = caller(request)
    access_case(staff, case_id)
    return answer(_handover(hand_over(case_id, **body.model_dump(), acting_user=staff, now=present())))


@router.post("/cases/{int:case_id}/assign", auth=needs("write:cases"), response=HandoverOut, summary="Assign a case")
@once
def assign(request: HttpRequest, case_id: int, body: Assigning) -> HttpResponse:
    """Give it to somebody, or to whom the queues choose; for roles that lead."""
    staff, now = caller(request), present()
    access_case(staff, case_id)
    if body.to_staff is None:
        return answer(_handover(assign_by_rules(case_id, acting_user=staff, now=now)))
    return answer(_handover(assign_case(case_id, to_staff=body.to_staff, note=body.note, acting_user=staff, now=now)))


@router.post("/bulk", auth=needs("write:cases"), response={201: RunOut}, summary="Prepare an act on many cases")
@once
def prepare_bulk(request: HttpRequest, body: NewRun) -> HttpResponse:
    """Nothing is done yet: the answer says what would happen to each case, and which would be refused and why."""
    staff = caller(request)
    given = body.model_dump(exclude={"act", "cases"}, exclude_none=True, exclude_defaults=True)
    if body.act == "watch":
        given["reason"] = body.note
    run = prepare(body.act, body.cases, given=given, acting_user=staff, now=present())
    return answer(_run(run), status=201, headers={"Location": f"/api/v1/bulk/{run.pk}"})


@router.get("/bulk/{int:run_id}", auth=needs("read:cases"), response=RunOut, summary="Get an act on many cases")
def get_bulk(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far it is, row by row."""
    return answer(_run(_own(caller(request), run_id)))


@router.post("/bulk/{int:run_id}/run", auth=needs("write:cases"), response=RunOut, summary="Run an act on many cases")
@once
def run_bulk(request: HttpRequest, run_id: int) -> HttpResponse:
    """Have it carried out in the background, or go on after it was cancelled."""
    staff = caller(request)
    return answer(_run(start_bulk(_own(staff, run_id).pk, acting_user=staff, now=present())))


@router.post(
    "/bulk/{int:run_id}/cancel", auth=needs("write:cases"), response=RunOut, summary="Cancel an act on many cases"
)
@once
def stop_bulk(request: HttpRequest, run_id: int) -> HttpResponse:
    """Do no more of it; what is done stays done."""
    staff = caller(request)
    return answer(_run(cancel_bulk(_own(staff, run_id).pk, acting_user=staff, now=present())))


def _own(staff: Staff, run_id: int) -> BulkRun:
    found = BulkRun.objects.filter(pk=run_id, by=staff).first()
    if found is None:
        raise NotFound(f"There is no run {run_id} here.")
    return found


def _link(link: CaseLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "case": link.case_id,
        "other": link.other_id,
        "kind": link.kind,
        "note": link.note,
        "at": link.at,
        "by": link.by_id,
    }


def _handover(handover: Handover) -> dict[str, Any]:
    row = Handover.objects.select_related("why").get(pk=handover.pk)
    return {
        "id": row.pk,
        "case": row.case_id,
        "how": row.how,
        "at": row.at,
        "from_staff": row.from_staff_id,
        "to_staff": row.to_staff_id,
        "to_team": row.to_team_id,
        "to_unit": row.to_unit_id,
        "note": row.note,
        "why": row.why and {"en": row.why.en, "zh": row.why.zh},
    }


def _run(run: BulkRun) -> dict[str, Any]:
    rows = rows_of(run).order_by("place").values_list("case_id", "state", "said_en", "said_zh", "at")
    return {
        "id": run.pk,
        "act": run.act,
        "state": run.state,
        "prepared_at": run.prepared_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "rows": [
            {"case": case_id, "state": state, "why": {"en": en, "zh": zh} if en else None, "at": at}
            for case_id, state, en, zh, at in rows
        ],
    }
