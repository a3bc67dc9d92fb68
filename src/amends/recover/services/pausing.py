"""Wait for the customer: we say what we need, clocks of the repair stand still, and go on when they answer."""

from datetime import datetime

from django.db import connection

from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer, Staff
from amends.policy.selectors import blueprint_of, deployment
from amends.recover.core.asking import asking
from amends.recover.core.case import CASE
from amends.recover.core.clocks import CLOCK, left, pauses
from amends.recover.links import customer_link
from amends.recover.models import Case, Clock, Hold
from amends.recover.services.carrying_out import after_done
from amends.recover.services.holding import holding, save_case
from amends.recover.services.own_words import write_to
from amends.recover.services.reckoning import reckon
from amends.recover.services.ticking import calendar_for, rule_of
from amends.recover.services.waits import go_on


def wait_for_customer(
    case_id: int, *, needed: str, acting_user: Staff, now: datetime, version: int | None = None
) -> Case:
    """Tell the customer what we need from them, and wait: what runs against us alone stands still until they answer."""
    with holding("wait_for_customer", case_id, acting_user=acting_user, version=version) as (case, person):
        assert person is not None  # noqa: S101 -- acting_user is one
        CASE.after(case.state, "wait")
        customer, place = Customer.every.get(pk=case.customer_id), deployment()
        subject, body = asking(
            name=customer.name,
            company_en=place.company_en,
            company_zh=place.company_zh,
            needed=needed,
            link=customer_link(f"case:{case.pk}"),
            case=str(case.pk),
            locale=customer.locale,
        )
        write_to(case, subject=subject, body=body, now=now)
        with connection.cursor() as cursor:
            after_done(cursor, [(case.pk, "progress_notice", now)])
            case.refresh_from_db()
            case.state = CASE.after(case.state, "wait")
            _pause(case, now)
            Hold.objects.create(case=case, needed=needed, asked_at=now, asked_by=person)
            save_case(case, "state")
            reckon(cursor, {case.pk: now})
    case.refresh_from_db()
    return case


def resume_case(case_id: int, *, acting_user: Staff | None, now: datetime, version: int | None = None) -> Case:
    """Go on without waiting any longer: paused clocks run on with the time that they had left."""
    with holding("resume_case", case_id, acting_user=acting_user, version=version) as (case, _):
        if case.state != "paused":
            raise IllegalMove(CASE, case.state, "resume")
        case.state = CASE.after(case.state, "resume")
        go_on(case, Hold.Ended.STAFF, now=now)
        save_case(case, "state")
        with connection.cursor() as cursor:
            reckon(cursor, {case.pk: now})
    case.refresh_from_db()
    return case


def _pause(case: Case, now: datetime) -> None:
    pack, playbook = blueprint_of(case.blueprint_id), case.plan.playbook
    for clock in Clock.objects.filter(case=case, state="running", due_at__gt=now):
        if not pauses(clock.kind, rule_of(pack, playbook, clock.kind)):
            continue
        clock.state = CLOCK.after(clock.state, "pause")
        clock.paused_at = now
        clock.remaining = left(now, clock.due_at, calendar_for(pack, playbook, clock.kind, clock.number))
        clock.save(update_fields=["state", "paused_at", "remaining"])
