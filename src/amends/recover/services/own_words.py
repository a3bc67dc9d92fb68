"""A letter to the customer of a case in somebody's own words."""

from datetime import datetime

from amends.channels.services import Outgoing, queue_messages
from amends.people.models import ContactPoint, Customer
from amends.recover.links import PLACE, customer_link
from amends.recover.models import Case
from amends.recover.services.reaching import Reach, by_letter


def write_to(case: Case, *, subject: str, body: str, now: datetime) -> int:
    """Queue it for the customer of a case that is held; the message's number."""
    customer = Customer.every.get(pk=case.customer_id)
    points = list(ContactPoint.objects.filter(customer=customer).order_by("rank", "pk"))
    first, email = points[0].address if points else "", [point.address for point in points if point.kind == "email"]
    way = by_letter(Reach(first=first, email=email[0] if email else "", phones=(), prefers=""))
    link = customer_link(f"case:{case.pk}")
    queued = queue_messages(
        [
            Outgoing(
                key=f"case:{case.pk}:letter:{case.version}",
                thread=f"case:{case.pk}",
                customer_id=customer.pk,
                channel=way.channel,
                address=way.address,
                locale=customer.locale,
                subject=subject.replace(PLACE, link),
                body=body.replace(PLACE, link),
                created_at=now,
            )
        ]
    )
    return queued[0]
