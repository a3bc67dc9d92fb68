"""An employee as a customer of their colleagues: a row of their own that no list shows."""

from datetime import datetime

from django.db import connection

from amends.people.core.reserved import INSIDE
from amends.people.models import ContactPoint, Customer, Staff


def customer_of(staff: Staff, *, currency: str, now: datetime) -> Customer:
    """The employee as a customer; made the first time. Must be called within a transaction: whoever else makes the same
    one waits for its end."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('inside'), %s)", [staff.pk])
    found = Customer.every.filter(staff=staff).first()
    if found is None:
        found = Customer.every.create(
            reference=f"{INSIDE}{staff.pk}",
            kind=Customer.Kind.INTERNAL,
            name=staff.name,
            locale=staff.locale,
            currency=currency,
            created_at=now,
            staff=staff,
        )
        ContactPoint.objects.create(customer=found, kind=ContactPoint.Kind.EMAIL, address=staff.email.lower())
    return found
