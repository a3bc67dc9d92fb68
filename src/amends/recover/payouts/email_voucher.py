"""A voucher by e-mail: the code to the address that the customer gave us. It is on their page in any case.

A letter that is sent again, because the process died before it could note that it went out, has the same Message-ID
and the same code, which is redeemed once.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage

from amends.channels.email.channel import hand_over, mail_server
from amends.kernel.money import Money
from amends.kernel.text import Localised, language_of
from amends.people.models import ContactPoint
from amends.policy.selectors import deployment
from amends.recover.core.voucher import VOUCHER
from amends.recover.core.words import local_time
from amends.recover.links import customer_link
from amends.recover.models import Voucher
from amends.recover.payouts.connector import Batch, NotSent, Order, Result, Sent
from amends.recover.voucher_codes import code_for

SUBJECT: Final = Localised(en="Your voucher over {amount}", zh="您的{amount}代金券")
BODY: Final = Localised(
    en="Dear {name},\n\nHere is your voucher over {amount}. Show this code when you use it, once:\n\n    {code}\n\n"
    "It is good until {until}. You find it here, too, with all that we are doing: {link}\n\n{company}\n",
    zh="{name}，您好：\n\n随信附上{amount}代金券一张，使用时出示以下代码即可，限用一次：\n\n    {code}\n\n"
    "有效期至{until}。您也可以在这里查看代金券以及我们的处理进展：{link}\n\n{company}\n",
)
NO_ADDRESS: Final = "no e-mail address"
NOT_OPEN: Final = "the voucher is not open any more"


class EmailVoucher:
    """Mail as the deployment sends it."""

    def send(self, batch: Batch) -> Sent:
        """One letter a voucher; it comes back if it is open no more, or the customer has no address, or one that is
        refused for good."""
        vouchers = {voucher.remedy_id: voucher for voucher in _vouchers(batch.orders)}
        addresses = _addresses(batch.orders)
        letters, references, results = {}, {}, []
        for one in batch.orders:
            address, voucher = addresses.get(one.customer), vouchers.get(one.remedy_id)
            if not address or voucher is None:
                why = NOT_OPEN if voucher is None else NO_ADDRESS
                results.append(Result(reference=one.reference, outcome="returned", note=why))
                continue
            letters[voucher.pk], references[voucher.pk] = _letter(one, voucher, *address), one.reference
        with mail_server() as server:
            handed = hand_over(server, letters)
        results += [Result(reference=references[id_], outcome="paid") for id_ in handed.receipts]
        results += [
            Result(reference=references[id_], outcome="returned", note=why) for id_, why in handed.refused.items()
        ]
        if handed.later:
            raise NotSent(handed.later, results)
        return Sent(receipt=f"{len(handed.receipts)} letters", results=results)


def make() -> EmailVoucher:
    """The mail of this deployment."""
    return EmailVoucher()


def _vouchers(orders: Sequence[Order]) -> Sequence[Voucher]:
    """Those that can still be used: since it was ordered a voucher may have been withdrawn."""
    return list(Voucher.objects.filter(remedy_id__in=[one.remedy_id for one in orders], state=VOUCHER.initial))


def _addresses(orders: Sequence[Order]) -> dict[str, tuple[str, str]]:
    """Of each customer who has one, by reference: the address and the locale that they are written to in."""
    rows = ContactPoint.objects.filter(kind="email", customer__reference__in=[one.customer for one in orders])
    found = rows.order_by("-rank", "-id").values_list("customer__reference", "address", "customer__locale")
    return {reference: (address, locale) for reference, address, locale in found}  # the preferred one comes last


def _letter(one: Order, voucher: Voucher, address: str, locale: str) -> EmailMessage:
    language = language_of(locale)
    place = deployment()
    money = Money(one.amount, one.currency)
    words = {
        "name": one.name,
        "amount": money.in_(language),
        "code": code_for(voucher.pk),
        "link": customer_link(f"case:{one.case_id}"),
        "until": local_time(voucher.expires_at, locale=locale, zone=ZoneInfo(place.timezone)),
        "company": Localised(en=place.company_en, zh=place.company_zh).in_(language),
    }
    host = urlsplit(settings.PUBLIC_ADDRESS).hostname or "amends"
    return EmailMessage(
        subject=SUBJECT.in_(language).format(**words),
        body=BODY.in_(language).format(**words),
        to=[address],
        headers={"Message-ID": f"<voucher-{voucher.pk}@{host}>"},
    )
