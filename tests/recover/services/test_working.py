"""People at work on cases: rights, reach, authority and the order of things, each act on record."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stories

from amends.channels.models import Message
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import BeyondAuthority, SelfApproval, StaleVersion
from amends.recover.models import Action, Approval, Case, Clock, Outcome, Remedy
from amends.recover.selectors import case_timeline, notices_for, unexplained, verify_trail
from amends.recover.services import (
    accept_case,
    carry_out,
    close_case,
    do_action,
    grant_approval,
    object_to_case,
    open_case,
    open_cases,
    record_outcome,
    refuse_approval,
    reopen_case,
    send_message,
    skip_action,
    take_case,
)

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(company) -> Case:
    """A severe case: everything automatic done, the compensation beyond the automatic limit."""
    open_cases(stories.broken_flights(company, seats=1, distance_km=5_000, minutes_late=400), now=NOW)
    ids = list(Action.objects.order_by("pk").values_list("pk", flat=True))
    carry_out(ids[0], ids[-1], now=NOW, as_of_ready=False)
    return Case.objects.get()


@pytest.fixture
def by_hand(company) -> Action:
    """A ready action of 300 that a member of the front line may do."""
    open_cases(stories.broken_flights(company, seats=1, minutes_late=100, severity=2), now=NOW)
    action = Action.objects.filter(amount__gt=0).get()
    Action.objects.filter(pk=action.pk).update(performer="front_line", amount=300)
    Action.objects.exclude(pk=action.pk).delete()
    return Action.objects.get(pk=action.pk)


def test_a_supervisor_grants_what_was_beyond_the_automatic_limit(case):
    approval = Approval.objects.get()
    boss = stories.staff("supervisor")
    grant_approval(approval.pk, acting_user=boss, now=LATER)
    approval.refresh_from_db()
    assert (approval.state, approval.decided_by) == ("granted", boss)
    line = Remedy.objects.get(approval=approval)
    assert (line.amount, line.level, line.granted_by) == (approval.amount, "supervisor", boss)
    assert Message.objects.filter(key=f"action:{approval.action_id}").exists()
    assert Case.objects.get().state == "awaiting_customer"
    with pytest.raises(IllegalMove):
        grant_approval(approval.pk, acting_user=boss, now=LATER)
    assert Remedy.objects.filter(approval=approval).count() == 1


@pytest.mark.parametrize("role", ["front_line", "quality_owner", "administrator"])
def test_nobody_without_the_right_grants_anything(case, role):
    with pytest.raises(NotAllowed):
        grant_approval(Approval.objects.get().pk, acting_user=stories.staff(role), now=LATER)
    assert Approval.objects.get().state == "waiting"


def test_an_approver_who_lost_the_role_since_signing_in_is_refused(case):
    boss = stories.staff("supervisor")
    Staff.objects.filter(pk=boss.pk).update(role="front_line")
    with pytest.raises(NotAllowed):
        grant_approval(Approval.objects.get().pk, acting_user=boss, now=LATER)
    gone = stories.staff("manager")
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        grant_approval(Approval.objects.get().pk, acting_user=gone, now=LATER)


def test_a_person_of_another_unit_does_not_even_learn_that_the_case_exists(case):
    elsewhere = Unit.objects.create(code="JFK", name_en="JFK", name_zh="JFK", path="/HQ/JFK/")
    with pytest.raises(NotFound):
        grant_approval(Approval.objects.get().pk, acting_user=stories.staff("manager", unit=elsewhere), now=LATER)
    with pytest.raises(NotFound):
        take_case(case.pk, acting_user=stories.staff("front_line", unit=elsewhere), now=LATER)


def test_within_their_authority_people_give_at_once(by_hand):
    someone = stories.staff("front_line")
    assert do_action(by_hand.pk, acting_user=someone, now=LATER).state == "done"
    line = Remedy.objects.get()
    assert (line.amount, line.level, line.granted_by, line.approval) == (Decimal(300), "front-line", someone, None)
    with pytest.raises(IllegalMove):
        do_action(by_hand.pk, acting_user=someone, now=LATER)
    assert Remedy.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "kept"), [("", "The customer prefers a voucher."), ("Given by hand.", "Given by hand.")]
)
def test_doing_an_action_keeps_its_note_unless_another_is_given(by_hand, said, kept):
    Action.objects.filter(pk=by_hand.pk).update(note="The customer prefers a voucher.")
    do_action(by_hand.pk, acting_user=stories.staff("front_line"), now=LATER, note=said)
    assert Action.objects.get(pk=by_hand.pk).note == kept


def test_beyond_their_authority_people_ask_and_cannot_answer_themselves(by_hand):
    Action.objects.filter(pk=by_hand.pk).update(amount=900)
    boss = stories.staff("supervisor")
    Staff.objects.filter(pk=boss.pk).update(authority_level="")
    asker = stories.staff("front_line")
    assert do_action(by_hand.pk, acting_user=asker, now=LATER).state == "waiting_approval"
    approval = Approval.objects.get()
    assert (approval.asked_by, approval.level, Remedy.objects.count()) == (asker, "supervisor", 0)
    Staff.objects.filter(pk=asker.pk).update(role="supervisor")  # promoted meanwhile: still the same person
    with pytest.raises(SelfApproval):
        grant_approval(approval.pk, acting_user=asker, now=LATER)
    with pytest.raises(IllegalMove):
        do_action(by_hand.pk, acting_user=boss, now=LATER)
    grant_approval(approval.pk, acting_user=boss, now=LATER)
    assert Remedy.objects.get().approval == approval


def test_a_sum_split_into_parts_is_caught(by_hand):
    """Two parts of 400 on one case: the second goes beyond the limit per case of 650."""
    someone, boss = stories.staff("front_line"), stories.staff("supervisor")
    Action.objects.filter(pk=by_hand.pk).update(amount=400)
    second = Action.objects.get(pk=by_hand.pk)
    second.pk, second.step, second.amount = None, "second part", Decimal(400)
    second.save()
    assert do_action(by_hand.pk, acting_user=someone, now=LATER).state == "done"
    assert do_action(second.pk, acting_user=someone, now=LATER).state == "waiting_approval"
    assert Approval.objects.get().level == "supervisor"
    Remedy.objects.get()
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=LATER)


def test_who_gave_a_part_on_their_own_authority_gives_no_leave_for_the_rest(by_hand):
    boss, other = stories.staff("supervisor"), stories.staff("front_line")
    second = Action.objects.get(pk=by_hand.pk)
    second.pk, second.step, second.amount = None, "second part", Decimal(400)
    second.save()
    do_action(by_hand.pk, acting_user=boss, now=LATER)
    do_action(second.pk, acting_user=other, now=LATER)
    with pytest.raises(SelfApproval):
        grant_approval(Approval.objects.get().pk, acting_user=boss, now=LATER)


def test_leave_beyond_the_approvers_own_level_is_refused(by_hand):
    Action.objects.filter(pk=by_hand.pk).update(amount=2_000)
    do_action(by_hand.pk, acting_user=stories.staff("front_line"), now=LATER)
    approval = Approval.objects.get()
    assert approval.level == "manager"
    with pytest.raises(BeyondAuthority) as refused:
        grant_approval(approval.pk, acting_user=stories.staff("supervisor"), now=LATER)
    assert "per_case" in refused.value.limits
    grant_approval(approval.pk, acting_user=stories.staff("manager"), now=LATER)


def test_a_refusal_ends_the_action_and_gives_nothing(case):
    approval = Approval.objects.get()
    given = Remedy.objects.count()
    refuse_approval(approval.pk, acting_user=stories.staff("manager"), now=LATER, note="too much")
    assert Action.objects.get(pk=approval.action_id).state == "refused"
    assert Remedy.objects.count() == given


def test_a_refusal_leaves_its_case_with_a_step_and_with_whoever_owns_it(case):
    approval, owner = Approval.objects.get(), stories.staff("front_line", name="Olive")
    Case.objects.update(owner=owner)
    resolve = Clock.objects.get(case=case, kind="resolve")
    refuse_approval(approval.pk, acting_user=stories.staff("manager"), now=LATER, note="Too much.")
    step = Action.objects.get(step=f"refused.{approval.pk}")
    assert (step.state, step.performer, step.note) == ("ready", "front_line", "Too much.")
    assert Case.objects.get().state == "in_progress"
    assert Clock.objects.get(pk=resolve.pk).state == resolve.state == "running"
    notice = notices_for(owner).rows[0]
    assert (notice.what, "Too much." in notice.en, "Too much." in notice.zh) == ("refused", True, True)
    do_action(step.pk, acting_user=owner, now=LATER, note="Told her why.")
    assert Case.objects.get().state == "awaiting_customer"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_who_asked_and_was_refused_has_it_back(by_hand):
    Action.objects.filter(pk=by_hand.pk).update(amount=2_000)
    asker, boss = stories.staff("supervisor"), stories.staff("manager")
    do_action(by_hand.pk, acting_user=asker, now=LATER)
    approval = Approval.objects.get()
    refuse_approval(approval.pk, acting_user=boss, now=LATER, note="Too much.")
    assert Action.objects.get(step=f"refused.{approval.pk}").performer == "supervisor"
    assert [notice.what for notice in notices_for(asker).rows] == ["refused"]
    assert not [notice for notice in notices_for(boss).rows if notice.what == "refused"]


def test_skipping_withdraws_what_was_asked(case):
    approval = Approval.objects.get()
    skip_action(approval.action_id, acting_user=stories.staff("supervisor"), now=LATER, note="paid at the desk")
    approval.refresh_from_db()
    assert approval.state == "withdrawn"


def test_two_people_with_the_same_page_open_do_not_overwrite_each_other(case):
    seen = case.version
    take_case(case.pk, acting_user=stories.staff("front_line"), now=LATER, version=seen)
    with pytest.raises(StaleVersion):
        take_case(case.pk, acting_user=stories.staff("supervisor"), now=LATER, version=seen)


def test_an_objection_starts_the_repair_and_its_clock_anew(case):
    grant_approval(Approval.objects.get().pk, acting_user=stories.staff("supervisor"), now=LATER)
    object_to_case(case.pk, words="还不够", acting_user=None, now=LATER)
    case.refresh_from_db()
    assert case.state == "objected"
    clock = Clock.objects.get(case=case, kind="resolve")
    assert (clock.state, clock.started_at) == ("running", LATER)
    assert case.next_due <= clock.due_at
    assert Message.objects.get(direction="in").body == "还不够"


def test_an_outcome_decides_whether_it_was_made_good(case):
    someone = stories.staff("supervisor")
    grant_approval(Approval.objects.get().pk, acting_user=someone, now=LATER)
    said = {"satisfaction_before": 2, "stays": True, "told_others": None, "source": "staff"}
    record_outcome(case.pk, accepted=True, satisfaction_after=5, acting_user=someone, now=LATER, **said)
    assert Case.objects.get().state == "made_good"
    record_outcome(case.pk, accepted=False, satisfaction_after=1, acting_user=someone, now=LATER, **said)
    assert Case.objects.get().state == "objected"
    assert Outcome.objects.get().satisfaction_after == 1


def test_what_is_not_known_leaves_the_customers_own_answer_theirs(case):
    someone = stories.staff("supervisor")
    grant_approval(Approval.objects.get().pk, acting_user=someone, now=LATER)
    accept_case(case.pk, satisfaction=5, acting_user=case.customer, now=LATER)
    nothing = {"accepted": None, "satisfaction_before": None, "satisfaction_after": None, "told_others": None}
    by_staff = {"source": "staff", "acting_user": someone, "now": LATER + timedelta(hours=1)}
    record_outcome(case.pk, **nothing | {"stays": True}, **by_staff)
    kept = Outcome.objects.get()
    assert (kept.accepted, kept.satisfaction_after, kept.stays) == (True, 5, True)
    assert (kept.source, kept.recorded_by, kept.recorded_at) == ("customer", None, LATER)
    record_outcome(case.pk, **nothing | {"stays": None, "satisfaction_after": 2}, **by_staff)
    kept.refresh_from_db()
    assert (kept.accepted, kept.satisfaction_after, kept.stays) == (True, 2, True)
    assert (kept.source, kept.recorded_by) == ("staff", someone)


def test_customers_answer_themselves_over_what_staff_put_on_record_for_them(case):
    someone = stories.staff("supervisor")
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    said = {"satisfaction_before": 2, "stays": True, "told_others": None, "source": "staff"}
    record_outcome(case.pk, accepted=True, satisfaction_after=5, acting_user=someone, now=LATER, **said)
    assert any("as a colleague recorded it" in entry.text.en for entry in case_timeline(case))
    assert accept_case(case.pk, satisfaction=3, acting_user=case.customer, now=LATER)
    assert "The customer accepts the recovery" in [entry.text.en for entry in case_timeline(case)]
    kept = Outcome.objects.get(case=case)
    assert (kept.source, kept.satisfaction_after, kept.satisfaction_before) == ("customer", 3, 2)
    assert not accept_case(case.pk, satisfaction=4, acting_user=case.customer, now=LATER)


def test_a_rating_of_staff_does_not_become_the_customers_own(case):
    someone = stories.staff("supervisor")
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    said = {"satisfaction_before": None, "stays": None, "told_others": None, "source": "staff"}
    record_outcome(case.pk, accepted=None, satisfaction_after=5, acting_user=someone, now=LATER, **said)
    assert accept_case(case.pk, satisfaction=None, acting_user=case.customer, now=LATER)
    kept = Outcome.objects.get(case=case)
    assert (kept.source, kept.accepted, kept.satisfaction_after) == ("customer", True, None)


def test_a_closed_case_rests_until_it_is_reopened(case):
    someone = stories.staff("supervisor")
    with pytest.raises(IllegalMove):
        close_case(case.pk, acting_user=someone, now=LATER)  # leave is still being waited for
    grant_approval(Approval.objects.get().pk, acting_user=someone, now=LATER)
    close_case(case.pk, acting_user=someone, now=LATER)
    case.refresh_from_db()
    assert (case.state, case.is_open, case.closed_at, case.next_due) == ("closed", False, LATER, None)
    assert not Clock.objects.filter(state="running").exists()
    assert not Action.objects.exclude(state__in=["done", "skipped", "refused"]).exists()
    with pytest.raises(IllegalMove):
        close_case(case.pk, acting_user=someone, now=LATER)
    reopen_case(case.pk, acting_user=someone, now=LATER)
    assert Case.objects.get().is_open


def test_ones_own_words_go_out_and_count_as_news(case):
    send_message(case.pk, subject="News", body="We found your bag.", acting_user=stories.staff("front_line"), now=LATER)
    assert Message.objects.filter(subject="News", state="queued").exists()
    assert Clock.objects.get(case=case, kind="inform").state in {"met", "met_late"}


def test_whoever_comes_forward_gets_a_case_however_light_the_failure(company):
    customer = Customer.objects.create(reference="C-1", name="Ann", created_at=NOW)
    someone = stories.staff("front_line")
    case = open_case(
        customer, "cabin_service", "UA 9", company.branch, {}, "The meal was cold.", acting_user=someone, now=NOW
    )
    assert case.customer == customer
    assert case.opened_at == NOW
    assert case.plan.actions.exists()
    assert case.clocks.count() == 4
    assert Message.objects.get(direction="in").body == "The meal was cold."
    again = open_case(customer, "cabin_service", "UA 9", company.branch, {}, "", acting_user=someone, now=LATER)
    assert again == case
    assert case.case_failures.count() == 2
    with pytest.raises(ValueError, match="no kind of failure"):
        open_case(customer, "bad_luck", "UA 9", company.branch, {}, "", acting_user=someone, now=LATER)
