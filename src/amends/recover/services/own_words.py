"""A letter to the customer of a case in somebody's own words."""

from datetime import datetime
from typing import Final

from amends.channels.services import Outgoing, queue_messages
from amends.kernel.text import Localised
from amends.kernel.text_message import plain
from amends.people.models import ContactPoint, Customer
from amends.policy.selectors import blueprint_of
from amends.recover.core.refusals import Declined
from amends.recover.links import PLACE, customer_link
from amends.recover.models import Case
from amends.recover.services.reaching import Reach, by_letter, by_text

_NO_WAY: Final = Localised(
    en="We have a telephone number of theirs and no address for a letter, and this is no text that would reach it. "
    "Call them, or say it in fewer words.",
    zh="这位顾客只留了电话，没有可以寄信的地址，这些内容也无法以短信发到该号码。请致电顾客，或缩短内容。",
)


def write_to(case: Case, *, subject: str, body: str, now: datetime) -> int:
    """Queue it for the customer of a case that is held; the message's number.

    Raises:
        Declined: they have given us a telephone number alone, and no text reaches it or these words are too many.
    """
    customer = Customer.every.get(pk=case.customer_id)
    points = list(ContactPoint.objects.filter(customer=customer).order_by("rank", "pk"))
    emails, phones = ([one.address for one in points if one.kind == kind] for kind in ("email", "phone"))
    reach = Reach(email=emails[0] if emails else "", phones=phones, prefers="")
    link = customer_link(f"case:{case.pk}")
    way = by_letter(reach)
    if way is None:
        body = plain(body.replace(PLACE, link))
        way = by_text(reach, body, blueprint_of(case.blueprint_id).home)
    if way is None:
        raise Declined(_NO_WAY)
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
