"""Promises of news, waiting for the customer, and the way up the ladder, in the rows of a case."""

from datetime import timedelta

import pytest
import stories

from amends.channels.models import Message
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Staff
from amends.policy.selectors import blueprint_of
from amends.recover.core.news import next_step
from amends.recover.core.refusals import NotAhead
from amends.recover.models import Action, Approval, Case, Clock, Hold, Notice
from amends.recover.selectors import holds_of, time_held, unexplained, verify_trail
from amends.recover.services import (
    accept_case,
    add_action,
    carry_out,
    do_action,
    grant_approval,
    hear_customer,
    object_to_case,
    open_cases,
    promise_update,
    record_outcome,
    resume_case,
    send_message,
    skip_action,
    sweep_clocks,
    wait_for_customer,
)
from amends.recover.services.answering import Answered, record_answers
from amends.recover.services.ticking import warns_at

NOW = stories.NOW
HOUR = timedelta(hours=1)


@pytest.fixture
def case(company) -> Case:
    """Everything automatic is done; the compensation waits for a supervisor."""
    open_cases(stories.broken_flights(company, seats=1, distance_km=5_000, minutes_late=400), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return Case.objects.get()


def informs(case):
    return list(Clock.objects.filter(case=case, kind="inform").order_by("number"))


def test_each_promise_of_news_is_a_clock_of_its_own_and_news_meet_all_that_run(case):
    someone = stories.staff("front_line")
    for hours in (5, 3):
        promise_update(case.pk, by=NOW + hours * HOUR, acting_user=someone, now=NOW)
    first, second, third = informs(case)
    assert first.state == "met"  # by the explanation
    assert [(clock.number, clock.state, clock.due_at, clock.promised_by) for clock in (second, third)] == [
        (2, "running", NOW + 5 * HOUR, someone),
        (3, "running", NOW + 3 * HOUR, someone),
    ]
    case.refresh_from_db()
    assert case.next_due == NOW + 3 * HOUR
    send_message(case.pk, subject="News", body="…", acting_user=someone, now=NOW + 4 * HOUR, next_by=NOW + 9 * HOUR)
    assert [clock.state for clock in informs(case)] == ["met", "met", "met_late", "running"]
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


@pytest.mark.parametrize("by", [NOW, NOW - HOUR, NOW + timedelta(days=61)])
def test_a_promise_lies_ahead_and_not_in_the_far_future(case, by):
    with pytest.raises(NotAhead):
        promise_update(case.pk, by=by, acting_user=stories.staff("front_line"), now=NOW)


def test_nothing_is_promised_in_a_settled_case(case):
    Case.objects.filter(pk=case.pk).update(state="closed", is_open=False)
    with pytest.raises(IllegalMove):
        promise_update(case.pk, by=NOW + HOUR, acting_user=stories.staff("front_line"), now=NOW)


def test_automatic_news_promise_the_next_and_the_letter_says_the_time_that_the_clock_has(case):
    sweep_clocks(now=NOW + HOUR)
    carry_out(1, 2**60, now=NOW + HOUR, as_of_ready=False)
    news = Action.objects.get(step="progress")
    assert news.state == "done"
    promised = informs(case)[-1]
    assert (promised.number, promised.state, promised.due_at) == (2, "running", news.done_at + timedelta(days=1))
    assert promised.promised_by is None
    assert f"{promised.due_at:%-d}" in Message.objects.get(key=f"action:{news.pk}").body
    boss = stories.staff("supervisor")
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW + 2 * HOUR)
    assert informs(case)[-1].state == "stopped"  # our part is finished: its letter was the news


def let_pass(since, until, every=HOUR / 2):
    """The worker's sweeps and what they make ready, every half hour unless said otherwise."""
    now = since
    while now < until:
        now += every
        sweep_clocks(now=now)
        carry_out(1, 2**60, now=now, as_of_ready=False)


def test_what_automatic_news_promised_is_kept_by_the_next_as_often_as_the_pack_says_and_then_by_people(case):
    let_pass(NOW, NOW + timedelta(days=9))
    news = Action.objects.filter(kind="progress_notice").order_by("id")
    assert [one.step for one in news] == ["progress", *(f"progress+{number}" for number in range(1, 6))]
    assert {one.state for one in news} == {"done"}
    letters = [Message.objects.get(key=f"action:{one.pk}") for one in news]
    promised = informs(case)[1:]  # a clock of its own each
    assert [clock.started_at for clock in promised] == [letter.created_at for letter in letters]
    assert [clock.due_at for clock in promised] == [letter.created_at + timedelta(days=1) for letter in letters]
    for clock, letter in zip(promised, letters, strict=True):
        assert clock.due_at.strftime("%H:%M") in letter.body
    assert [clock.state for clock in promised] == [*["met"] * 5, "missed"]  # after the last it is for people
    assert not any(clock.at_risk_at for clock in promised[:-1])  # nobody was warned of what keeps itself
    assert promised[-1].level > 0
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_no_automatic_news_go_out_once_our_part_is_done_or_somebody_wrote(case):
    let_pass(NOW, NOW + 2 * HOUR)
    following = Action.objects.get(step="progress+1")
    assert following.state == "scheduled"
    send_message(case.pk, subject="News", body="…", acting_user=stories.staff("front_line"), now=NOW + 3 * HOUR)
    sent = Message.objects.count()
    let_pass(NOW + 3 * HOUR, NOW + timedelta(days=2))
    following.refresh_from_db()
    assert following.state == "skipped"
    assert following.edits.get().why.en.startswith("The customer has had news since")
    assert Message.objects.count() == sent


def test_while_we_wait_for_the_customer_no_automatic_news_say_that_we_work_on_it(case):
    let_pass(NOW, NOW + 2 * HOUR)
    someone = stories.staff("front_line")
    wait_for_customer(case.pk, needed="Please send the receipt.", acting_user=someone, now=NOW + 3 * HOUR)
    let_pass(NOW + 3 * HOUR, NOW + timedelta(days=2))
    assert Action.objects.get(step="progress+1").state == "skipped"
    assert not Action.objects.filter(step="progress+2").exists()


DAY = timedelta(days=1)


def wait(case, now):
    wait_for_customer(case.pk, needed="Please send the receipt.", acting_user=stories.staff("front_line"), now=now)


def news_of(case):
    return list(Action.objects.filter(case=case, kind="progress_notice").order_by("id").values_list("step", "state"))


def test_once_the_customer_has_answered_automatic_news_go_on_where_they_stopped(case):
    let_pass(NOW, NOW + 2 * HOUR)
    wait(case, NOW + 3 * HOUR)
    let_pass(NOW + 3 * HOUR, NOW + 3 * DAY, every=3 * HOUR)
    assert news_of(case) == [("progress", "done"), ("progress+1", "skipped")]
    answered = NOW + 3 * DAY
    hear_customer(case.pk, words="Here it is.", acting_user=case.customer, now=answered)
    promised = informs(case)[-1]
    assert (promised.state, promised.started_at, promised.due_at) == ("running", answered, answered + DAY)
    assert promised.promised_by is None
    case.refresh_from_db()
    assert case.next_due == min(promised.due_at, Clock.objects.get(case=case, kind="resolve").due_at)
    sent = Message.objects.count()
    let_pass(answered, answered + DAY / 2, every=3 * HOUR)
    assert Message.objects.count() == sent  # not at once: in time for what was promised
    let_pass(answered + DAY / 2, answered + 8 * DAY, every=HOUR)
    assert news_of(case)[2:] == [("progress+1@2", "done"), *((f"progress+{place}", "done") for place in range(2, 6))]
    clocks = informs(case)[2:]
    assert [clock.state for clock in clocks] == [*["met"] * 5, "missed"]  # as often as the pack says, then people
    assert not any(clock.at_risk_at for clock in clocks[:-1])
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_news_that_were_planned_before_a_short_wait_are_only_put_off(case):
    let_pass(NOW, NOW + 2 * HOUR)
    wait(case, NOW + 3 * HOUR)
    before = Action.objects.get(step="progress+1")
    hear_customer(case.pk, words="Here.", acting_user=case.customer, now=NOW + 5 * HOUR)
    after = Action.objects.get(step="progress+1")
    assert (after.state, after.due_at) == ("scheduled", NOW + 5 * HOUR + DAY)
    assert after.ready_at > before.ready_at
    assert informs(case)[-1].due_at == after.due_at
    let_pass(NOW + 5 * HOUR, NOW + 2 * DAY)
    assert news_of(case)[:2] == [("progress", "done"), ("progress+1", "done")]
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_news_go_on_too_when_we_stop_waiting_or_the_customer_objects(case):
    let_pass(NOW, NOW + 2 * HOUR)
    boss = stories.staff("supervisor")
    wait(case, NOW + 3 * HOUR)
    resume_case(case.pk, acting_user=boss, now=NOW + 4 * HOUR)
    assert informs(case)[-1].due_at == NOW + 4 * HOUR + DAY
    wait(case, NOW + 5 * HOUR)
    assert informs(case)[-1].state == "met"  # what we asked for was news
    object_to_case(case.pk, words="No.", acting_user=boss, now=NOW + 6 * HOUR)
    assert informs(case)[-1].due_at == NOW + 6 * HOUR + DAY
    assert informs(case)[-1].state == "running"
    assert news_of(case) == [("progress", "done"), ("progress+1", "scheduled")]


def test_news_do_not_go_on_where_people_promised_left_them_out_or_our_part_is_done(case):
    let_pass(NOW, NOW + 2 * HOUR)
    boss = stories.staff("supervisor")
    wait(case, NOW + 3 * HOUR)
    promise_update(case.pk, by=NOW + 9 * HOUR, acting_user=boss, now=NOW + 4 * HOUR)
    resume_case(case.pk, acting_user=boss, now=NOW + 5 * HOUR)
    assert [clock.promised_by for clock in informs(case) if clock.state == "running"] == [boss]
    wait(case, NOW + 6 * HOUR)
    skip_action(Action.objects.get(step="progress+1").pk, note="I call them.", acting_user=boss, now=NOW + 6 * HOUR)
    resume_case(case.pk, acting_user=boss, now=NOW + 7 * HOUR)
    assert not [clock for clock in informs(case) if clock.state == "running"]
    wait(case, NOW + 8 * HOUR)
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW + 9 * HOUR)
    assert not [clock for clock in informs(case) if clock.state == "running"]


def test_before_the_first_news_went_out_a_wait_leaves_their_promise_to_them(case):
    wait(case, NOW + HOUR / 4)
    hear_customer(case.pk, words="Here.", acting_user=case.customer, now=NOW + HOUR / 2)
    assert [clock.state for clock in informs(case)] == ["met"]
    let_pass(NOW + HOUR / 2, NOW + 2 * HOUR)
    assert news_of(case) == [("progress", "done"), ("progress+1", "scheduled")]


def test_once_the_repair_is_done_the_news_that_were_planned_are_left_out(case):
    let_pass(NOW, NOW + 2 * HOUR)
    grant_approval(Approval.objects.get().pk, acting_user=stories.staff("supervisor"), now=NOW + 3 * HOUR)
    let_pass(NOW + 3 * HOUR, NOW + timedelta(days=2))
    assert Action.objects.get(step="progress+1").state == "skipped"


@pytest.fixture
def finished(company) -> Case:
    """All of our part is done, automatically."""
    open_cases(stories.broken_flights(company, seats=1, minutes_late=200), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return Case.objects.get(state="awaiting_customer")


def test_the_first_automatic_news_are_left_out_too_where_our_part_is_done(finished):
    sent = Message.objects.count()
    let_pass(NOW, NOW + 2 * HOUR)
    news = Action.objects.get(case=finished, step="progress")
    assert news.state == "skipped"
    assert "our part is not to be done now" in news.edits.get().why.en
    assert Message.objects.count() == sent
    assert verify_trail([finished.pk]) == unexplained([finished.pk]) == []


def test_the_first_automatic_news_wait_until_we_go_on(case):
    wait(case, NOW + HOUR / 4)
    let_pass(NOW + HOUR / 4, NOW + 4 * HOUR)
    assert news_of(case) == [("progress", "scheduled")]
    resume_case(case.pk, acting_user=stories.staff("supervisor"), now=NOW + 4 * HOUR)
    let_pass(NOW + 4 * HOUR, NOW + 5 * HOUR)
    assert news_of(case) == [("progress", "done"), ("progress+1", "scheduled")]


def test_who_has_answered_is_not_asked_whether_it_was_made_right(finished):
    accept_case(finished.pk, satisfaction=5, acting_user=finished.customer, now=NOW + HOUR / 2)
    sent = Message.objects.filter(direction="out").count()
    let_pass(NOW + HOUR / 2, NOW + 5 * DAY, every=3 * HOUR)
    assert Message.objects.filter(direction="out").count() == sent
    asked = Action.objects.get(case=finished, step="ask-after")
    assert asked.state == "skipped"
    assert asked.edits.get().why.en.startswith("The customer has said already")
    assert Clock.objects.get(case=finished, kind="follow_up").state == "stopped"
    assert verify_trail([finished.pk]) == unexplained([finished.pk]) == []


def test_who_objects_to_what_they_had_accepted_is_asked_anew(finished):
    accept_case(finished.pk, satisfaction=5, acting_user=finished.customer, now=NOW + HOUR)
    object_to_case(finished.pk, words="No.", acting_user=finished.customer, now=NOW + 2 * HOUR)
    boss = stories.staff("supervisor")
    send_message(finished.pk, subject="Answer", body="…", acting_user=boss, now=NOW + 3 * HOUR)
    let_pass(NOW + 4 * DAY, NOW + 5 * DAY, every=DAY)
    assert Action.objects.get(case=finished, step="ask-after").state == "done"


def test_a_pack_that_does_not_say_how_often_leaves_the_promise_to_people(company):
    pack = company.pack
    assert all(one.clocks.inform.again_times == 5 for one in pack.playbooks if one.clocks.inform.again)
    assert next_step("progress", most=0) is None
    assert next_step("progress", most=2) == "progress+1"
    assert next_step("progress+1", most=2) == next_step("progress+1@3", most=2) == "progress+2"
    assert next_step("progress+2", most=2) is None


def test_what_is_added_to_the_plan_does_not_end_the_wait(case):
    wait(case, NOW + HOUR)
    manager = stories.staff("manager")
    add_action(case.pk, repair="listen", amount=None, acting_user=manager, now=NOW + 2 * HOUR, reason="they are angry")
    case.refresh_from_db()
    assert case.state == "paused"
    with pytest.raises(IllegalMove):
        wait(case, NOW + 3 * HOUR)
    resume_case(case.pk, acting_user=manager, now=NOW + 4 * HOUR)
    wait(case, NOW + 5 * HOUR)
    assert [hold.ended_at for hold in holds_of(case)] == [NOW + 4 * HOUR, None]


def test_while_we_wait_the_repair_stands_still_and_news_stay_due(case):
    someone = stories.staff("front_line")
    promise_update(case.pk, by=NOW + 30 * HOUR, acting_user=someone, now=NOW)
    before = Clock.objects.get(case=case, kind="resolve")
    wait_for_customer(case.pk, needed="Please send the receipt.", acting_user=someone, now=NOW + HOUR)
    case.refresh_from_db()
    assert (case.state, case.leaving) == ("paused", 0)
    assert "Please send the receipt." in Message.objects.latest("pk").body
    paused = Clock.objects.get(case=case, kind="resolve")
    assert (paused.state, paused.remaining) == ("paused", before.due_at - NOW - HOUR)
    assert informs(case)[0].state != "paused"
    sweep_clocks(now=NOW + timedelta(days=30))
    assert Clock.objects.get(case=case, kind="resolve").state == "paused"  # time alone does nothing to it
    resume_case(case.pk, acting_user=someone, now=NOW + timedelta(days=9))
    clock = Clock.objects.get(case=case, kind="resolve")
    assert (clock.state, clock.due_at, clock.held) == (
        "running",
        before.due_at + timedelta(days=9) - HOUR,
        timedelta(days=9) - HOUR,
    )
    case.refresh_from_db()
    assert case.state == "in_progress"
    assert case.leaving > 0
    assert time_held(holds_of(case), now=NOW + timedelta(days=40)) == timedelta(days=9) - HOUR
    with pytest.raises(IllegalMove):
        resume_case(case.pk, acting_user=someone, now=NOW + timedelta(days=9))
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


@pytest.mark.parametrize("kind", ["resolve", "follow_up"])
def test_time_is_not_short_after_a_long_wait_before_it_would_have_been_without_one(case, kind):
    boss, waited = stories.staff("supervisor"), 30 * DAY

    def clock():
        return Clock.objects.get(case=case, kind=kind)

    pack, first = blueprint_of(case.blueprint_id), clock()
    warned = warns_at(pack, case.plan.playbook, kind, 1, started_at=first.started_at, due_at=first.due_at)
    wait(case, NOW + HOUR)
    resume_case(case.pk, acting_user=boss, now=NOW + HOUR + waited)
    sweep_clocks(now=warned + waited - HOUR / 60)
    assert clock().at_risk_at is None
    sweep_clocks(now=warned + waited + HOUR / 60)
    assert clock().at_risk_at is not None


def test_the_customers_answer_starts_the_clocks_again_and_is_no_objection(case):
    someone = stories.staff("front_line")
    wait_for_customer(case.pk, needed="The receipt?", acting_user=someone, now=NOW)
    assert hear_customer(case.pk, words="Here it is.", acting_user=case.customer, now=NOW + 5 * HOUR)
    case.refresh_from_db()
    assert case.state == "in_progress"
    assert Clock.objects.get(case=case, kind="resolve").state == "running"
    assert Hold.objects.get().ended_by == "customer"
    assert not Clock.objects.filter(kind="ladder").exists()
    assert Notice.objects.get(staff=someone).what == "answered"
    assert not hear_customer(case.pk, words="Here it is.", acting_user=case.customer, now=NOW + 5 * HOUR)


def test_what_is_finished_while_we_wait_ends_the_wait(case):
    boss = stories.staff("supervisor")
    wait_for_customer(case.pk, needed="The receipt?", acting_user=boss, now=NOW)
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW + HOUR)
    case.refresh_from_db()
    assert case.state == "awaiting_customer"
    assert Clock.objects.get(case=case, kind="resolve").state == "met"
    assert Clock.objects.get(case=case, kind="follow_up").state == "running"
    assert Hold.objects.get().ended_by == "done"


def test_an_objection_moves_the_case_to_the_next_step_with_a_clock_and_an_owner_there(case):
    line = stories.staff("front_line")
    busy, free = stories.staff("supervisor"), stories.staff("supervisor")
    Case.objects.filter(pk=case.pk).update(owner=line)
    object_to_case(case.pk, words="No.", acting_user=line, now=NOW)
    case.refresh_from_db()
    assert case.owner == busy  # both are free; the first
    clock = Clock.objects.get(case=case, kind="ladder")
    assert (clock.number, clock.owner, clock.escalate_to, clock.state) == (2, "supervisor", "manager", "running")
    assert clock.due_at == NOW + timedelta(days=1)
    assert Notice.objects.get(staff=busy).what == "objected"
    assert not Notice.objects.filter(staff=free).exists()
    send_message(case.pk, subject="Answer", body="…", acting_user=line, now=NOW + HOUR)
    assert Clock.objects.get(case=case, kind="ladder").state == "running"  # it is not for the step below to answer
    send_message(case.pk, subject="Answer", body="…", acting_user=free, now=NOW + HOUR)
    assert Clock.objects.get(case=case, kind="ladder").state == "met"


def test_news_from_below_or_by_themselves_answer_no_objection_even_where_nothing_else_is_left(case):
    line, boss = stories.staff("front_line"), stories.staff("supervisor")
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW)
    object_to_case(case.pk, words="No.", acting_user=line, now=NOW)

    def answer():
        return Clock.objects.get(case=case, kind="ladder")

    send_message(case.pk, subject="We look at it", body="…", acting_user=line, now=NOW + HOUR)
    send_message(case.pk, subject="Still", body="…", acting_user=None, now=NOW + HOUR)
    assert answer().state == Clock.objects.get(case=case, kind="resolve").state == "running"
    case.refresh_from_db()
    assert case.state != "awaiting_customer"
    assert case.leaving > 0
    wait_for_customer(case.pk, needed="The receipt?", acting_user=line, now=NOW + 2 * HOUR)
    assert answer().state == "paused"
    resume_case(case.pk, acting_user=line, now=NOW + 3 * HOUR)
    assert answer().due_at == NOW + timedelta(days=1) + HOUR
    send_message(case.pk, subject="Answer", body="…", acting_user=boss, now=NOW + 4 * HOUR)
    assert answer().state == Clock.objects.get(case=case, kind="resolve").state == "met"
    case.refresh_from_db()
    assert case.state == "awaiting_customer"


def test_who_objects_is_not_asked_whether_it_was_made_right_until_somebody_has_answered(finished):
    case, boss = finished, stories.staff("supervisor")
    let_pass(NOW, NOW + DAY)
    object_to_case(case.pk, words="No.", acting_user=case.customer, now=NOW + DAY)

    def clock(kind):
        return Clock.objects.get(case=case, kind=kind)

    asked = Action.objects.get(case=case, step="ask-after")
    assert asked.ready_at < NOW + 4 * DAY
    span = asked.due_at - asked.ready_at
    sent = Message.objects.filter(direction="out").count()
    let_pass(NOW + DAY, NOW + 4 * DAY, every=2 * HOUR)
    asked.refresh_from_db()
    assert asked.state == "scheduled"
    assert Message.objects.filter(direction="out").count() == sent
    assert clock("ladder").state == "missed"
    answered = NOW + 4 * DAY
    send_message(case.pk, subject="Answer", body="…", acting_user=boss, now=answered)
    asked.refresh_from_db()
    assert (clock("ladder").state, asked.ready_at) == ("met_late", answered + span)
    let_pass(answered, answered + span + HOUR, every=2 * HOUR)
    asked.refresh_from_db()
    assert asked.state == "done"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_a_follow_up_that_was_under_way_answers_no_objection_unless_its_step_makes_it(case):
    line, boss = stories.staff("front_line"), stories.staff("supervisor")
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW)
    Action.objects.filter(step="ask-after").update(state="ready")
    second = Action.objects.get(step="ask-after")
    second.pk, second.step, second.performer, second.channel, second.template = None, "call", "front_line", "phone", ""
    second.save()
    object_to_case(case.pk, words="No.", acting_user=line, now=NOW)
    carry_out(1, 2**60, now=NOW + HOUR, as_of_ready=False)
    assert Action.objects.get(step="ask-after").state == "done"
    assert Clock.objects.get(case=case, kind="ladder").state == Clock.objects.get(case=case, kind="resolve").state
    assert Clock.objects.get(case=case, kind="ladder").state == "running"
    do_action(second.pk, acting_user=boss, now=NOW + 2 * HOUR)
    assert Clock.objects.get(case=case, kind="ladder").state == "met"


def test_whoever_does_not_take_the_answer_can_turn_to_the_next_step(case):
    boss, head = stories.staff("supervisor"), stories.staff("manager")
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW)
    for place, person in enumerate((boss, head)):
        now = NOW + place * HOUR
        object_to_case(case.pk, words="No.", acting_user=None, now=now)
        case.refresh_from_db()
        assert (case.state, case.owner) == ("objected", person)
        send_message(case.pk, subject="Answer", body="…", acting_user=person, now=now)
        case.refresh_from_db()
        assert case.state == "awaiting_customer"
    assert list(Clock.objects.filter(kind="ladder").order_by("number").values_list("number", "state")) == [
        (2, "met"),
        (3, "met"),
    ]
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_every_further_objection_goes_higher_and_the_top_answers_again(case):
    people = {role: stories.staff(role) for role in ("supervisor", "manager", "quality_owner", "executive")}
    answer = {"satisfaction_before": 2, "satisfaction_after": 2, "stays": None, "told_others": None, "source": "staff"}
    owners = []
    for place in range(6):
        now = NOW + place * HOUR
        object_to_case(case.pk, words="No.", acting_user=None, now=now)
        case.refresh_from_db()
        owners.append(case.owner.role)
        record_outcome(case.pk, accepted=True, acting_user=people["manager"], now=now, **answer)
    assert owners == ["supervisor", "manager", "quality_owner", "executive", "executive", "executive"]
    assert list(Clock.objects.filter(kind="ladder").order_by("number").values_list("number", "state")) == [
        (number, "met") for number in (2, 3, 4, 5)
    ]


def test_whoever_accepts_is_owed_nothing_more(case):
    boss = stories.staff("supervisor")
    promise_update(case.pk, by=NOW + HOUR, acting_user=boss, now=NOW)
    object_to_case(case.pk, words="No.", acting_user=boss, now=NOW)
    answer = {"satisfaction_before": 2, "satisfaction_after": 5, "stays": None, "told_others": None, "source": "staff"}
    record_outcome(case.pk, accepted=True, acting_user=boss, now=NOW, **answer)
    assert not Clock.objects.filter(kind__in=["resolve", "ladder", "inform"], state="running").exists()


def test_whoever_accepts_in_a_survey_is_owed_nothing_more_either(finished):
    boss = stories.staff("supervisor")
    object_to_case(finished.pk, words="No.", acting_user=finished.customer, now=NOW + HOUR)
    promise_update(finished.pk, by=NOW + 9 * HOUR, acting_user=boss, now=NOW + HOUR)
    said = Answered(
        case_id=finished.pk,
        accepted=True,
        satisfaction_before=None,
        satisfaction_after=5,
        stays=True,
        at=NOW + 2 * HOUR,
    )
    assert record_answers([said], source="survey") == 1
    finished.refresh_from_db()
    assert (finished.state, finished.leaving) == ("made_good", 0)
    states = dict(Clock.objects.filter(case=finished).order_by("number").values_list("kind", "state"))
    assert (states["resolve"], states["ladder"], states["inform"]) == ("met", "met", "stopped")
    assert finished.next_due == Clock.objects.get(case=finished, kind="follow_up").due_at
    assert verify_trail([finished.pk]) == unexplained([finished.pk]) == []


def test_a_clock_warns_its_owner_and_then_calls_level_by_level_each_once(company, case):
    owner = stories.staff("front_line", unit=company.branch)
    boss = stories.staff("supervisor", unit=company.branch)
    far, head = stories.staff("supervisor"), stories.staff("manager")
    Case.objects.filter(pk=case.pk).update(owner=owner)
    promise_update(case.pk, by=NOW + 2 * HOUR, acting_user=owner, now=NOW)
    promised = Clock.objects.get(kind="inform", number=2)

    def notices():
        return list(Notice.objects.order_by("pk").values_list("staff_id", "what"))

    sweep_clocks(now=NOW + HOUR)
    assert notices() == []
    sweep_clocks(now=NOW + 1.6 * HOUR)
    promised.refresh_from_db()
    assert (promised.state, promised.at_risk_at) == ("running", NOW + 1.6 * HOUR)
    assert notices() == [(owner.pk, "at_risk")]
    for _ in range(2):
        sweep_clocks(now=NOW + 3 * HOUR)
    promised.refresh_from_db()
    assert (promised.state, promised.level) == ("missed", 1)
    assert notices()[1:] == [(owner.pk, "escalated"), (boss.pk, "escalated")]
    sweep_clocks(now=NOW + 7 * HOUR)  # four hours after it ran out: whoever leads the unit
    sweep_clocks(now=NOW + 27 * HOUR)  # a day after: the manager
    of_it = promised.escalations.order_by("level").values_list("level", "recipients", "staff_ids")
    assert list(of_it) == [
        (1, ["owner", "supervisor"], [owner.pk, boss.pk]),
        (2, ["unit_head"], [boss.pk]),
        (3, ["manager"], [head.pk]),
    ]
    assert far.pk not in {id_ for id_, _ in notices()}
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_a_restarted_clock_calls_again(case):
    boss = stories.staff("supervisor")
    sweep_clocks(now=NOW + timedelta(days=5))
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=NOW + timedelta(days=5))
    object_to_case(case.pk, words="No.", acting_user=boss, now=NOW + timedelta(days=5))
    sweep_clocks(now=NOW + timedelta(days=10))
    clock = Clock.objects.get(case=case, kind="resolve")
    assert clock.state == "missed"
    assert clock.escalations.filter(level=1).count() == 2


def test_an_objection_while_the_repair_is_owed_gives_it_no_more_time_and_forgives_no_miss(case):
    boss = stories.staff("supervisor")
    clock = Clock.objects.get(case=case, kind="resolve")
    promised = clock.due_at
    object_to_case(case.pk, words="No.", acting_user=boss, now=promised - HOUR)
    clock.refresh_from_db()
    assert (clock.state, clock.due_at) == ("running", promised)
    sweep_clocks(now=promised + HOUR)
    send_message(case.pk, subject="Answer", body="…", acting_user=boss, now=promised + HOUR)
    object_to_case(case.pk, words="No.", acting_user=boss, now=promised + 2 * HOUR)
    clock.refresh_from_db()
    assert (clock.state, clock.due_at) == ("missed", promised)
    grant_approval(Approval.objects.get().pk, acting_user=boss, now=promised + 3 * HOUR)
    clock.refresh_from_db()
    assert clock.state == "met_late"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_somebody_who_left_is_called_no_more(case):
    boss, other = stories.staff("supervisor"), stories.staff("supervisor")
    Staff.objects.filter(pk=boss.pk).update(is_active=False)
    sweep_clocks(now=NOW + timedelta(days=4))
    assert not Notice.objects.filter(staff=boss).exists()
    assert Notice.objects.filter(staff=other).exists() or not Clock.objects.filter(state="missed").exists()


def test_the_sweep_reckons_what_it_costs_to_leave_a_case_when_its_age_crosses_a_step(case):
    first, base = case.leaving, case.priority
    sweep_clocks(now=case.opened_at + 5 * HOUR)
    case.refresh_from_db()
    second = case.leaving
    assert 0 < second < first
    assert case.priority < base
    sweep_clocks(now=case.opened_at + 30 * HOUR)
    case.refresh_from_db()
    assert case.leaving != second
    grant_approval(Approval.objects.get().pk, acting_user=stories.staff("supervisor"), now=case.opened_at + 31 * HOUR)
    case.refresh_from_db()
    assert case.leaving == 0


def test_the_priority_without_the_cost_of_leaving_is_what_it_was_however_often_it_is_reckoned(case):
    from amends.recover.core.leaving import urgency

    base = case.priority - urgency(case.leaving)
    for hours in (5, 30, 50, 80, 200):
        sweep_clocks(now=case.opened_at + hours * HOUR)
        case.refresh_from_db()
        assert abs(case.priority - urgency(case.leaving) - base) < 1e-6
