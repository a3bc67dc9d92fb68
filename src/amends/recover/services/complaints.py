"""A complaint taken by a person: one act from the customer on the line to the case with its plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from amends.monitor.models import Failure
from amends.people.models import Customer, Staff, Unit
from amends.recover.acting import acting
from amends.recover.models import Case
from amends.recover.services.assigning import keep_taken
from amends.recover.services.looking import note_receipt
from amends.recover.services.reporting import in_turn, open_case
from amends.recover.services.supporting import consider_support

TAKEN_BY: Final = ("phone", "counter", "email", "letter")  # how it reached us


def take_complaint(
    customer: Customer,
    *,
    form: str,
    kind: str,
    subject: str,
    unit: Unit | None,
    facts: Mapping[str, object],
    words: str,
    channel: str,
    receipt: str = "",
    acting_user: Staff,
    now: datetime,
) -> Case:
    """Open a case for a complaint that was told to a member of staff; the same form sent twice is one complaint.

    The case is theirs from then on, unless their reach, a queue or their skills forbid it.

    Args:
        customer: who complains.
        form: the form's own key.
        kind: of failure, from the taxonomy.
        subject: what it is about.
        unit: where it happened.
        facts: what they said of it, as the taxonomy asks.
        words: the customer's own.
        channel: how it reached us, of `TAKEN_BY`.
        receipt: number of a receipt that they rest on, if any.
        acting_user: who takes it down.
        now: when.

    Raises:
        ValueError: no such kind or channel.
        NotFound: the unit is out of the person's reach.
    """
    if channel not in TAKEN_BY:
        raise ValueError(f"{channel!r} is no way by which complaints are taken; there are {', '.join(TAKEN_BY)}.")
    told = f"form/{acting_user.pk}/{form}"
    with acting("take_complaint", acting_user):
        in_turn(customer)  # the same form, sent twice at once
        before = Failure.objects.filter(promise_key=told).first()
        if before is not None:
            return Case.objects.get(customer=customer, incident_id=before.incident_id)
        case = open_case(
            customer, kind, subject, unit, facts, words, acting_user=acting_user, now=now, channel=channel, told=told
        )
        held = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        keep_taken(held, acting_user, now=now)
        consider_support(held, now=now)
        if receipt.strip():
            note_receipt(case.pk, reference=receipt, acting_user=acting_user, now=now)
        case.refresh_from_db()
    return case
