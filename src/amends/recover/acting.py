"""Who is doing what: said to the database for the length of an act, so that the audit trail can name both."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from amends.people.models import Customer, Staff

AUTOMATIC = "automatic"


def actor_of(acting_user: Staff | Customer | None) -> str:
    """How the trail names someone: `staff:7`, `customer:12`, or `automatic` for the system itself."""
    if acting_user is None:
        return AUTOMATIC
    return f"{'customer' if isinstance(acting_user, Customer) else 'staff'}:{acting_user.pk}"


@contextmanager
def acting(act: str, acting_user: Staff | Customer | None = None) -> Iterator[None]:
    """One act of the business: one transaction, everything written in it on record under this act and this actor."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                """
                select current_setting('amends.actor', true), current_setting('amends.act', true),
                    set_config('amends.actor', %s, true), set_config('amends.act', %s, true)
                """,
                [actor_of(acting_user), act],
            )
            outer = cursor.fetchone()[:2]
        yield
        with connection.cursor() as cursor:  # an act within an act hands back to the outer one
            cursor.execute(
                "select set_config('amends.actor', %s, true), set_config('amends.act', %s, true)",
                [outer[0] or "", outer[1] or ""],
            )
