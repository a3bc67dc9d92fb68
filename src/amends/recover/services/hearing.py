"""What a customer says on their own page: yes, or words of their own. Said twice, it counts once."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from amends.channels.models import Message
from amends.kernel.text import Localised
from amends.monitor.models import Failure
from amends.people.models import Customer
from amends.recover.acting import acting
from amends.recover.core.case import CASE
from amends.recover.models import Case, Hold, Outcome
from amends.recover.services.holding import holding, save_case
from amends.recover.services.noticing import notify
from amends.recover.services.pausing import go_on
from amends.recover.services.reckoning import reckon
from amends.recover.services.reporting import in_turn, open_case
from amends.recover.services.working import hear, object_to_case, record_outcome, reopen_case

OUR_PART_IS_DONE: Final = frozenset({"awaiting_customer", "made_good", "closed"})
SAID_AGAIN: Final = timedelta(days=1)  # the same words within it are a form sent twice


def accept_case(case_id: int, *, satisfaction: int | None, acting_user: Customer, now: datetime) -> bool:
    """The customer says that it is made good; a rating may come along or later, once.

    Returns:
        whether this was new and the case one that can be accepted.
    """
    with holding("accept_case", case_id, acting_user=acting_user) as (case, _):
        rates_later = case.state == "made_good" and satisfaction is not None and not _rated(case)
        if "accept" not in CASE.moves_from(case.state) and not rates_later:
            return False
        _record(case, accepted=True, satisfaction=satisfaction, acting_user=acting_user, now=now)
    return True


def hear_customer(case_id: int, *, words: str, acting_user: Customer, now: datetime) -> bool:
    """The customer's own words: an objection wherever the case allows one, else kept with the case.

    Returns:
        whether these words are new.
    """
    with holding("hear_customer", case_id, acting_user=acting_user) as (case, _):
        said = Message.objects.filter(thread=f"case:{case.pk}", direction=Message.Direction.IN)
        if said.filter(body=words, created_at__gt=now - SAID_AGAIN).exists():
            return False
        state = case.state
        if state == "paused":  # this is what we waited for, and no objection
            _go_on(case, words, now)
            return True
        if "object" not in CASE.moves_from(state) and "reopen" in CASE.moves_from(state):
            state = reopen_case(case.pk, acting_user=acting_user, now=now).state
        if "object" in CASE.moves_from(state):
            object_to_case(case.pk, words=words, acting_user=acting_user, now=now)
        else:
            hear(case, "words", words, now)
            save_case(case)  # whoever is about to act on it sees that something was said
        if state in OUR_PART_IS_DONE:  # so this is the answer to it
            _record(case, accepted=False, satisfaction=None, acting_user=acting_user, now=now)
    return True


def hear_affected(failure: Failure, *, words: str, acting_user: Customer, now: datetime) -> Case:
    """A customer whom a failure hit lightly comes forward: from now on they have a case of their own."""
    with acting("hear_affected", acting_user):
        in_turn(acting_user)  # a form sent twice opens one case
        case = Case.every.filter(customer=acting_user, incident_id=failure.incident_id).first()
        if case is None:
            return open_case(
                acting_user,
                failure.kind,
                failure.subject,
                failure.unit,
                failure.facts,
                words,
                acting_user=acting_user,
                now=now,
            )
        hear_customer(case.pk, words=words, acting_user=acting_user, now=now)
    return case


def _go_on(case: Case, words: str, now: datetime) -> None:
    """The clocks run on, and whoever works on the case learns that the answer is there."""
    hear(case, "words", words, now)
    case.state = CASE.after(case.state, "resume")
    go_on(case, Hold.Ended.CUSTOMER, now=now)
    save_case(case, "state")
    with connection.cursor() as cursor:
        reckon(cursor, {case.pk: now})
    asked_by = case.holds.order_by("-asked_at").values_list("asked_by_id", flat=True).first()
    whom = {one for one in (case.owner_id, asked_by) if one is not None}
    reason = Localised(en="What we waited for has come: the case goes on.", zh="顾客已回复，案件继续处理。")
    notify(whom, case, "answered", reason, now=now)


def _rated(case: Case) -> bool:
    """Whether there is a rating of the customer's own already: neither a simulated one nor staff's."""
    said = Outcome.objects.filter(case=case, source=Outcome.Source.CUSTOMER)
    return said.filter(satisfaction_after__isnull=False).exists()


def _record(case: Case, *, accepted: bool, satisfaction: int | None, acting_user: Customer, now: datetime) -> None:
    record_outcome(
        case.pk,
        accepted=accepted,
        satisfaction_before=None,
        satisfaction_after=satisfaction,
        stays=None,
        told_others=None,
        source=Outcome.Source.CUSTOMER,
        acting_user=acting_user,
        now=now,
    )
