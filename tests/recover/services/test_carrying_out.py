"""Automatic actions: done once whatever is repeated, within authority at the moment of granting, letters and ledger
together."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import stories
from django.conf import settings
from django.db import connection

from amends.channels.models import Message
from amends.channels.services import deliver
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer
from amends.recover.core.action import ACTION
from amends.recover.models import Action, Approval, Case, Clock, Remedy
from amends.recover.moves import move_rows
from amends.recover.services import carry_out, open_cases, sweep_clocks

NOW = stories.NOW


def all_out(*, now=NOW, as_of_ready=False):
    ids = list(Action.objects.order_by("pk").values_list("pk", flat=True))
    return carry_out(ids[0], ids[-1], now=now, as_of_ready=as_of_ready)


def opened(company, **how):
    return open_cases(stories.broken_flights(company, **how), now=NOW)


def test_letters_ledger_clocks_and_cases_move_together(company):
    opened(company, seats=6, minutes_late=100, severity=2)
    outcome = all_out()
    assert outcome.done == Action.objects.filter(state="done").count() > 6
    assert Message.objects.count() == 6  # one letter a case tells of all that was done at once
    assert Remedy.objects.count() == 6
    assert set(Case.objects.values_list("state", flat=True)) == {"awaiting_customer"}
    states = set(Clock.objects.exclude(kind="follow_up").values_list("state", flat=True))
    assert states <= {"met", "met_late"}
    assert set(Clock.objects.filter(kind="resolve").values_list("state", flat=True)) == {"met"}


def test_carrying_out_again_does_nothing_twice(company):
    opened(company, seats=6, minutes_late=100, severity=2)
    all_out()
    before = (Message.objects.count(), Remedy.objects.count())
    assert all_out().done == 0
    assert (Message.objects.count(), Remedy.objects.count()) == before


def test_letters_speak_the_customers_language_and_say_the_amount(company):
    opened(company, seats=4, minutes_late=100, severity=2)
    all_out()
    for remedy in Remedy.objects.select_related("customer"):
        letter = Message.objects.get(thread=f"case:{remedy.case_id}")
        chinese = remedy.customer.locale == "zh-CN"
        assert (f"{remedy.amount:,}美元" if chinese else f"${remedy.amount:,}") in letter.subject + letter.body
        assert ("您好" in letter.body) == chinese


def test_a_demo_counts_actions_as_done_when_they_were_ready(company):
    opened(company, seats=2, minutes_late=100, severity=2, found_at=NOW - timedelta(days=40))
    all_out(as_of_ready=True)
    for action in Action.objects.filter(state="done"):
        assert action.done_at == action.ready_at
    assert set(Clock.objects.filter(kind="acknowledge").values_list("state", flat=True)) == {"met"}


def test_done_late_meets_its_clock_late(company):
    opened(company, seats=2, minutes_late=100, severity=2, found_at=NOW - timedelta(days=2))
    all_out()
    assert set(Clock.objects.filter(kind="acknowledge").values_list("state", flat=True)) == {"met_late"}


def test_what_was_given_in_between_is_counted_at_the_moment_of_granting(company):
    opened(company, seats=1, minutes_late=200)
    case = Case.objects.get()
    action = case.actions.filter(amount__gt=0).first()
    given = company.pack.authority_of("automatic").per_customer.amount - Decimal(1)
    Remedy.objects.create(
        key="earlier",
        case=case,
        customer=case.customer,
        action=action,
        kind="cash",
        amount=given,
        currency="USD",
        granted_at=NOW - timedelta(hours=1),
        level="manager",
        blueprint=company.version,
    )
    outcome = all_out()
    assert outcome.held_back > 0
    assert Remedy.objects.exclude(key="earlier").count() == 0
    assert Approval.objects.filter(state="waiting").count() == outcome.held_back
    assert Action.objects.filter(state="waiting_approval").count() == outcome.held_back
    assert Action.objects.filter(state="done").count() == outcome.done > 0
    letter = Message.objects.get()  # of what was done, once, and nothing of the sum that is not given yet
    assert "$" not in letter.subject + letter.body


def test_a_customers_total_counts_across_cases(company):
    stories.broken_flights(company, seats=1, minutes_late=200)
    someone = list(Customer.objects.values_list("pk", flat=True))
    incidents = [
        *stories.broken_flights(company, prefix="G", customers=someone),
        *stories.broken_flights(company, prefix="H", customers=someone),
        *stories.broken_flights(company, prefix="K", customers=someone),
    ]
    open_cases(incidents, now=NOW)
    all_out()
    total = sum(Remedy.objects.values_list("amount", flat=True))
    assert Decimal(0) < total <= company.pack.authority_of("automatic").per_customer.amount
    assert Approval.objects.exists()


def test_delivery_writes_whole_files_and_repeating_it_writes_nothing(company, tmp_path, monkeypatch):
    from amends.channels import registry

    monkeypatch.setattr(settings, "OUTBOX_PATH", tmp_path / "outbox")
    registry.channel.cache_clear()
    opened(company, seats=3, minutes_late=100, severity=2)
    all_out()
    ids = list(Message.objects.values_list("pk", flat=True))
    assert deliver(ids, now=NOW) == len(ids)
    assert deliver(ids, now=NOW) == 0
    (written,) = (tmp_path / "outbox").rglob("*.ndjson")
    lines = [json.loads(line) for line in written.read_text().splitlines()]
    assert {line["key"] for line in lines} == set(Message.objects.values_list("key", flat=True))
    assert set(Message.objects.values_list("state", "receipt")) == {("sent", f"outbox/email/2026-03-02/{written.name}")}
    registry.channel.cache_clear()


def test_follow_ups_come_when_our_part_is_done_and_their_time_has_come(company):
    def states():
        return set(Action.objects.filter(kind="follow_up").values_list("state", flat=True))

    opened(company, seats=8)
    assert states() == {"planned"}
    all_out()
    assert states() == {"scheduled"}
    sweep_clocks(now=NOW)
    assert states() == {"scheduled"}
    sweep_clocks(now=NOW + timedelta(days=30))
    assert states() == {"ready"}
    all_out(now=NOW + timedelta(days=30))
    assert Action.objects.filter(step="ask-after", state="done").exists()


def test_a_clock_that_ran_out_is_missed_and_escalated_once(company):
    opened(company, seats=3)
    late = NOW + timedelta(days=1)
    # acknowledge and inform of three cases, the curve of delay of each, the news promised to each
    assert sweep_clocks(now=late) == 6 + 3 + 3
    assert sweep_clocks(now=late) == 0
    missed = Clock.objects.filter(state="missed")
    assert set(missed.values_list("kind", flat=True)) == {"acknowledge", "inform"}
    assert set(missed.values_list("escalated_at", flat=True)) == {late}
    for case in Case.objects.all():
        assert case.next_due == min(case.clocks.filter(state="running").values_list("due_at", flat=True))


def test_a_bulk_move_of_a_row_in_another_state_is_an_error(company):
    opened(company, seats=2)
    ids = list(Action.objects.filter(state="ready").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        move_rows(cursor, ACTION, "skip", ids=ids[:1])
        with pytest.raises(IllegalMove, match="This action stands at “Skipped”"):
            move_rows(cursor, ACTION, "do", ids=ids)
        with pytest.raises(IllegalMove, match="This action stands at “Done”"):
            move_rows(cursor, ACTION, "do", ids=ids[1:])
