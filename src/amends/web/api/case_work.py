"""Work on a case: internal notes, files, the checklist, time spent. None of it is ever for its customer."""

from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Field, Router, Schema

from amends.policy.present import present
from amends.recover.core.attachment import LARGEST_FILE
from amends.recover.models import Attachment, Note, TimeSpent
from amends.recover.selectors import (
    access_attachment,
    access_case,
    attachments_of,
    checklist_of,
    notes_of,
    time_of,
)
from amends.recover.services import attach_file, record_time, tick, write_note
from amends.web.api.answers import Words, answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs
from amends.web.downloads import download

router = Router(tags=["case work"])

BYTES: Final = frozenset({"application/octet-stream"})


class NoteOut(Schema):
    """An internal note."""

    id: int
    case: int
    author: int
    body: str
    mentioned: list[int] = Field(description="Members of staff named with an @.")
    written_at: datetime


class NotesOut(Schema):
    """All internal notes of a case, the first one first."""

    items: list[NoteOut]


class NewNote(Body):
    """Words to colleagues."""

    body: Annotated[str, Field(min_length=1, max_length=20_000)]


class AttachmentOut(Schema):
    """A file of a case."""

    id: int
    case: int
    name: str
    kind: str
    size: int = Field(description="Bytes.")
    digest: str = Field(description="SHA-256 of the bytes.")
    added_at: datetime
    added_by: int | None = Field(description="Member of staff; null if the customer added it.")
    by_customer: bool


class AttachmentsOut(Schema):
    """All files of a case."""

    items: list[AttachmentOut]


class ItemOut(Schema):
    """A step of the checklist."""

    item: str
    text: Words
    before_closing: str = Field(description="may, should (a warning) or must (not closed without it)")
    ticked: bool
    at: datetime | None
    by: int | None


class ChecklistOut(Schema):
    """The checklist of a case, as its playbook gives it."""

    items: list[ItemOut]


class Ticked(Body):
    """Whether a step is done."""

    ticked: bool


class TimeOut(Schema):
    """Minutes that somebody spent on a case."""

    id: int
    case: int
    staff: int
    minutes: int
    what: str
    at: datetime


class TimesOut(Schema):
    """All time spent on a case."""

    items: list[TimeOut]
    minutes: int = Field(description="The sum.")


class NewTime(Body):
    """Time spent."""

    minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    what: Annotated[str, Field(max_length=200)] = ""


def shown_note(note: Note) -> dict[str, Any]:
    """A note as plain values."""
    return {
        "id": note.pk,
        "case": note.case_id,
        "author": note.author_id,
        "body": note.body,
        "mentioned": note.mentioned,
        "written_at": note.written_at,
    }


def shown_attachment(one: Attachment) -> dict[str, Any]:
    """A file as plain values."""
    return {
        "id": one.pk,
        "case": one.case_id,
        "name": one.name,
        "kind": one.kind,
        "size": one.size,
        "digest": one.digest,
        "added_at": one.added_at,
        "added_by": one.added_by_id,
        "by_customer": one.customer_id is not None,
    }


def shown_time(entry: TimeSpent) -> dict[str, Any]:
    """An entry as plain values."""
    return {
        "id": entry.pk,
        "case": entry.case_id,
        "staff": entry.staff_id,
        "minutes": entry.minutes,
        "what": entry.what,
        "at": entry.at,
    }


def _checklist(request: HttpRequest, case_id: int) -> HttpResponse:
    items = checklist_of(access_case(caller(request), case_id))
    return answer(
        {
            "items": [
                {
                    "item": item.id,
                    "text": {"en": item.text.en, "zh": item.text.zh},
                    "before_closing": item.before_closing,
                    "ticked": one is not None,
                    "at": one.at if one else None,
                    "by": one.by_id if one else None,
                }
                for item, one in items
            ]
        }
    )


@router.get("/cases/{int:case_id}/notes", auth=needs("read:cases"), response=NotesOut, summary="List internal notes")
def list_notes(request: HttpRequest, case_id: int) -> HttpResponse:
    """What colleagues wrote to each other; never to be shown to the customer."""
    case = access_case(caller(request), case_id)
    return answer({"items": [shown_note(note) for note in notes_of(case)]})


@router.post(
    "/cases/{int:case_id}/notes", auth=needs("write:cases"), response={201: NoteOut}, summary="Write an internal note"
)
@once
def create_note(request: HttpRequest, case_id: int, body: NewNote) -> HttpResponse:
    """Colleagues named as `@Name` or `@address` who may see the case hear of it."""
    note = write_note(case_id, body=body.body, acting_user=caller(request), now=present())
    return answer(shown_note(note), status=201)


@router.get("/cases/{int:case_id}/attachments", auth=needs("read:cases"), response=AttachmentsOut, summary="List files")
def list_attachments(request: HttpRequest, case_id: int) -> HttpResponse:
    """The files that staff and the customer added."""
    case = access_case(caller(request), case_id)
    return answer({"items": [shown_attachment(one) for one in attachments_of(case)]})


@router.post(
    "/cases/{int:case_id}/attachments",
    auth=needs("write:cases", media_types=BYTES),
    response={201: AttachmentOut},
    summary="Add a file",
)
@once
def create_attachment(
    request: HttpRequest, case_id: int, name: Annotated[str, Field(min_length=1, max_length=200)]
) -> HttpResponse:
    """The body is the file itself, as `application/octet-stream`; `name` has its ending, which must fit what
    it holds."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FILE:
        raise Refused(413, f"A file has at most {LARGEST_FILE} bytes.")
    access_case(caller(request), case_id)
    made = attach_file(case_id, name=name, data=request.body, acting_user=caller(request), now=present())
    return answer(shown_attachment(made), status=201, headers={"Location": f"/api/v1/attachments/{made.pk}"})


@router.get("/attachments/{int:attachment_id}", auth=needs("read:cases"), summary="Get a file")
def get_attachment(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """The bytes of a file, to be saved and not to be shown by a browser."""
    return download(access_attachment(caller(request), attachment_id))


@router.get(
    "/cases/{int:case_id}/checklist", auth=needs("read:cases"), response=ChecklistOut, summary="Get the checklist"
)
def get_checklist(request: HttpRequest, case_id: int) -> HttpResponse:
    """The steps that the playbook lists, and who ticked them."""
    return _checklist(request, case_id)


@router.put(
    "/cases/{int:case_id}/checklist/{item}",
    auth=needs("write:cases"),
    response=ChecklistOut,
    summary="Tick a step of the checklist",
)
@once
def put_tick(request: HttpRequest, case_id: int, item: str, body: Ticked) -> HttpResponse:
    """Tick it, or take the tick back."""
    tick(case_id, item=item, ticked=body.ticked, acting_user=caller(request), now=present())
    return _checklist(request, case_id)


@router.get("/cases/{int:case_id}/time", auth=needs("read:cases"), response=TimesOut, summary="List time spent")
def list_time(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who spent how long on a case."""
    entries, minutes = time_of(access_case(caller(request), case_id))
    return answer({"items": [shown_time(entry) for entry in entries], "minutes": minutes})


@router.post(
    "/cases/{int:case_id}/time", auth=needs("write:cases"), response={201: TimeOut}, summary="Record time spent"
)
@once
def create_time(request: HttpRequest, case_id: int, body: NewTime) -> HttpResponse:
    """Minutes that the account spent on the case."""
    entry = record_time(case_id, minutes=body.minutes, what=body.what, acting_user=caller(request), now=present())
    return answer(shown_time(entry), status=201)
