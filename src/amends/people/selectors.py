"""Reads of the people wing. Whoever fetches something for a person comes through here, where rights are checked.

What one may not see and what is not there give the same answer, `NotFound`; lacking the right altogether gives
`NotAllowed`. A customer belongs to the company and to no unit: whoever may see customers may see each of them.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q, QuerySet

from amends.people.core.rights import may
from amends.people.core.secrets import digest_of
from amends.people.keyset import Page, page_of
from amends.people.models import NAME_WORDS, ContactPoint, Customer, SignInLink, Staff, Unit

CJK: Final = re.compile(r"[\u3400-\u9fff]")
MOST_ADDRESS_HITS: Final = 200  # a shared mailbox may stand at many customers


class NotFound(LookupError):
    """It is not there, or this person may not see it: the answer is the same."""


class NotAllowed(PermissionError):
    """This person has not the right to do such a thing at all."""


def require(staff: Staff, right: str) -> None:
    """Go on only if the person is active and their role has the right.

    Raises:
        NotAllowed: otherwise.
    """
    if not staff.is_active or not may(staff.role, right):
        raise NotAllowed(f"The role {staff.role} has not the right {right}.")


def units_below(staff: Staff) -> list[int] | None:
    """The ids of the units that the person reaches, their own and all below it; None for the whole company."""
    if staff.unit_id is None:
        return None
    with connection.cursor() as cursor:  # each request asks for it: one statement, and a range of the paths' index
        cursor.execute(
            """
            select below.id from people_unit as own
            join people_unit as below on below.path >= own.path and below.path < own.path || chr(1114111)
            where own.id = %s
            """,
            [staff.unit_id],
        )
        return [unit for (unit,) in cursor.fetchall()]


def has_whole_company(staff: Staff) -> bool:
    """Whether the person reaches every unit that there is."""
    reached = units_below(staff)
    return reached is None or not Unit.objects.exclude(pk__in=reached).exists()


def unit_codes_below(staff: Staff) -> frozenset[str] | None:
    """The same by code, for rows that have not met the database yet."""
    ids = units_below(staff)
    return None if ids is None else frozenset(Unit.objects.filter(pk__in=ids).values_list("code", flat=True))


def unit_for(staff: Staff, code: str) -> Unit:
    """The unit of a code, if the person reaches it."""
    found = Unit.objects.filter(code=code).first()
    reached = units_below(staff)
    if found is None or (reached is not None and found.pk not in reached):
        raise NotFound(f"There is no unit {code!r} here.")
    return found


def access_customer(staff: Staff, customer_id: int) -> Customer:
    """One customer with their contact points at hand."""
    require(staff, "see_customers")
    found = Customer.objects.prefetch_related("contact_points").filter(pk=customer_id).first()
    if found is None:
        raise NotFound(f"There is no customer {customer_id} here.")
    return found


def customers_seen_by(staff: Staff, *, search: str = "") -> QuerySet[Customer]:
    """All customers whom the person may see, or those who match: a reference (also its beginning), an address, a name.

    Each way to match has its index; a name matches when each word of the search begins one of the name's words, and a
    Chinese name character by character.
    """
    require(staff, "see_customers")
    wanted = search.strip().replace("\0", "")[:200]
    if not wanted:
        return Customer.objects.all()
    match = Q(reference__startswith=wanted) | Q(reference__startswith=wanted.upper())
    if addressed := _addressed(wanted):
        match |= Q(pk__in=addressed)
    words = _word_beginnings(wanted)
    if not words:
        return Customer.objects.filter(match)
    return Customer.objects.alias(name_words=NAME_WORDS).filter(
        match | Q(name_words=SearchQuery(words, config="simple", search_type="raw"))
    )


def customers_for(staff: Staff, *, search: str = "", after: str | None = None, limit: int = 50) -> Page:
    """A page of the customers whom the person may see, longest known first; `search` as in `customers_seen_by`."""
    return page_of(customers_seen_by(staff, search=search), order=("id",), after=after, limit=limit)


def households_of(customer_ids: Collection[int], *, most: int) -> dict[int, frozenset[int]]:
    """The other customers who share an address or a telephone number with each of these.

    An address that more than `most` customers share belongs to an agency or a company and makes no household.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select mine.customer_id, array_agg(other.customer_id)
            from people_contactpoint as mine cross join lateral (
                select customer_id from people_contactpoint as point
                where point.kind = mine.kind and point.address = mine.address limit %s
            ) as other
            where mine.customer_id = any(%s) group by mine.id
            """,
            [most + 1, list(customer_ids)],
        )
        shared: dict[int, set[int]] = {customer: set() for customer in customer_ids}
        for customer, others in cursor.fetchall():
            if len(others) <= most:
                shared[customer] |= set(others)
    return {customer: frozenset(others - {customer}) for customer, others in shared.items()}


def access_staff(staff: Staff, staff_id: int) -> Staff:
    """A colleague's account, if it is within the person's units."""
    found = _staff_seen_by(staff).filter(pk=staff_id).first()
    if found is None:
        raise NotFound(f"There is no member of staff {staff_id} here.")
    return found


def staff_for(staff: Staff, *, search: str = "", after: str | None = None, limit: int = 50) -> Page:
    """A page of the accounts within the person's units, by e-mail address."""
    rows = _staff_seen_by(staff)
    if wanted := search.strip().replace("\0", ""):
        rows = rows.filter(Q(email__icontains=wanted) | Q(name__icontains=wanted))
    return page_of(rows, order=("email", "id"), after=after, limit=limit)


def units_for(staff: Staff) -> QuerySet[Unit]:
    """The units that the person reaches, each before those below it."""
    units = Unit.objects.order_by("path")
    return units if staff.unit is None else units.filter(path__startswith=staff.unit.path)


def open_links(token: str, *, now: datetime) -> QuerySet[SignInLink]:
    """The one-time link of this secret while it may still be used; looking it up uses nothing up."""
    return SignInLink.objects.filter(digest=digest_of(token), used_at=None, expires_at__gt=now, staff__is_active=True)


def normal_email(address: str) -> str:
    """One spelling for one mailbox."""
    return address.strip().lower()


def normal_phone(number: str) -> str:
    """Digits and a leading plus; what people put between them is left out."""
    return re.sub(r"[\s().\-/]", "", number)


def _staff_seen_by(staff: Staff) -> QuerySet[Staff]:
    require(staff, "see_people")
    reached = units_below(staff)
    rows = Staff.objects.select_related("unit")
    return rows if reached is None else rows.filter(unit_id__in=reached)


def _addressed(wanted: str) -> list[int]:
    points: QuerySet[Any] = ContactPoint.objects.none()
    if "@" in wanted:
        points = ContactPoint.objects.filter(kind=ContactPoint.Kind.EMAIL, address=normal_email(wanted))
    elif re.fullmatch(r"\+?\d{5,20}", number := normal_phone(wanted)):
        points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, address=number)
    return list(points.values_list("customer_id", flat=True)[:MOST_ADDRESS_HITS])


def _word_beginnings(wanted: str) -> str:
    """The search as a text query of word beginnings; everything but letters and digits parts words."""
    parted = CJK.sub(lambda found: f" {found[0]} ", wanted.lower())
    words = re.findall(r"[^\W_]+", parted)
    return " & ".join(f"{word}:*" for word in words)
