"""Cases merged, split, linked, handed over, assigned and undone: nothing is lost, nothing is given twice, and the trail
adds up whatever is done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
import stories
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.models import Affected, Failure
from amends.people.models import Customer
from amends.people.selectors import NotAllowed, NotFound
from amends.recover import ledger
from amends.recover.core.refusals import Declined
from amends.recover.models import (
    Action,
    Approval,
    Case,
    CaseFailure,
    CaseLink,
    Clock,
    Handover,
    Queue,
    Remedy,
    Team,
    TeamMember,
    UndoStep,
)
from amends.recover.selectors import (
    case_timeline,
    duplicates_of,
    holds_of,
    survivor_of,
    threads_of,
    unexplained,
    verify_trail,
)
from amends.recover.selectors.judging import judged
from amends.recover.services import (
    assign_case,
    assign_waiting,
    assigning,
    carry_out,
    close_case,
    do_action,
    grant_approval,
    hand_over,
    link_cases,
    merge_cases,
    object_to_case,
    open_cases,
    reassess,
    reopen_case,
    resume_case,
    settle_merged,
    skip_action,
    split_case,
    take_case,
    take_next,
    undo,
    wait_for_customer,
)

NOW = stories.NOW
FAR = {"distance_km": 5_000, "minutes_late": 400}  # 600 each: more than the system itself may give


def two_cases(company, *, seats: int = 1, **more):
    """Two cases of each of some customers, about two flights, and the customers' first two cases."""
    first = stories.broken_flights(company, seats=seats, **FAR)
    someone = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    second = stories.broken_flights(company, prefix="G", customers=someone, **(FAR | more))
    open_cases([*first, *second], now=NOW)
    return list(Case.objects.filter(customer_id=someone[0]).order_by("pk"))


def whole() -> None:
    """The trail of every case adds up to its rows."""
    cases = list(Case.objects.values_list("pk", flat=True))
    assert verify_trail(cases) == []
    assert unexplained(cases) == []


def graver(incidents) -> None:
    """The monitor finds that two flights were more than a moment late."""
    facts = {"distance_km": 2_000, "domestic": True, "cancelled": False, "never": False, "minutes_late": 200}
    Failure.objects.filter(incident__in=incidents).update(severity=3, facts=facts)
    Affected.objects.update(severity=3)
    open_cases(incidents, now=NOW)


def cancelled(incident_id: int | None) -> None:
    """The monitor finds out that a late flight never left."""
    facts = {"distance_km": 5_000, "domestic": True, "cancelled": True, "never": True, "minutes_late": 900}
    Failure.objects.filter(incident_id=incident_id).update(kind="unavailable", severity=3, facts=facts)


def worth_open(*cases) -> Decimal:
    rows = Action.objects.filter(case__in=cases).exclude(state__in=("done", "skipped", "refused"))
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def test_a_merge_carries_failures_open_work_and_leave_over_and_closes_the_one_that_ends(company):
    case, into = two_cases(company)
    owed, person = worth_open(case, into), stories.staff("supervisor")
    failures = set(CaseFailure.objects.filter(case__in=(case, into)).values_list("failure_id", flat=True))
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW, note="told twice")
    case.refresh_from_db()
    assert (case.state, case.is_open, case.closed_at, case.next_due) == ("merged", False, NOW, None)
    assert survivor_of(case.pk) == into.pk
    assert set(CaseFailure.objects.filter(case=into, moved_to=None).values_list("failure_id", flat=True)) == failures
    assert worth_open(into) == owed
    assert worth_open(case) == 0
    assert Approval.objects.filter(case=into, state="waiting").count() == 2
    assert not Approval.objects.filter(case=case, state="waiting").exists()
    assert not Clock.objects.filter(case=case, state="running").exists()
    assert threads_of(into) == [f"case:{into.pk}", f"case:{case.pk}"]
    whole()


def test_after_a_merge_each_sum_is_given_once_and_the_limit_of_a_case_counts_both(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    given = Remedy.objects.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    owed = worth_open(case, into)
    merge_cases(case.pk, into=into.pk, acting_user=stories.staff("supervisor"), now=NOW)
    for _ in range(2):
        carry_out(1, 2**60, now=NOW, as_of_ready=False)
    for approval in Approval.objects.filter(state="waiting"):
        grant_approval(approval.pk, acting_user=stories.staff("manager"), now=NOW)
    assert Remedy.objects.aggregate(total=Sum("amount"))["total"] == given + owed
    assert ledger.by_case([into.pk, case.pk]) == dict.fromkeys((into.pk, case.pk), given + owed)
    whole()


def test_the_same_harm_told_twice_is_made_good_once(company):
    (case,) = two_cases(company)[:1]
    kin = split_off_twin(case)
    owed = worth_open(case)
    merge_cases(kin.pk, into=case.pk, acting_user=stories.staff("supervisor"), now=NOW)
    assert worth_open(case) == owed
    assert Action.objects.filter(case=case, kind="apology").exclude(state="skipped").count() == 1
    whole()


def split_off_twin(case):
    """A second case about just the same, as when the customer told it to two people."""
    from amends.recover.acting import acting
    from amends.recover.services.carrying_over import copied

    with acting("test"):
        twin = copied(case, incident=None, version=1)
        plan = copied(case.plan, case=twin)
        for clock in case.clocks.all():
            copied(clock, case=twin)
        for action in case.actions.all():
            state = "ready" if action.state == "waiting_approval" else action.state
            copied(action, case=twin, plan=plan, state=state)
        for one in case.case_failures.all():
            copied(one, case=twin)
    return twin


@pytest.mark.parametrize("reason", ["itself", "another's", "closed", "merged"])
def test_a_merge_that_makes_no_sense_is_declined_in_a_sentence(company, reason):
    case, into = two_cases(company, seats=2)
    person = stories.staff("supervisor")
    if reason == "itself":
        into = case
    elif reason == "another's":
        into = Case.objects.exclude(customer=case.customer)[0]
    elif reason == "closed":
        Case.objects.filter(pk=into.pk).update(state="closed", is_open=False)
    else:
        merge_cases(into.pk, into=case.pk, acting_user=person, now=NOW)
    with pytest.raises(Declined) as declined:
        merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    assert declined.value.said.zh
    assert Case.objects.get(pk=case.pk).state != "merged"


def test_a_merged_case_is_not_merged_taken_up_or_closed_again(company):
    case, into = two_cases(company)
    person = stories.staff("supervisor")
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    for act in (
        lambda: merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW),
        lambda: reopen_case(case.pk, acting_user=person, now=NOW),
        lambda: close_case(case.pk, acting_user=person, now=NOW),
    ):
        with pytest.raises(IllegalMove):
            act()


def test_the_case_that_goes_on_can_be_closed_and_taken_up_again_with_its_clocks(company):
    case, into = two_cases(company)
    person = stories.staff("manager")
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    for approval in Approval.objects.filter(case=into, state="waiting"):
        grant_approval(approval.pk, acting_user=stories.staff("manager"), now=NOW)
    for action in Action.objects.filter(case=into, state="ready").exclude(performer="automatic"):
        do_action(action.pk, acting_user=person, now=NOW)
    into.refresh_from_db()
    assert into.state == "awaiting_customer"
    close_case(into.pk, acting_user=person, now=NOW)
    reopened = reopen_case(into.pk, acting_user=person, now=NOW + timedelta(hours=1))
    assert (reopened.state, reopened.is_open) == ("in_progress", True)
    assert Clock.objects.get(case=into, kind="resolve").state == "running"
    whole()


def test_an_objection_to_the_case_that_ends_is_one_to_the_case_that_goes_on(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    person = stories.staff("supervisor")
    object_to_case(case.pk, words="Not good enough.", acting_user=person, now=NOW)
    assert merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW).state == "objected"
    resolve = Clock.objects.get(case=into, kind="resolve")
    assert resolve.state == "running"
    whole()


def test_a_promise_of_either_case_is_kept_by_the_earlier_time(company):
    case, into = two_cases(company)
    Clock.objects.filter(case=case, kind="resolve").update(due_at=NOW + timedelta(minutes=5))
    merge_cases(case.pk, into=into.pk, acting_user=stories.staff("supervisor"), now=NOW)
    assert Clock.objects.get(case=into, kind="resolve").due_at == NOW + timedelta(minutes=5)
    into.refresh_from_db()
    assert into.next_due <= NOW + timedelta(minutes=5)


def test_the_time_for_a_repair_goes_along_from_a_case_that_waits_for_its_customer(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    boss = stories.staff("executive")
    grant_approval(Approval.objects.get(case=into).pk, acting_user=boss, now=NOW)
    left = Clock.objects.get(case=case, kind="resolve").due_at - NOW
    wait_for_customer(case.pk, needed="The receipt?", acting_user=boss, now=NOW)
    later = NOW + timedelta(days=2)
    survivor = merge_cases(case.pk, into=into.pk, acting_user=boss, now=later)
    resolve = Clock.objects.get(case=into, kind="resolve")
    assert survivor.state == "in_progress"
    assert (resolve.state, resolve.due_at, resolve.held) == ("running", later + left, timedelta(days=2))
    assert survivor.next_due <= later + left
    assert [hold.ended_by for hold in holds_of(case)] == ["done"]
    whole()


def test_two_cases_that_wait_for_their_customer_wait_on_as_one(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    boss = stories.staff("supervisor")
    for one in (case, into):
        wait_for_customer(one.pk, needed="The receipt?", acting_user=boss, now=NOW)
    assert merge_cases(case.pk, into=into.pk, acting_user=boss, now=NOW + timedelta(hours=1)).state == "paused"
    assert Clock.objects.get(case=into, kind="resolve").state == "paused"
    assert holds_of(into)[0].ended_at is None
    whole()


def test_what_joins_a_merged_case_later_goes_where_it_went(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    merge_cases(case.pk, into=into.pk, acting_user=stories.staff("supervisor"), now=NOW)
    before = set(Action.objects.filter(case=into).values_list("pk", flat=True))
    cancelled(case.incident_id)
    open_cases([case.incident_id], now=NOW)
    assert Case.objects.get(pk=case.pk).is_open  # the monitor knows nothing of merges
    assert settle_merged(now=NOW) == 1
    assert settle_merged(now=NOW) == 0
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("merged", False)
    assert not Action.objects.filter(case=case).exclude(state__in=("done", "skipped", "refused")).exists()
    assert set(Action.objects.filter(case=into).values_list("pk", flat=True)) > before
    whole()


def test_what_joins_both_of_two_merged_cases_is_given_once_though_the_worker_comes_first(company):
    case, into = two_cases(company, distance_km=2_000, minutes_late=100, severity=2)
    Failure.objects.update(subject="F1")  # one harm, told twice
    merge_cases(case.pk, into=into.pk, acting_user=stories.staff("supervisor"), now=NOW)
    graver([case.incident_id, into.incident_id])
    assert not carry_out(1, 2**60, now=NOW, as_of_ready=False).left
    assert not Remedy.objects.filter(case=case).exists()
    assert settle_merged(now=NOW) == 1
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    owed = Action.objects.filter(step__startswith="compensation").exclude(state__in=("skipped", "refused"))
    assert [one.case_id for one in owed] == [into.pk]
    whole()


def test_a_split_takes_failures_and_chosen_work_along_and_gives_nothing_twice(company):
    case, into = two_cases(company)
    person = stories.staff("supervisor")
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    owed = worth_open(into)
    failures = list(CaseFailure.objects.filter(case=into, moved_to=None).order_by("failure_id"))
    moving = Action.objects.filter(case=into, amount__gt=0).exclude(state__in=("skipped", "done"))[0]
    fresh = split_case(
        into.pk, failures=[failures[0].failure_id], actions=[moving.pk], acting_user=person, now=NOW, note="two matters"
    )
    assert [one.failure_id for one in fresh.case_failures.all()] == [failures[0].failure_id]
    assert [one.failure_id for one in into.case_failures.filter(moved_to=None)] == [failures[1].failure_id]
    assert worth_open(into, fresh) == owed
    assert worth_open(fresh) == moving.amount
    assert fresh.subject == failures[0].failure.subject
    assert fresh.next_due == Clock.objects.filter(case=fresh, state="running").earliest("due_at").due_at
    assert CaseLink.objects.get(case=fresh).kind == "split_from"
    whole()


def test_what_is_split_from_a_case_that_waits_for_its_customer_goes_on(company):
    case, into = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    person = stories.staff("supervisor")
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    left = Clock.objects.get(case=into, kind="resolve").due_at - NOW
    wait_for_customer(into.pk, needed="The receipt?", acting_user=person, now=NOW)
    moving = Action.objects.filter(case=into, state="waiting_approval").earliest("pk")
    failures, later = [into.case_failures.earliest("pk").failure_id], NOW + timedelta(days=2)
    fresh = split_case(into.pk, failures=failures, actions=[moving.pk], acting_user=person, now=later)
    resolve = Clock.objects.get(case=fresh, kind="resolve")
    assert (fresh.state, resolve.state, resolve.due_at) == ("in_progress", "running", later + left)
    assert not Clock.objects.filter(case=fresh, state="paused").exists()
    assert fresh.next_due == Clock.objects.filter(case=fresh, state="running").earliest("due_at").due_at
    into.refresh_from_db()
    assert (into.state, Clock.objects.get(case=into, kind="resolve").state) == ("paused", "paused")
    whole()


def test_how_pressing_a_person_judged_a_case_stays_with_it_when_it_is_merged_or_split(company):
    case, into = two_cases(company)
    person = stories.staff("supervisor")
    apart = max(case.priority, into.priority)
    reassess(case.pk, changes={"pressing": 100}, reason="They wait at the gate.", acting_user=person, now=NOW)
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    into.refresh_from_db()
    assert into.priority == pytest.approx(apart)
    reassess(into.pk, changes={"pressing": 100}, reason="They wait at the gate.", acting_user=person, now=NOW)
    into.refresh_from_db()
    together = into.priority
    failure = CaseFailure.objects.filter(case=into, moved_to=None).order_by("failure_id")[0].failure_id
    fresh = split_case(into.pk, failures=[failure], actions=[], acting_user=person, now=NOW, note="")
    assert fresh.priority == pytest.approx(together - 100)
    assert judged(fresh).pressing == 0
    whole()


def test_splitting_a_case_gets_no_sum_around_its_limit(company):
    case, into = two_cases(company)
    person = stories.staff("supervisor")
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    failure = CaseFailure.objects.filter(case=into, moved_to=None)[0].failure_id
    fresh = split_case(into.pk, failures=[failure], actions=[], acting_user=person, now=NOW)
    given = Remedy.objects.filter(case__in=(case, into)).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    for approval in Approval.objects.filter(case=into, state="waiting"):
        grant_approval(approval.pk, acting_user=stories.staff("manager"), now=NOW)
        given += approval.amount
    assert given > 0
    assert ledger.by_case([fresh.pk]) == {fresh.pk: given}


def test_a_split_of_none_or_all_failures_is_declined(company):
    case, _ = two_cases(company)
    person = stories.staff("supervisor")
    every = list(case.case_failures.values_list("failure_id", flat=True))
    for failures in ([], every, [10**9]):
        with pytest.raises(Declined):
            split_case(case.pk, failures=failures, actions=[], acting_user=person, now=NOW)


def test_a_case_split_off_without_open_work_waits_for_its_customer(company):
    case, into = two_cases(company)
    person = stories.staff("supervisor")
    merge_cases(case.pk, into=into.pk, acting_user=person, now=NOW)
    failure = CaseFailure.objects.filter(case=into, moved_to=None)[0].failure_id
    assert split_case(into.pk, failures=[failure], actions=[], acting_user=person, now=NOW).state == "awaiting_customer"


def test_links_are_said_once_ended_and_kept_on_record(company):
    case, other = two_cases(company)
    person = stories.staff("front_line")
    link = link_cases(case.pk, other=other.pk, kind="related", acting_user=person, now=NOW)
    for pair in ((case, other), (other, case)):
        with pytest.raises(Declined):
            link_cases(pair[0].pk, other=pair[1].pk, kind="related", acting_user=person, now=NOW)
    with pytest.raises(Declined):
        link_cases(case.pk, other=case.pk, kind="related", acting_user=person, now=NOW)
    with pytest.raises(Declined):
        link_cases(case.pk, other=other.pk, kind="merged_into", acting_user=person, now=NOW)
    step = UndoStep.objects.get(act="link_cases")
    undo(step.pk, acting_user=person, now=NOW)
    link.refresh_from_db()
    assert link.ended_at == NOW
    whole()


def test_duplicates_are_suggested_until_they_are_tied(company):
    (case, _) = two_cases(company)
    twin = split_off_twin(case)
    person = stories.staff("front_line")
    (found,) = duplicates_of(person, case)
    assert found.case == twin
    assert {"subject", "kind", "time"} <= set(found.like.signs)
    link_cases(case.pk, other=twin.pk, kind="related", acting_user=person, now=NOW)
    assert duplicates_of(person, case) == []


def test_a_case_is_handed_over_with_a_note_that_the_timeline_tells(company):
    (case, _) = two_cases(company)
    giver, taker = stories.staff("front_line", name="Ann"), stories.staff("front_line", name="Bo")
    take_case(case.pk, acting_user=giver, now=NOW)
    with pytest.raises(Declined):
        hand_over(case.pk, note="  ", to_staff=taker.pk, acting_user=giver, now=NOW)
    handover = hand_over(case.pk, note="She speaks Mandarin only.", to_staff=taker.pk, acting_user=giver, now=NOW)
    case.refresh_from_db()
    assert (case.owner, handover.from_staff, handover.to_staff) == (taker, giver, taker)
    assert "Ann handed this over to Bo: She speaks Mandarin only." in [one.text.en for one in case_timeline(case)]
    whole()


def test_a_case_handed_to_a_unit_is_within_its_reach_and_out_of_ones_own(company):
    (case, _) = two_cases(company)
    giver = stories.staff("front_line", unit=company.branch)
    other = type(company.branch).objects.create(
        code="JFK", name_en="Kennedy", name_zh="肯尼迪", parent=company.unit, path="/HQ/JFK/"
    )
    there = stories.staff("front_line", unit=other)
    with pytest.raises(Declined):
        hand_over(case.pk, note="yours", to_staff=there.pk, acting_user=giver, now=NOW)
    hand_over(case.pk, note="It happened at your desk.", to_unit=other.pk, acting_user=giver, now=NOW)
    take_case(case.pk, acting_user=there, now=NOW)
    with pytest.raises(NotFound):
        take_case(case.pk, acting_user=giver, now=NOW)
    assert set(Approval.objects.filter(case=case).values_list("unit", flat=True)) == {other.pk}
    whole()


def test_a_hand_over_taken_back_brings_what_waits_for_leave_back(company):
    (case, _) = two_cases(company)
    lead = stories.staff("manager")
    other = type(company.branch).objects.create(
        code="JFK", name_en="Kennedy", name_zh="肯尼迪", parent=company.unit, path="/HQ/JFK/"
    )
    hand_over(case.pk, note="It happened at your desk.", to_unit=other.pk, acting_user=lead, now=NOW)
    undo(UndoStep.objects.latest("pk").pk, acting_user=lead, now=NOW)
    assert set(Approval.objects.filter(case=case).values_list("unit", flat=True)) == {company.branch.pk}
    whole()


def test_only_who_leads_assigns_a_case_to_another(company):
    (case, _) = two_cases(company)
    front, lead = stories.staff("front_line"), stories.staff("supervisor")
    with pytest.raises(NotAllowed):
        assign_case(case.pk, to_staff=lead.pk, acting_user=front, now=NOW)
    assign_case(case.pk, to_staff=front.pk, acting_user=lead, now=NOW)
    assert Case.objects.get(pk=case.pk).owner == front


# -- undo --------------------------------------------------------------------------------------------------------------


def step_of(person) -> int:
    return UndoStep.objects.filter(by=person).latest("pk").pk


def test_taking_a_case_is_undone_as_an_act_of_its_own(company):
    (case, _) = two_cases(company)
    person, before = stories.staff("front_line"), stories.staff("front_line")
    take_case(case.pk, acting_user=before, now=NOW)
    take_case(case.pk, acting_user=person, now=NOW)
    undo(step_of(person), acting_user=person, now=NOW + timedelta(minutes=1))
    assert Case.objects.get(pk=case.pk).owner == before
    assert "undo" in case.trail.values_list("act", flat=True)
    assert Handover.objects.filter(case=case, undone_at__isnull=False).count() == 1
    whole()


def test_skipping_what_waits_for_leave_is_undone_with_its_leave_asked_again(company):
    (case, _) = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    person = stories.staff("supervisor")
    action = Action.objects.get(case=case, state="waiting_approval")
    was = state_of(case)
    skip_action(action.pk, acting_user=person, now=NOW, note="by mistake")
    undo(step_of(person), acting_user=person, now=NOW)
    assert state_of(case) == was
    fresh = Action.objects.get(case=case, state="waiting_approval")
    assert (fresh.step, fresh.amount) == (f"{action.step}@2", action.amount)
    assert Approval.objects.get(action=fresh).state == "waiting"
    whole()


def test_once_the_skipping_of_the_last_step_is_undone_we_wait_for_the_customer_as_before(company):
    (case, _) = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    boss = stories.staff("supervisor")
    wait_for_customer(case.pk, needed="The receipt?", acting_user=boss, now=NOW)
    was, clocks = state_of(case), clock_rows(case)
    action = Action.objects.get(case=case, state="waiting_approval")
    skip_action(action.pk, acting_user=boss, now=NOW + timedelta(hours=1), note="by mistake")
    assert Case.objects.get(pk=case.pk).state == "awaiting_customer"
    assert holds_of(case)[0].ended_by == "done"
    undo(step_of(boss), acting_user=boss, now=NOW + timedelta(hours=1, minutes=1))
    assert (state_of(case), clock_rows(case)) == (was, clocks)
    assert [(hold.ended_at, hold.ended_by) for hold in holds_of(case)] == [(None, "")]
    due = Clock.objects.get(case=case, kind="resolve").due_at
    resume_case(case.pk, acting_user=boss, now=NOW + timedelta(days=1))
    clock = Clock.objects.get(case=case, kind="resolve")
    assert (clock.state, clock.due_at, clock.held) == ("running", due + timedelta(days=1), timedelta(days=1))
    whole()


def test_leave_is_asked_for_and_given_again_after_the_skipping_was_undone(company):
    (case, _) = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    person, head = stories.staff("supervisor"), stories.staff("manager")
    action = Action.objects.get(case=case, state="waiting_approval")
    for times in (2, 3):
        skip_action(action.pk, acting_user=person, now=NOW, note="by mistake")
        undo(step_of(person), acting_user=person, now=NOW)
        action = Action.objects.get(case=case, state="waiting_approval")
        assert Approval.objects.filter(case=case).count() == times
    asked = Approval.objects.get(action=action)
    assert (asked.state, asked.decided_at, asked.decided_by) == ("waiting", None, None)
    grant_approval(asked.pk, acting_user=head, now=NOW)
    assert Action.objects.get(pk=action.pk).state == "done"
    assert sorted(Approval.objects.filter(case=case).values_list("state", flat=True)) == [
        "granted", "withdrawn", "withdrawn",
    ]  # fmt: skip
    whole()


def test_leave_can_be_asked_for_what_was_ready_and_its_skipping_undone(company):
    (case, _) = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    clerk = stories.staff("front_line")
    ready = Action.objects.filter(case=case, state__in=("planned", "scheduled")).earliest("pk")
    Action.objects.filter(pk=ready.pk).update(
        state="ready",
        kind="compensation",
        remedy="voucher",
        amount=Decimal(900),
        currency="USD",
        performer="front_line",
    )
    skip_action(ready.pk, acting_user=clerk, now=NOW, note="by mistake")
    undo(step_of(clerk), acting_user=clerk, now=NOW)
    fresh = Action.objects.get(case=case, step__startswith=f"{ready.step}@")
    assert do_action(fresh.pk, acting_user=clerk, now=NOW).state == "waiting_approval"
    assert Approval.objects.get(action=fresh).state == "waiting"


def clock_rows(case):
    return list(Clock.objects.filter(case=case).order_by("pk").values())


def state_of(case):
    case = Case.objects.get(pk=case.pk)
    clocks = sorted(Clock.objects.filter(case=case).values_list("kind", "state", "due_at"))
    ended = ("done", "skipped", "refused")
    actions = Action.objects.filter(case=case).exclude(state__in=ended).values_list("kind", "state", "amount")
    return case.state, case.is_open, case.owner_id, case.next_due, clocks, sorted(actions, key=str)


def test_closing_is_undone_with_clocks_and_what_was_to_follow(company):
    (case, _) = two_cases(company)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    person = stories.staff("manager")
    for approval in Approval.objects.filter(case=case):
        grant_approval(approval.pk, acting_user=person, now=NOW)
    was = state_of(case)
    close_case(case.pk, acting_user=person, now=NOW)
    undo(step_of(person), acting_user=person, now=NOW + timedelta(minutes=9))
    assert state_of(case) == was
    whole()


@pytest.mark.parametrize(("why", "said"), [("late", "ten minutes"), ("followed", "since"), ("undone", "already")])
def test_what_cannot_be_undone_is_told_in_a_sentence(company, why, said):
    (case, _) = two_cases(company)
    person = stories.staff("front_line")
    take_case(case.pk, acting_user=person, now=NOW)
    step, at = step_of(person), NOW
    if why == "late":
        at = NOW + timedelta(minutes=11)
    elif why == "followed":
        carry_out(1, 2**60, now=NOW, as_of_ready=False)
    else:
        undo(step, acting_user=person, now=NOW)
    with pytest.raises(Declined, match=said):
        undo(step, acting_user=person, now=at)


def test_nobody_undoes_what_another_did(company):
    (case, _) = two_cases(company)
    person = stories.staff("front_line")
    take_case(case.pk, acting_user=person, now=NOW)
    with pytest.raises(Declined, match="Only whoever did it"):
        undo(step_of(person), acting_user=stories.staff("manager"), now=NOW)


# -- teams -------------------------------------------------------------------------------------------------------------


def team_of(company, *people, **skills):
    team = Team.objects.create(name_en="Care", name_zh="关怀组", unit=company.unit)
    for person in people:
        TeamMember.objects.create(team=team, staff=person, **skills)
    Queue.objects.create(name_en="All", name_zh="全部", team=team)
    return team


def objected_cases(company, seats=6):
    incidents = stories.broken_flights(company, seats=seats, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    lead = stories.staff("manager")
    cases = list(Case.objects.order_by("pk"))
    for case in cases:
        object_to_case(case.pk, words="No.", acting_user=lead, now=NOW)
    return cases


def test_waiting_cases_are_spread_over_the_team_by_load_and_say_why(company):
    cases = objected_cases(company)
    people = [stories.staff("front_line", name=name) for name in ("Ann", "Bo", "Cy")]
    team_of(company, *people)
    assert assign_waiting(now=NOW) == len(cases)
    assert assign_waiting(now=NOW) == 0
    assert sorted(Case.objects.values_list("owner", flat=True)) == sorted(2 * [one.pk for one in people])
    why = Handover.objects.filter(how="automatic").order_by("pk")[0].why
    assert why.en == "All: of 3 in the team 3 can take it, and Ann has the fewest open cases (0)."
    whole()


def test_a_case_goes_to_who_speaks_the_customers_language_and_has_room(company):
    objected_cases(company)
    zh, full = stories.staff("front_line", name="Mei"), stories.staff("front_line", name="Sam")
    team = team_of(company, zh, languages=["zh"])
    TeamMember.objects.create(team=team, staff=full, most_open=0)
    assert assign_waiting(now=NOW) == 3  # every other customer reads Chinese
    assert set(Case.objects.filter(owner=zh).values_list("customer__locale", flat=True)) == {"zh-CN"}
    assert Case.objects.filter(owner=None, team=team).count() == 3


def test_who_is_gone_gets_nothing(company):
    objected_cases(company)
    person = stories.staff("front_line")
    team_of(company, person)
    type(person).objects.filter(pk=person.pk).update(is_active=False)
    assert assign_waiting(now=NOW) == 0


def test_the_next_one_is_the_most_pressing_and_each_is_given_once(company):
    cases = objected_cases(company, seats=3)
    person, other = stories.staff("front_line"), stories.staff("front_line")
    first = take_next(acting_user=person, now=NOW)
    assert first.priority == max(Case.objects.values_list("priority", flat=True))
    taken = {first.pk, *(take_next(acting_user=one, now=NOW).pk for one in (other, person))}
    assert taken == {case.pk for case in cases}
    with pytest.raises(Declined):
        take_next(acting_user=person, now=NOW)
    whole()


def test_a_case_that_went_to_another_unit_meanwhile_is_not_the_next_one(company, monkeypatch):
    objected_cases(company, seats=2)
    person, listed = stories.staff("front_line", unit=company.branch), assigning._next_ones
    first, second = listed(person)

    def meanwhile(staff):
        found = list(listed(staff))
        Case.objects.filter(pk=first).update(unit=company.unit)
        return found

    monkeypatch.setattr(assigning, "_next_ones", meanwhile)
    assert take_next(acting_user=person, now=NOW).pk == second
    assert Case.objects.get(pk=first).owner is None


def test_whoever_lost_the_right_meanwhile_gets_no_next_one(company):
    objected_cases(company, seats=1)
    person = stories.staff("front_line")
    type(person).objects.filter(pk=person.pk).update(role="administrator")
    with pytest.raises(NotAllowed):
        take_next(acting_user=person, now=NOW)
    assert not Case.objects.exclude(owner=None).exists()


# -- whatever is done -------------------------------------------------------------------------------------------------

ACTS = ("carry", "merge", "split", "grant", "take", "hand", "skip", "object", "close", "reopen", "undo", "more", "next")


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=14))
def test_whatever_is_done_the_trail_adds_up_and_no_sum_is_given_twice(company, acts):
    with transaction.atomic():
        two_cases(company, seats=2)
        people = [stories.staff("supervisor"), stories.staff("manager")]
        most = worth_open(*Case.objects.all())
        for place, (act, pick) in enumerate(acts):
            try:
                with transaction.atomic():
                    _act(act, pick, people, company, NOW + timedelta(minutes=place))
            except (IllegalMove, PermissionError, Declined, NotFound):
                continue  # not now: nothing may have changed then
        whole()
        given = Remedy.objects.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        if not any(act == "more" for act, _ in acts):
            assert given + worth_open(*Case.objects.all()) <= most
        merged = Case.objects.filter(state="merged", is_open=False)
        assert worth_open(*merged) == 0
        transaction.set_rollback(True)


def _act(act, pick, people, company, now):
    person = people[pick % 2]
    case = _one(Case.objects.all(), pick)
    other = _one(Case.objects.filter(customer=case.customer).exclude(pk=case.pk), pick) or case
    action, approval = _one(Action.objects.all(), pick), _one(Approval.objects.all(), pick)
    step = _one(UndoStep.objects.all(), -1)
    if (approval is None and act == "grant") or (step is None and act == "undo"):
        return
    here = list(case.case_failures.filter(moved_to=None).order_by("pk").values_list("failure_id", flat=True))
    going = list(
        case.actions.exclude(state__in=("done", "skipped", "refused")).values_list("pk", flat=True)[: pick % 3]
    )
    {
        "carry": lambda: carry_out(1, 2**60, now=now, as_of_ready=False),
        "merge": lambda: merge_cases(case.pk, into=other.pk, acting_user=person, now=now),
        "split": lambda: split_case(case.pk, failures=here[:1], actions=going, acting_user=person, now=now),
        "grant": lambda: grant_approval(approval.pk, acting_user=person, now=now),
        "take": lambda: take_case(case.pk, acting_user=person, now=now),
        "hand": lambda: hand_over(case.pk, note="x", to_staff=people[1 - pick % 2].pk, acting_user=person, now=now),
        "skip": lambda: skip_action(action.pk, acting_user=person, now=now, note="no"),
        "object": lambda: object_to_case(case.pk, words="No.", acting_user=person, now=now),
        "close": lambda: close_case(case.pk, acting_user=person, now=now),
        "reopen": lambda: reopen_case(case.pk, acting_user=person, now=now),
        "undo": lambda: undo(step.pk, acting_user=step.by, now=now),
        "next": lambda: take_next(acting_user=person, now=now),
        "more": lambda: (
            cancelled(case.incident_id),
            open_cases([case.incident_id] if case.incident_id else [], now=now),
            settle_merged(now=now),
        ),
    }[act]()


def _one(rows, pick):
    found = list(rows.order_by("pk"))
    return found[pick % len(found)] if found else None


# -- two at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_merging_two_cases_into_each_other_at_once_end_with_one(transactional_db):
    company = stories.company()
    one, other = two_cases(company)
    owed, together, said = worth_open(one, other), Barrier(2), []
    people = [stories.staff("supervisor"), stories.staff("manager")]

    def merge(place: int) -> None:
        case, into = (one, other) if place == 0 else (other, one)
        try:
            together.wait()
            merge_cases(case.pk, into=into.pk, acting_user=people[place], now=NOW)
            said.append("merged")
        except (IllegalMove, Declined):
            said.append("refused")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(merge, range(2)))
    assert sorted(said) == ["merged", "refused"]
    assert sorted(Case.objects.values_list("is_open", flat=True)) == [False, True]
    assert worth_open(one, other) == owed
    assert CaseLink.objects.filter(kind="merged_into").count() == 1
    whole()
