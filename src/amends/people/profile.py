"""What people write about one customer: made known, how they are reached, handled with care. Each is on record."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Case, Value, When

from amends.people.customer_import import LANGUAGES
from amends.people.models import ContactPoint, Customer, CustomerChange, Staff
from amends.people.selectors import NotFound, normal_email, normal_phone, require

PHONE: Final = r"\+?[0-9]{5,20}"
PREFERENCES: Final = ("", *ContactPoint.Kind.values)


@transaction.atomic
def make_known(
    *, name: str, locale: str, currency: str, phone: str = "", email: str = "", now: datetime, acting_user: Staff
) -> Customer:
    """A customer whom nobody knew yet, made known by whoever has them on the line; the reference is ours.

    `currency`: what their value is in, once it is known.

    Raises:
        ValueError: no name, or an address that is none.
    """
    require(acting_user, "work_cases")
    if not name.strip():
        raise ValueError("A customer needs a name.")
    points = [
        (kind, address)
        for kind, address in (
            (ContactPoint.Kind.PHONE, checked_phone(phone)),
            (ContactPoint.Kind.EMAIL, checked_email(email)),
        )
        if address
    ]
    customer = Customer.objects.create(
        reference=f"P-{secrets.token_hex(5).upper()}",
        name=name.strip()[:200],
        locale=checked_locale(locale),
        currency=currency,
        created_at=now,
    )
    for rank, (kind, address) in enumerate(points):
        ContactPoint.objects.create(customer=customer, kind=kind, address=address, rank=rank)
    _Hand(by=acting_user, at=now).notes(customer, CustomerChange.What.NEW, after=customer.name)
    return customer


@transaction.atomic
def update_profile(
    customer_id: int,
    *,
    locale: str,
    prefers: str,
    consent_contact: bool,
    reason: str = "",
    acting_user: Staff,
    now: datetime,
) -> Customer:
    """Language, preferred channel and consent as the customer wants them; what changed is on record.

    Raises:
        ValueError: a locale or a channel that is none.
    """
    require(acting_user, "work_cases")
    customer = _held(customer_id)
    if prefers not in PREFERENCES:
        raise ValueError(f"There is no way to reach customers called {prefers!r}.")
    hand = _Hand(by=acting_user, at=now, reason=reason)
    wanted = {"locale": checked_locale(locale), "prefers": prefers, "consent_contact": consent_contact}
    for name, value in wanted.items():
        before = getattr(customer, name)
        if before != value:
            hand.notes(customer, _WHAT[name], before=before, after=value)
            setattr(customer, name, value)
    customer.save(update_fields=list(wanted))
    reach_first(prefers, customer.pk)
    return customer


def reach_first(prefers: str, customer_id: int) -> None:
    """The preferred kind of address comes first; without a preference e-mail does."""
    first = prefers or ContactPoint.Kind.EMAIL
    points = ContactPoint.objects.filter(customer_id=customer_id)
    points.update(rank=Case(When(kind=first, then=Value(0)), default=Value(1)))


@transaction.atomic
def watch_customer(customer_id: int, *, until: datetime, reason: str, acting_user: Staff, now: datetime) -> Customer:
    """Have one customer handled with care until then, for a person's own reason; a watch is never shortened by this.

    Raises:
        ValueError: no reason, or it would end before it begins.
    """
    require(acting_user, "work_cases")
    if not reason.strip():
        raise ValueError("A watch needs a reason.")
    customer = _held(customer_id)
    if until <= now:
        raise ValueError("A watch ends after it begins.")
    before = customer.watch_until
    if before is None or before < until:
        customer.watch_until = until
    customer.watch_reason, customer.watch_why = reason.strip()[:200], None
    customer.save(update_fields=["watch_until", "watch_reason", "watch_why"])
    hand = _Hand(by=acting_user, at=now, reason=reason)
    hand.notes(customer, CustomerChange.What.WATCH_SET, before=before, after=until)
    return customer


@transaction.atomic
def lift_watch(customer_id: int, *, reason: str, acting_user: Staff, now: datetime) -> Customer:
    """End the watch, with the reason; what failed before now does not set it again.

    Raises:
        ValueError: no reason.
    """
    require(acting_user, "work_cases")
    if not reason.strip():
        raise ValueError("Lifting a watch needs a reason.")
    customer = _held(customer_id)
    before = customer.watch_until
    customer.watch_until, customer.watch_reason, customer.watch_why = None, "", None
    customer.watch_lifted_at = now
    customer.save(update_fields=["watch_until", "watch_reason", "watch_why", "watch_lifted_at"])
    _Hand(by=acting_user, at=now, reason=reason).notes(customer, CustomerChange.What.WATCH_LIFTED, before=before)
    return customer


def checked_locale(locale: str) -> str:
    """A locale that we can name.

    Raises:
        ValueError: it is none.
    """
    wanted = locale.strip()
    if len(wanted) > 16 or wanted.replace("_", "-").split("-")[0].lower() not in LANGUAGES:
        raise ValueError(f"{locale!r} is no language that we know; such as en, en-GB, zh-CN.")
    return wanted


def checked_phone(number: str) -> str:
    """A telephone number in its one spelling; empty stays empty.

    Raises:
        ValueError: it is none.
    """
    wanted = normal_phone(number)
    if wanted and not re.fullmatch(PHONE, wanted):
        raise ValueError(f"{number!r} is no telephone number.")
    return wanted


def checked_email(address: str) -> str:
    """An e-mail address in its one spelling; empty stays empty.

    Raises:
        ValueError: it is none.
    """
    wanted = normal_email(address)
    if wanted:
        try:
            validate_email(wanted)
        except ValidationError:
            raise ValueError(f"{address!r} is no e-mail address.") from None
    return wanted


def known_by(*, phone: str = "", email: str = "", most: int = 5) -> list[Customer]:
    """Who has this number or address already: whoever is about to make somebody known looks here first."""
    wanted = [address for address in (checked_phone(phone), checked_email(email)) if address]
    if not wanted:
        return []
    return list(Customer.objects.filter(contact_points__address__in=wanted).distinct().order_by("id")[:most])


_WHAT: Final = {
    "locale": CustomerChange.What.LOCALE,
    "prefers": CustomerChange.What.PREFERS,
    "consent_contact": CustomerChange.What.CONSENT,
}


def _held(customer_id: int) -> Customer:
    found = Customer.objects.select_for_update(no_key=True, of=("self",)).filter(pk=customer_id).first()
    if found is None:
        raise NotFound(f"There is no customer {customer_id} here.")
    return found


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)[:200]


@dataclass(frozen=True, kw_only=True)
class _Hand:
    """Whose hand it is, when and why."""

    by: Staff
    at: datetime
    reason: str = ""

    def notes(self, customer: Customer, what: str, *, before: object = None, after: object = None) -> None:
        CustomerChange.objects.create(
            customer=customer,
            what=what,
            before=_said(before),
            after=_said(after),
            reason=self.reason.strip()[:200],
            at=self.at,
            by=self.by,
        )
