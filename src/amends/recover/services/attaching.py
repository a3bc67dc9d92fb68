"""Files added to a case by staff or by the customer, and taken away again by staff."""

from datetime import datetime
from typing import Final

from django.db.models import Count, Sum

from amends.channels.models import Message
from amends.people.models import Customer, Staff
from amends.people.selectors import NotFound
from amends.recover import files
from amends.recover.core.attachment import check_room, kind_of, plain_name
from amends.recover.models import Attachment, Receipt
from amends.recover.search import add_words, drop_words
from amends.recover.services.holding import holding, save_case

EVIDENCE: Final = frozenset({"pdf", "png", "jpeg", "webp"})  # kinds of file that a receipt may be


def attach_file(
    case_id: int,
    *,
    name: str,
    data: bytes,
    acting_user: Staff | Customer,
    now: datetime,
    message: Message | None = None,
) -> Attachment:
    """Add a file to a case; the same file sent twice by the same side is there once.

    Raises:
        NotTaken: it is of a kind that is not taken, something else than it says, or too much for the case.
    """
    name = plain_name(name)
    kind = kind_of(name, data)
    with holding("attach_file", case_id, acting_user=acting_user) as (case, person):
        customer = acting_user if isinstance(acting_user, Customer) else None
        there = Attachment.objects.filter(case=case, removed_at=None)
        same = there.filter(digest=files.digest_of(data), customer=customer).first()
        if same is None:
            sums = there.aggregate(files=Count("pk"), held=Sum("size", default=0))
            check_room(files=sums["files"], held=sums["held"], more=len(data))
        digest = files.keep(data)  # of one that is there, too: its bytes may have been lost
        if same is not None:
            return same
        attachment = Attachment.objects.create(
            case=case,
            message=message,
            digest=digest,
            name=name,
            kind=kind.name,
            size=len(data),
            added_at=now,
            added_by=person,
            customer=customer,
        )
        add_words(case.pk, name)
        if kind.name in EVIDENCE:  # so that a receipt that comes twice, in this case or another, is noticed
            Receipt.objects.get_or_create(
                case=case, normal="", digest=digest, defaults={"noted_at": now, "noted_by": person}
            )
        if customer is not None:
            save_case(case)  # whoever is about to act on it sees that something came
    return attachment


def remove_file(attachment_id: int, *, acting_user: Staff, now: datetime, version: int | None = None) -> Attachment:
    """Take a file away: nobody can open it any more, the record says that it was there."""
    found = Attachment.objects.filter(pk=attachment_id, removed_at=None).first()
    if found is None:
        raise NotFound(f"There is no attachment {attachment_id} here.")
    with holding("remove_file", found.case_id, acting_user=acting_user, version=version) as (_, person):
        found.refresh_from_db(from_queryset=Attachment.objects.filter(removed_at=None))
        found.removed_at, found.removed_by = now, person
        found.save(update_fields=["removed_at", "removed_by"])
        drop_words(found.case_id, found.name)
    return found
