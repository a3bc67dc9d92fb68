"""What people do with a case besides its actions: take it, write, record objections and outcomes, close and reopen
it."""

from datetime import datetime

from django.db import connection

from amends.channels.services import Outgoing, queue_messages, receive
from amends.people.models import ContactPoint, Customer, Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.action import ACTION
from amends.recover.core.approval import APPROVAL
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, due_time
from amends.recover.models import Action, Approval, Case, Clock, Handover, Outcome
from amends.recover.search import add_words
from amends.recover.services.assessing import weigh_words
from amends.recover.services.carrying_out import after_done
from amends.recover.services.handing_over import change_owner
from amends.recover.services.handling import check_ticked
from amends.recover.services.holding import holding, save_case
from amends.recover.services.undoing import undoable


def take_case(
    case_id: int,
    *,
    acting_user: Staff,
    now: datetime,
    version: int | None = None,
) -> Case:
    """Make the case one's own."""
    with holding("take_case", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- only the automatic system has no person
        with undoable(case, "take_case", person, now=now) as step:
            step["handover"] = change_owner(case, person, how=Handover.How.TAKEN, now=now, by=person).pk
    return case


def object_to_case(
    case_id: int, *, words: str, acting_user: Staff | Customer | None, now: datetime, version: int | None = None
) -> Case:
    """Record that the customer objects, in their words; the clock of the repair runs anew."""
    with holding("object_to_case", case_id, acting_user=acting_user, version=version) as (case, _):
        case.state = CASE.after(case.state, "object")
        hear(case, "objection", words, now)
        _open_again(case, now)
    return case


def record_outcome(
    case_id: int,
    *,
    accepted: bool | None,
    satisfaction_before: int | None,
    satisfaction_after: int | None,
    stays: bool | None,
    told_others: bool | None,
    source: str,
    acting_user: Staff | Customer | None,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Outcome:
    """Record what came of a case. Who accepts has had it made good; who does not, objects."""
    with holding("record_outcome", case_id, acting_user=acting_user, version=version) as (case, person):
        outcome, _ = Outcome.objects.update_or_create(
            case=case,
            defaults={
                "accepted": accepted,
                "satisfaction_before": satisfaction_before,
                "satisfaction_after": satisfaction_after,
                "stays": stays,
                "told_others": told_others,
                "source": Outcome.Source(source),
                "recorded_at": now,
                "recorded_by": person,
                "note": note,
            },
        )
        legal = CASE.moves_from(case.state)
        if accepted and "accept" in legal:
            case.state = legal["accept"]
            save_case(case, "state")
        elif accepted is False and "object" in legal:
            case.state = legal["object"]
            _open_again(case, now)
    return outcome


def close_case(case_id: int, *, acting_user: Staff | None, now: datetime, version: int | None = None) -> Case:
    """Close a case that awaits nothing more; what was still to follow is skipped, its clocks stop."""
    with (
        holding("close_case", case_id, acting_user=acting_user, version=version) as (case, person),
        undoable(case, "close_case", person, now=now),
    ):
        case.state = CASE.after(case.state, "close")
        if person is not None:
            check_ticked(case)
        for action in Action.objects.filter(case=case, state__in=ACTION.states_with("skip")):
            action.state = ACTION.after(action.state, "skip")
            action.done_at, action.done_by = now, person
            action.save(update_fields=["state", "done_at", "done_by"])
        for approval in Approval.objects.filter(case=case, state__in=APPROVAL.states_with("withdraw")):
            approval.state = APPROVAL.after(approval.state, "withdraw")
            approval.decided_at, approval.decided_by = now, person
            approval.save(update_fields=["state", "decided_at", "decided_by"])
        for clock in Clock.objects.filter(case=case, state__in=CLOCK.states_with("stop")):
            clock.state = CLOCK.after(clock.state, "stop")
            clock.ended_at = now
            clock.save(update_fields=["state", "ended_at"])
        case.is_open, case.closed_at, case.next_due = False, now, None
        save_case(case, "state", "is_open", "closed_at", "next_due")
    return case


def reopen_case(
    case_id: int, *, acting_user: Staff | Customer | None, now: datetime, version: int | None = None
) -> Case:
    """Take up a closed case again; the clock of the repair runs anew."""
    with holding("reopen_case", case_id, acting_user=acting_user, version=version) as (case, _):
        case.state = CASE.after(case.state, "reopen")
        _open_again(case, now)
    return case


def send_message(
    case_id: int, *, subject: str, body: str, acting_user: Staff | None, now: datetime, version: int | None = None
) -> int:
    """Write to the customer in one's own words; it counts as news, so it meets the clocks that promise some."""
    with holding("send_message", case_id, acting_user=acting_user, version=version) as (case, _):
        customer = Customer.objects.get(pk=case.customer_id)
        contact = ContactPoint.objects.filter(customer=customer).order_by("rank", "pk").first()
        queued = queue_messages(
            [
                Outgoing(
                    key=f"case:{case.pk}:letter:{case.version}",
                    thread=f"case:{case.pk}",
                    customer_id=customer.pk,
                    channel="outbox",
                    address=contact.address if contact else "",
                    locale=customer.locale,
                    subject=subject,
                    body=body,
                    created_at=now,
                )
            ]
        )
        with connection.cursor() as cursor:
            after_done(cursor, [(case.pk, "progress_notice", now)])
        add_words(case.pk, subject, body)
    return queued[0]


def hear(case: Case, what: str, words: str, now: datetime) -> None:
    """Keep words of the customer with a case that is held."""
    customer = Customer.objects.get(pk=case.customer_id)
    receive(
        key=f"case:{case.pk}:{what}:{case.version}",
        thread=f"case:{case.pk}",
        customer_id=customer.pk,
        channel_name="outbox",
        locale=customer.locale,
        subject=case.subject,
        body=words,
        now=now,
    )
    add_words(case.pk, words)
    weigh_words(case, words, now)


def _open_again(case: Case, now: datetime) -> None:
    """The case is open, and its repair is promised anew in the time that its playbook gives."""
    pack = blueprint_of(case.blueprint_id)
    playbook = next(playbook for playbook in pack.playbooks if playbook.id == case.plan.playbook)
    clock = Clock.objects.get(case=case, kind="resolve")
    if clock.state != CLOCK.initial:
        clock.state = CLOCK.after(clock.state, "restart")
    clock.started_at, clock.due_at = now, due_time(playbook.clocks.resolve, now, pack.calendars)
    clock.ended_at = clock.escalated_at = None
    clock.save(update_fields=["state", "started_at", "due_at", "ended_at", "escalated_at"])
    running = Clock.objects.filter(case=case, state=CLOCK.initial).order_by("due_at")
    case.next_due = running.values_list("due_at", flat=True).first()
    case.is_open, case.closed_at = True, None
    save_case(case, "state", "is_open", "closed_at", "next_due")
