"""Customers: found by search, read one by one, written in batches."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from amends.people.keyset import page_of
from amends.people.models import Customer
from amends.people.selectors import access_customer, customers_seen_by
from amends.people.services import keep_customers
from amends.policy.present import present
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.web.api.answers import After, Limit, PageOf, Words, answer, words_of
from amends.web.api.bodies import Body
from amends.web.api.idempotency import once
from amends.web.api.tokens import caller, needs
from amends.web.api.whole_company import require_whole_company

router = Router(tags=["customers"])

LISTED = (
    "id", "reference", "kind", "name", "locale", "tier", "value", "currency", "vulnerable", "consent_contact",
    "prefers", "watch_until", "watch_reason", "synthetic", "created_at",
)  # fmt: skip


class CustomerOut(Schema):
    """Whoever is served. Why somebody is vulnerable is not told to machines."""

    id: int
    reference: str
    kind: str
    name: str
    locale: str
    tier: str
    value: str = Field(description="Revenue a year.")
    currency: str
    vulnerable: bool
    consent_contact: bool
    prefers: str = Field(description="email or phone, where they have said so.")
    watch_until: datetime | None = Field(description="Failed recently: handle with care until then.")
    watch_reason: str
    watch_why: Words | None = Field(description="Where the watch was set by itself.")
    synthetic: bool
    created_at: datetime


class ContactPointOut(Schema):
    """One way to reach a customer."""

    kind: str
    address: str
    rank: int


class CustomerWithContacts(CustomerOut):
    """A customer and how to reach them, the preferred way first."""

    contact_points: list[ContactPointOut]


class CustomerIn(Body):
    """What is known of a customer. What is left out or null stays as it is on record."""

    reference: str | None = Field(None, description="Required: it says whose row this is.")
    kind: str | None = Field(None, description="external or internal")
    name: str | None = None
    locale: str | None = Field(None, examples=["zh-CN"])
    tier: str | None = None
    value: str | Annotated[float, Field(allow_inf_nan=False)] | None = None
    currency: str | None = Field(None, examples=["USD"])
    vulnerable: bool | None = None
    vulnerable_reason: str | None = None
    consent_contact: bool | None = None
    email: str | None = None
    phone: str | None = None


class CustomersIn(Body):
    """Up to 5,000 customers."""

    customers: Annotated[list[CustomerIn], Field(min_length=1, max_length=5000)]


class CustomerRejection(Schema):
    """A customer who was not kept."""

    index: int
    reference: str | None
    reason: str


class CustomersKept(Schema):
    """What became of them."""

    new: int
    updated: int
    rejected: int
    rejections: list[CustomerRejection]


@router.get("", auth=needs("read:customers"), response=PageOf[CustomerOut], summary="List customers")
def list_customers(
    request: HttpRequest,
    search: Annotated[
        str, Field(max_length=200, description="A reference or its beginning, an address, or words of the name.")
    ] = "",
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Customers, longest known first."""
    rows = customers_seen_by(caller(request), search=search).values(*LISTED, "watch_why__en", "watch_why__zh")
    page = page_of(rows, order=("id",), after=after, limit=limit)
    return answer({"items": [_listed(row) for row in page.rows], "next": page.after})


@router.get("/{int:customer_id}", auth=needs("read:customers"), response=CustomerWithContacts, summary="Get a customer")
def get_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """One customer and how to reach them."""
    return answer(_shown(access_customer(caller(request), customer_id)))


@router.put("", auth=needs("write:customers"), response=CustomersKept, summary="Add or update customers")
@once
def put_customers(request: HttpRequest, body: CustomersIn) -> HttpResponse:
    """Add customers, or update those whose reference is on record. A bad row is rejected with all that is wrong with
    it, and the others are kept; of a customer who comes twice the last row counts, and the others are rejected. Without
    `currency` a new customer's `value` is in the currency of the blueprint in force.
    """
    require_whole_company(caller(request))
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    kept = keep_customers([row.model_dump() for row in body.customers], currency=pack.currency, now=present())
    rejections = [{"index": one.index, "reference": one.reference, "reason": one.reason} for one in kept.rejected]
    return answer({"new": kept.new, "updated": kept.updated, "rejected": len(rejections), "rejections": rejections})


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    en, zh = row.pop("watch_why__en"), row.pop("watch_why__zh")
    return row | {"watch_why": None if en is None else {"en": en, "zh": zh}}


def _shown(customer: Customer) -> dict[str, Any]:
    points = sorted(customer.contact_points.all(), key=lambda point: (point.rank, point.pk))
    return {name: getattr(customer, name) for name in LISTED} | {
        "watch_why": words_of(customer.watch_why),
        "contact_points": [{"kind": one.kind, "address": one.address, "rank": one.rank} for one in points],
    }
