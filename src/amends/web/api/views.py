"""Saved views of the inbox for machines: the account's own and those shared with it."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Field, Router, Schema

from amends.recover.models import SavedView
from amends.recover.selectors.inbox import READERS, views_for
from amends.recover.services.views import drop_view, save_view
from amends.web.api.answers import answer
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs
from amends.web.api.units import unit_named
from amends.web.inbox_address import query_of

router = Router(tags=["case desk"])


class ViewIn(Body):
    """A filter and an order of the inbox under a name; the same name again replaces it."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    query: Annotated[
        str, Field(max_length=1000, description="As the inbox's address has it; what it does not know is left out.")
    ]
    shared: Annotated[bool, Field(description="Others see it too; for those who lead.")] = False
    role: Annotated[Literal["", *READERS], Field(description="Only these; empty: all.")] = ""
    unit: Annotated[
        str | None, Field(max_length=64, description="Code: only there and below. Without it, in the account's own.")
    ] = None


class ViewOut(Schema):
    """A saved view."""

    id: int
    name: str
    query: str
    mine: bool
    shared: bool
    role: str
    unit: str | None


class ViewsOut(Schema):
    """The account's own in their order, then those that others share with it."""

    items: list[ViewOut]


@router.get("/views", auth=needs("read:cases"), response=ViewsOut, summary="List saved views")
def list_views(request: HttpRequest) -> HttpResponse:
    """The account's own views of the inbox, then those that others share with it."""
    staff = caller(request)
    return answer({"items": [_shown(view, mine=view.owner_id == staff.pk) for view in views_for(staff)]})


@router.post("/views", auth=needs("write:cases"), response=ViewOut, summary="Save a view")
@once
def post_view(request: HttpRequest, body: ViewIn) -> HttpResponse:
    """Keep a view of the inbox, for oneself or shared with a role, a unit and all below it, or all."""
    staff = caller(request)
    unit = None if body.unit is None else unit_named(staff, body.unit, where="body.unit")
    view = save_view(
        name=body.name,
        query=query_of(QueryDict(body.query)),
        shared=body.shared,
        role=body.role,
        unit=None if unit is None else unit.pk,
        acting_user=staff,
    )
    return answer(_shown(view, mine=True))


class Dropped(Schema):
    """It is gone."""

    id: int


@router.delete("/views/{int:view_id}", auth=needs("write:cases"), response=Dropped, summary="Take a view away")
@once
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Take away one of the account's own."""
    drop_view(view_id, acting_user=caller(request))
    return answer({"id": view_id})


def _shown(view: SavedView, *, mine: bool) -> dict[str, Any]:
    return {
        "id": view.pk,
        "name": view.name,
        "query": view.query,
        "mine": mine,
        "shared": view.shared,
        "role": view.role,
        "unit": view.unit.code if view.unit else None,
    }
