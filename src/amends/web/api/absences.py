"""Absences: who is away, who stands in for them, entered and withdrawn."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.duty import BadSpan, absences_for, enter_absence, stand_ins_for, withdraw_absence
from amends.people.models import Absence, Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.present import present
from amends.web.api.answers import answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.problems import Refused
from amends.web.api.tokens import caller, needs

router = Router(tags=["authority"])


class AbsenceOut(Schema):
    """A span in which somebody decides nothing."""

    id: int
    staff: str
    starts_at: datetime
    ends_at: datetime
    note: str


class StandInOut(Schema):
    """Who decides in somebody's place while they are away."""

    staff: str
    stand_in: str
    starts_at: datetime
    ends_at: datetime


class AbsencesOut(Schema):
    """Absences and stand-ins from now on."""

    items: list[AbsenceOut]
    stand_ins: list[StandInOut]


class AbsenceIn(Body):
    """Who is away and when; e-mail addresses name the people."""

    staff: Annotated[str, Field(min_length=3, max_length=254)]
    starts_at: Annotated[datetime, Field(strict=False)]
    ends_at: Annotated[datetime, Field(strict=False)]
    note: Annotated[str, Field(max_length=200)] = ""
    stand_in: Annotated[str, Field(max_length=254)] = ""


def absence_shown(absence: Absence) -> dict[str, Any]:
    """An absence as plain values."""
    return {
        "id": absence.pk,
        "staff": absence.staff.email,
        "starts_at": absence.starts_at,
        "ends_at": absence.ends_at,
        "note": absence.note,
    }


@router.get("/absences", auth=needs("read:absences"), response=AbsencesOut, summary="List absences")
def list_absences(request: HttpRequest) -> HttpResponse:
    """Who is away or will be, and who stands in, among the account's people."""
    staff, now = caller(request), present()
    standing = [
        {
            "staff": one.staff.email,
            "stand_in": one.stand_in.email,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
        }
        for one in stand_ins_for(staff, now=now)
    ]
    return answer({"items": [absence_shown(one) for one in absences_for(staff, now=now)], "stand_ins": standing})


@router.post("/absences", auth=needs("write:absences"), response=AbsenceOut, summary="Enter an absence")
@once
def post_absence(request: HttpRequest, body: AbsenceIn) -> HttpResponse:
    """Somebody is away; what waits for their leave goes to their stand-in, or to the next."""
    staff = caller(request)
    person = _named(body.staff, where="body.staff")
    other = Staff.objects.filter(email__iexact=body.stand_in.strip(), is_active=True).first() if body.stand_in else None
    no_stand_in = Refused(422, f"{body.stand_in!r} can't stand in for {body.staff!r}.", where="body.stand_in")
    if body.stand_in and other is None:
        raise no_stand_in
    if body.starts_at.tzinfo is None or body.ends_at.tzinfo is None:
        raise Refused(422, "A time needs its offset.", where="body.starts_at")
    try:
        made = enter_absence(
            person.pk,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            note=body.note,
            stand_in_id=other.pk if other else None,
            acting_user=staff,
            now=present(),
        )
    except NotFound:
        raise Refused(422, f"There is no account {body.staff!r} here.", where="body.staff") from None
    except NotAllowed:
        raise no_stand_in from None
    except BadSpan as error:
        raise Refused(422, str(error), where="body.ends_at") from None
    return answer(absence_shown(made))


class Withdrawn(Schema):
    """It does not take place, or ended now."""

    id: int


@router.delete(
    "/absences/{int:absence_id}", auth=needs("write:absences"), response=Withdrawn, summary="Withdraw an absence"
)
@once
def delete_absence(request: HttpRequest, absence_id: int) -> HttpResponse:
    """It does not take place, or ends now; so does the stand-in that was entered with it."""
    withdraw_absence(absence_id, acting_user=caller(request), now=present())
    return answer({"id": absence_id})


def _named(email: str, *, where: str) -> Staff:
    found = Staff.objects.filter(email__iexact=email.strip(), is_active=True).select_related("unit").first()
    if found is None:
        raise Refused(422, f"There is no account {email!r} here.", where=where)
    return found
