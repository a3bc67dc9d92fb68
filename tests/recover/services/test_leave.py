"""Leave: to the nearest free person, moved on when they are away, passed up when time runs out, by other eyes only."""

from datetime import timedelta
from decimal import Decimal

import pytest
import stories

from amends.kernel.blueprint import Blueprint
from amends.kernel.severity import SEVERITIES
from amends.monitor.services import keep_roster
from amends.people.core.authority import BeyondAuthority, SelfApproval
from amends.people.duty import enter_absence, name_stand_in, set_acting_for, set_shift
from amends.people.models import ContactPoint, Customer, Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import keep_customers
from amends.policy.models import Explanation
from amends.policy.selectors import blueprint_of
from amends.recover.core.refusals import NoGesture, NotInWriting
from amends.recover.models import (
    Action,
    Approval,
    ApprovalStep,
    Case,
    CaseFamily,
    Notice,
    Remedy,
    Split,
    WrittenComplaint,
)
from amends.recover.selectors import explain_authority, notices_for, told_by, unexplained, verify_trail
from amends.recover.services import (
    add_action,
    carry_out,
    correct_facts,
    do_action,
    grant_approval,
    keep_written_complaint,
    look_at_split,
    make_gesture,
    merge_cases,
    open_case,
    open_cases,
    reassess,
    report_failure,
    see_notices,
    split_case,
    sweep_approvals,
    sweep_clocks,
    take_case,
    take_complaint,
)
from amends.recover.services.telling_deciders import Given, tell_deciders

NOW = stories.NOW  # a Monday, noon
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def case(company) -> Case:
    """A grave case in Newark whose compensation of 600 goes beyond the automatic 500."""
    open_cases(stories.broken_flights(company, seats=1, distance_km=5_000, minutes_late=400), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    return Case.objects.get()


def approval() -> Approval:
    return Approval.objects.get()


def sweep(at=NOW) -> Approval:
    sweep_approvals(now=at)
    return approval()


def test_an_approval_goes_to_the_nearest_the_lowest_role_the_least_loaded(company, case):
    everywhere, boss = stories.staff("supervisor"), stories.staff("manager", unit=company.branch)
    first = stories.staff("supervisor", unit=company.branch)
    stories.staff("supervisor", unit=company.branch)
    stories.staff("front_line", unit=company.branch)
    found = sweep()
    assert found.assigned_to == first
    assert found.decide_by is not None
    assert "in the same unit" in found.assigned_why.en
    assert "同一单位" in found.assigned_why.zh
    for here in Staff.objects.filter(unit=company.branch, role="supervisor"):
        enter_absence(here.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=here, now=NOW)
    assert sweep().assigned_to == boss
    enter_absence(boss.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=boss, now=NOW)
    assert sweep().assigned_to == everywhere
    assert [step.what for step in ApprovalStep.objects.order_by("id")] == ["assigned", "moved", "moved"]


def test_after_a_late_remedy_the_question_how_it_went_waits_its_whole_span(company, case):
    asks = Action.objects.get(case=case, step="ask-after")
    span = asks.ready_at - case.opened_at
    assert (asks.state, asks.due_at - asks.ready_at) == ("planned", span)
    late = NOW + 5 * DAY
    grant_approval(approval().pk, acting_user=stories.staff("manager"), now=late)
    asks.refresh_from_db()
    assert (asks.state, asks.ready_at, asks.due_at) == ("scheduled", late + span, late + 2 * span)
    sweep_clocks(now=late + HOUR)
    asks.refresh_from_db()
    assert asks.state == "scheduled"
    sweep_clocks(now=late + span)
    asks.refresh_from_db()
    assert asks.state == "ready"


def test_the_least_loaded_of_equals_gets_the_next(company):
    open_cases(stories.broken_flights(company, seats=4, distance_km=5_000, minutes_late=400), now=NOW)
    people = [stories.staff("supervisor", unit=company.branch) for _ in range(2)]
    sweep_approvals(now=NOW)
    shared = [Approval.objects.filter(assigned_to=person).count() for person in people]
    assert shared == [2, 2]


def test_an_approval_moves_on_when_its_person_loses_the_role(company, case):
    first, second = stories.staff("supervisor", unit=company.branch), stories.staff("supervisor")
    assert sweep().assigned_to == first
    Staff.objects.filter(pk=first.pk).update(role="front_line")
    assert sweep().assigned_to == second
    assert "may not decide this any more" in approval().assigned_why.en
    with pytest.raises(NotAllowed):
        grant_approval(approval().pk, acting_user=first, now=NOW)  # first still holds the page with their old role
    assert approval().state == "waiting"


def test_whoever_is_off_shift_is_passed_over_until_the_shift_begins(company, case):
    near, far = stories.staff("supervisor", unit=company.branch), stories.staff("supervisor")
    set_shift(
        near.pk,
        calendar="office",  # in New York, where it is seven in the morning
        from_day=NOW.date(),
        calendars=company.pack.calendars,
        acting_user=near,
        now=NOW,
    )
    assert sweep().assigned_to == far
    assert near.name in approval().assigned_why.en


def test_a_stand_in_gets_what_would_go_to_whom_they_stand_in_for(company, case):
    near, far = stories.staff("supervisor", unit=company.branch), stories.staff("manager", name="Other")
    stories.staff("supervisor", unit=company.unit)
    enter_absence(near.pk, starts_at=NOW, ends_at=NOW + DAY, stand_in_id=far.pk, acting_user=near, now=NOW)
    assert sweep().assigned_to == far
    assert "stands in for" in approval().assigned_why.en


def test_where_nobody_is_free_it_waits_for_all_and_is_looked_at_again(company, case):
    someone = stories.staff("supervisor")
    enter_absence(someone.pk, starts_at=NOW, ends_at=NOW + HOUR, acting_user=someone, now=NOW)
    found = sweep()
    assert found.assigned_to is None
    assert "whoever may decide" in found.assigned_why.en
    assert sweep_approvals(now=NOW) == 0  # not again and again
    assert sweep(NOW + 2 * HOUR).assigned_to == someone


def test_what_is_not_decided_in_time_goes_further_up_and_stays_decidable_by_all(company, case):
    lower, upper = stories.staff("supervisor", unit=company.branch), stories.staff("manager")
    due = sweep().decide_by
    # two hours in the calendar of customer care: noon in London is seven in New York, when it opens
    assert due == NOW + 2 * HOUR
    assert sweep(due - timedelta(seconds=1)).assigned_to == lower
    found = sweep(due)
    assert (found.assigned_to, found.escalations, found.state) == (upper, 1, "waiting")
    step = ApprovalStep.objects.latest("id")
    assert (step.what, step.from_staff, step.to_staff) == ("escalated", lower, upper)
    assert "did not decide in time" in step.why.en
    assert "未在时限内审批" in step.why.zh
    grant_approval(found.pk, acting_user=lower, now=due)
    assert approval().state == "granted"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_what_nobody_further_up_can_take_stays(company, case):
    only = stories.staff("supervisor", unit=company.branch)
    due = sweep().decide_by
    found = sweep(due)
    assert (found.assigned_to, found.escalations) == (only, 0)


def told(person: Staff) -> list[str]:
    return [notice.en for notice in notices_for(person, what="to_decide").rows]


def test_whoever_an_approval_goes_to_is_told_and_told_why_when_it_comes_from_another(company, case):
    lower, upper = stories.staff("supervisor", unit=company.branch), stories.staff("manager")
    due = sweep().decide_by
    (notice,) = notices_for(lower).rows
    assert (notice.what, notice.case_id, notice.is_of_many) == ("to_decide", case.pk, False)
    assert notice.en == f"$600.00 for {case.customer.name} waits for your approval."
    assert notice.zh == f"给{case.customer.name}的600.00美元待您审批。"
    sweep(due - timedelta(minutes=1))
    assert (len(told(lower)), told(upper)) == (1, [])
    sweep(due)
    (passed_on,) = told(upper)
    assert f"waits for your approval. {lower.name} did not decide in time" in passed_on
    assert len(told(lower)) == 1


def test_of_many_asked_in_one_act_one_notice_says_how_many_until_it_is_seen(company):
    first, second = (stories.staff("supervisor", unit=company.branch) for _ in range(2))
    open_cases(stories.broken_flights(company, seats=12, distance_km=5_000, minutes_late=400), now=NOW)
    sweep_approvals(now=NOW, limit=8)
    sweep_approvals(now=NOW + timedelta(seconds=5))  # the rest of them
    for person in (first, second):
        (notice,) = notices_for(person).rows
        assert notice.en == "6 approvals came to you and wait for your decision."
        assert notice.zh == "有6项新的审批待您处理。"
        assert notice.is_of_many
    see_notices(acting_user=first, now=NOW + timedelta(minutes=1))
    open_cases(
        stories.broken_flights(company, seats=4, distance_km=5_000, minutes_late=400, prefix="G"), now=NOW + HOUR
    )
    sweep_approvals(now=NOW + HOUR)
    assert told(first)[0] == "2 approvals came to you and wait for your decision."
    assert told(second) == ["8 approvals came to you and wait for your decision."]


def test_a_trickle_of_approvals_does_not_flood_either(company):
    only = stories.staff("supervisor", unit=company.branch)
    for minute in range(6):
        at, prefix = NOW + timedelta(minutes=minute), f"M{minute}"
        open_cases(stories.broken_flights(company, seats=1, distance_km=5_000, minutes_late=400, prefix=prefix), now=at)
        sweep_approvals(now=at)
    assert [line.split(" for ")[0] for line in told(only)] == [
        "3 approvals came to you and wait",
        *["$600.00"] * 3,
    ]


def test_telling_of_many_takes_no_more_statements_than_telling_of_few(company, django_assert_max_num_queries):
    person = stories.staff("supervisor", unit=company.branch)
    open_cases(stories.broken_flights(company, seats=30, distance_km=5_000, minutes_late=400), now=NOW)
    Approval.objects.update(assigned_to=person, assigned_at=NOW)
    given = [
        Given(approval=one, staff_id=person.pk, passed_on=None)
        for one in Approval.objects.select_related("case__customer")
    ]
    with django_assert_max_num_queries(5):  # what was told, how many wait, the notice in a transaction of its own
        tell_deciders(given, now=NOW)
    assert Notice.objects.get().en == "30 approvals came to you and wait for your decision."


def test_leave_asked_by_a_person_is_given_out_at_once_and_never_to_themselves(company, case):
    asker, other = stories.staff("supervisor", unit=company.branch), stories.staff("manager")
    action = approval().action
    Approval.objects.all().delete()
    Action.objects.filter(pk=action.pk).update(state="ready", amount=2_000)
    assert do_action(action.pk, acting_user=asker, now=NOW).state == "waiting_approval"
    assert approval().assigned_to == other
    assert told(other)[0].startswith("$2,000.00 for ")
    assert told(asker) == []


def test_what_still_waits_goes_to_a_higher_level_at_once_when_something_else_was_given(company, case):
    boss, head = stories.staff("supervisor", unit=company.branch), stories.staff("manager")
    assert sweep().assigned_to == boss
    line = stories.staff("front_line", unit=company.branch)
    added = add_action(case.pk, repair="gift", reason="A ruined trip", amount=Decimal(500), acting_user=line, now=NOW)
    assert do_action(added.pk, acting_user=line, now=NOW).state == "done"
    waits = approval()
    assert (waits.level, waits.assigned_to, waits.state) == ("manager", head, "waiting")
    assert "approval of a manager" in waits.why.en
    assert told(head)
    with pytest.raises(BeyondAuthority):
        grant_approval(waits.pk, acting_user=boss, now=NOW)
    grant_approval(waits.pk, acting_user=head, now=NOW)
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_what_goes_to_a_higher_level_says_what_kept_the_one_before_from_deciding(company, case):
    pack = blueprint_of(case.blueprint_id)
    most = next(level for level in pack.authority if level.role == "supervisor").per_case
    waits = approval()
    assert (waits.level, waits.asked_by) == ("supervisor", None)
    line = stories.staff("front_line", unit=company.branch)
    added = add_action(case.pk, repair="gift", reason="x", amount=most - waits.amount + 1, acting_user=line, now=NOW)
    assert do_action(added.pk, acting_user=line, now=NOW).state == "done"
    waits.refresh_from_db()
    assert waits.level == "manager"
    assert waits.why.en.endswith("needs the approval of a manager: the limit per case would be exceeded.")
    assert waits.why.inputs["limits"] == ["per_case"]


def test_neither_a_second_account_nor_a_stand_in_gives_the_asker_leave(company, case):
    asker, second = stories.staff("supervisor"), stories.staff("manager", name="second")
    standing, good = stories.staff("manager", name="standing"), stories.staff("manager", name="good")
    set_acting_for(second.pk, owner_id=asker.pk, acting_user=None)
    name_stand_in(asker.pk, stand_in_id=standing.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=asker, now=NOW)
    Approval.objects.update(asked_by=asker)
    assert sweep().assigned_to == good
    for person in (asker, second, standing):
        with pytest.raises(SelfApproval):
            grant_approval(approval().pk, acting_user=person, now=NOW)
    with pytest.raises(SelfApproval):  # whoever stood in when it was asked is no more independent the day after
        grant_approval(approval().pk, acting_user=standing, now=NOW + 2 * DAY)
    grant_approval(approval().pk, acting_user=good, now=NOW)


@pytest.fixture
def friend(db) -> Customer:
    """A passenger of the flight XX7."""
    keep_customers([{"reference": "E-1", "name": "A Friend", "email": "e1@example.com"}], now=NOW)
    keep_roster([("XX7", "E-1", {"fare": 500.0})])
    return Customer.objects.get(reference="E-1")


def reported(company, friend, person) -> None:
    failure = report_failure(
        form="a" * 32,
        kind="denied_boarding",
        subject="XX7",
        unit=company.branch,
        words="",
        acting_user=person,
        now=NOW,
    )
    open_cases([failure.incident_id], now=NOW)


def opened(company, friend, person) -> None:
    open_case(friend, "denied_boarding", "XX7", company.branch, {"fare": 500.0}, "", acting_user=person, now=NOW)


def taken_down(company, friend, person) -> None:
    take_complaint(
        friend,
        form="1",
        kind="denied_boarding",
        subject="XX7",
        unit=company.branch,
        facts={"fare": 500.0},
        words="They left me at the gate.",
        channel="phone",
        acting_user=person,
        now=NOW,
    )


def corrected(company, friend, person) -> None:
    opened(company, friend, stories.staff("front_line"))
    correct_facts(Case.objects.get().pk, changes={"fare": 480}, reason="As on the bill.", acting_user=person, now=NOW)


def entered(company, friend, person) -> None:
    opened(company, friend, stories.staff("front_line"))
    keep_written_complaint(Case.objects.get().pk, words="They left me.", acting_user=person, now=NOW)


def judged_anew(company, friend, person) -> None:
    opened(company, friend, stories.staff("front_line"))
    case = Case.objects.get()
    other = "moderate" if case.severity == 3 else "severe"
    reassess(case.pk, changes={"severity": SEVERITIES[other]}, reason="So it was.", acting_user=person, now=NOW)


@pytest.mark.parametrize(
    "way", [reported, opened, taken_down, corrected, entered, judged_anew], ids=lambda way: way.__name__
)
def test_nobody_gives_leave_for_what_rests_on_their_own_word(company, friend, way):
    boss, other = stories.staff("manager", unit=company.branch), stories.staff("manager", name="other")
    second = stories.staff("manager", name="second", unit=company.branch)
    set_acting_for(second.pk, owner_id=boss.pk, acting_user=None)
    way(company, friend, boss)
    carry_out(1, 2**60, now=NOW, as_of_ready=True)
    waits = sweep()
    assert (waits.asked_by, waits.assigned_to) == (None, other)
    if waits.case.written_complaints.count() == 0:
        keep_written_complaint(waits.case_id, words="They left me.", acting_user=friend, now=NOW)
    for person in (boss, second):
        with pytest.raises(SelfApproval):
            grant_approval(waits.pk, acting_user=person, now=NOW)
    may = explain_authority(waits.case, amount=waits.amount, kind=waits.action.kind, person=None, now=NOW).gives_leave
    assert [one.person for one in may] == [other]
    grant_approval(waits.pk, acting_user=other, now=NOW)
    assert Remedy.objects.get(approval=waits).granted_by == other


def test_whoever_works_on_a_case_may_approve_what_others_told_and_asked(company, friend):
    boss = stories.staff("manager", unit=company.branch)
    opened(company, friend, stories.staff("front_line"))
    carry_out(1, 2**60, now=NOW, as_of_ready=True)
    waits = sweep()
    take_case(waits.case_id, acting_user=boss, now=NOW)
    keep_written_complaint(waits.case_id, words="They left me.", acting_user=friend, now=NOW)
    grant_approval(waits.pk, acting_user=boss, now=NOW)
    assert approval().state == "granted"


def test_splitting_a_case_shakes_off_nobody_on_whose_word_it_rests(company, friend):
    boss = stories.staff("manager", unit=company.branch)
    opened(company, friend, boss)
    first = Case.objects.get()
    open_case(friend, "slow", "XX8", company.branch, {"minutes_late": 90}, "", acting_user=boss, now=NOW)
    into = merge_cases(Case.objects.exclude(pk=first.pk).get().pk, into=first.pk, acting_user=boss, now=NOW)
    away = into.case_failures.get(failure__subject="XX8").failure_id
    fresh = split_case(into.pk, failures=[away], actions=[], acting_user=boss, now=NOW)
    assert told_by([into.pk, fresh.pk]) == {into.pk: {boss.pk}, fresh.pk: {boss.pk}}


def test_every_grant_keeps_the_rule_that_covered_it_and_the_totals(company, case):
    grant_approval(approval().pk, acting_user=stories.staff("supervisor"), now=NOW)
    lines = list(Remedy.objects.order_by("id"))
    assert all(line.covered_by is not None for line in lines)
    last = lines[-1]
    assert last.approval.covered_by == last.covered_by
    assert last.covered_by.rule == "authority.supervisor"
    assert "Given leave for by a supervisor" in last.covered_by.en
    assert "$1,000.00" in last.covered_by.en
    assert "批准" in last.covered_by.zh
    given = sum(line.amount for line in lines[:-1])
    assert (last.case_before, last.customer_before, last.level_before) == (given, given, 0)
    for place, line in enumerate(lines[:-1]):
        assert line.covered_by.rule == "authority.automatic"
        assert line.case_before == sum(one.amount for one in lines[:place])


@pytest.fixture
def two_cases(company) -> list[Action]:
    """Two cases of one customer, each with a compensation for a person of the front line to give."""
    first = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    someone = list(Customer.objects.values_list("pk", flat=True))
    second = stories.broken_flights(company, prefix="G", customers=someone, minutes_late=100, severity=2)
    return _by_hand(first + second)


def _by_hand(incidents) -> list[Action]:
    open_cases(incidents, now=NOW)
    rows = Action.objects.filter(amount__gt=0, state="ready")
    rows.update(performer="front_line", amount=400)
    seen, found = set(), []
    for action in rows.order_by("id"):
        if action.case_id not in seen:
            seen.add(action.case_id)
            found.append(action)
    return found


def test_one_person_giving_one_customer_parts_in_several_cases_needs_leave_and_is_pointed_out(two_cases):
    someone, boss = stories.staff("front_line"), stories.staff("supervisor")
    first, second = two_cases
    assert do_action(first.pk, acting_user=someone, now=NOW).state == "done"
    assert do_action(second.pk, acting_user=someone, now=NOW).state == "waiting_approval"
    split = Split.objects.get()
    assert (split.pattern, split.granter, split.total) == ("same_customer", someone, Decimal(800))
    assert split.approval == approval()
    assert "split" in approval().why.inputs["limits"]
    with pytest.raises(SelfApproval):
        look_at_split(split.pk, move="clear", note="mine", acting_user=promoted(someone), now=NOW)
    look_at_split(split.pk, move="clear", note="two real failures", acting_user=boss, now=NOW)
    assert Split.objects.get().state == "cleared"


def promoted(person: Staff) -> Staff:
    person.role = "supervisor"
    person.save(update_fields=["role"])
    return person


def test_another_person_may_give_the_second_part(two_cases):
    first, second = two_cases
    assert do_action(first.pk, acting_user=stories.staff("front_line"), now=NOW).state == "done"
    assert do_action(second.pk, acting_user=stories.staff("front_line"), now=NOW).state == "done"


def test_customers_who_share_a_telephone_count_as_one_household(company):
    actions = _by_hand(stories.broken_flights(company, seats=2, minutes_late=100, severity=2))
    for customer in Customer.objects.all():
        ContactPoint.objects.create(customer=customer, kind="phone", address="+15550100", rank=1)
    someone = stories.staff("front_line")
    assert do_action(actions[0].pk, acting_user=someone, now=NOW).state == "done"
    assert do_action(actions[1].pk, acting_user=someone, now=NOW).state == "waiting_approval"
    assert Split.objects.get().pattern == "shared_address"
    assert "联系方式" not in Split.objects.get().why.en


def test_the_limit_per_customer_counts_the_household_whoever_gave(company):
    actions = _by_hand(stories.broken_flights(company, seats=3, minutes_late=100, severity=2))
    for customer in Customer.objects.all():
        ContactPoint.objects.create(customer=customer, kind="phone", address="+15550100", rank=1)
    states = [do_action(one.pk, acting_user=stories.staff("front_line"), now=NOW).state for one in actions]
    assert states == ["done", "done", "waiting_approval"]  # 1,200 of 1,000 in thirty days
    assert approval().why.inputs["limits"] == ["per_household"]


def test_a_telephone_of_an_agency_makes_no_household(company):
    actions = _by_hand(stories.broken_flights(company, seats=9, minutes_late=100, severity=2))
    for customer in Customer.objects.all():
        ContactPoint.objects.create(customer=customer, kind="phone", address="+15550100", rank=1)
    people = [stories.staff("front_line") for _ in actions]
    assert {do_action(a.pk, acting_user=p, now=NOW).state for a, p in zip(actions, people, strict=True)} == {"done"}


def test_a_series_just_under_the_limit_is_pointed_out_and_refused_nobody(company):
    actions = _by_hand(stories.broken_flights(company, seats=4, minutes_late=100, severity=2))
    Action.objects.filter(pk__in=[one.pk for one in actions]).update(amount=640)
    someone = stories.staff("front_line")
    for action in actions:
        assert do_action(action.pk, acting_user=someone, now=NOW).state == "done"
    split = Split.objects.get()  # the fourth makes the first one grow
    assert (split.pattern, len(split.lines)) == ("just_under", 4)


def test_the_front_line_can_always_give_something(company, case):
    someone = stories.staff("front_line")
    made = make_gesture(case.pk, "small-voucher", acting_user=someone, now=NOW)
    line = Remedy.objects.get(action=made)
    assert (line.amount, line.level, made.state) == (25, "gesture:small-voucher", "done")
    assert line.covered_by.rule == "authority.gestures.small-voucher"
    with pytest.raises(NoGesture):
        make_gesture(case.pk, "small-voucher", acting_user=someone, now=NOW)
    with pytest.raises(NotFound):
        make_gesture(case.pk, "a-car", acting_user=someone, now=NOW)
    with pytest.raises(NotFound):
        make_gesture(case.pk, "small-voucher", acting_user=stories.staff("supervisor", unit=_other(company)), now=NOW)
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def _other(company):
    from amends.people.models import Unit

    return Unit.objects.create(code="JFK", name_en="Kennedy", name_zh="肯尼迪", parent=company.unit, path="/HQ/JFK/")


def test_a_customer_gets_no_more_in_gestures_than_their_share(company):
    someone, incidents = stories.staff("front_line"), stories.broken_flights(company, seats=1, minutes_late=200)
    customers = list(Customer.objects.values_list("pk", flat=True))
    for prefix in "GH":
        incidents += stories.broken_flights(company, prefix=prefix, customers=customers)
    open_cases(incidents, now=NOW)
    first, second, third = Case.objects.order_by("id").values_list("pk", flat=True)
    make_gesture(first, "small-voucher", acting_user=someone, now=NOW)
    make_gesture(second, "small-voucher", acting_user=someone, now=NOW)
    with pytest.raises(NoGesture):
        make_gesture(third, "small-voucher", acting_user=someone, now=NOW)


def test_a_large_sum_waits_for_the_complaint_in_writing(company, case):
    Approval.objects.update(amount=2_400)
    Action.objects.filter(state="waiting_approval").update(amount=2_400)
    Remedy.objects.all()
    boss = stories.staff("executive")
    with pytest.raises(NotInWriting):
        grant_approval(approval().pk, acting_user=boss, now=NOW)
    assert approval().state == "waiting"
    keep_written_complaint(case.pk, words="我写了下来。", acting_user=case.customer, now=NOW)
    keep_written_complaint(case.pk, words="我写了下来。", acting_user=case.customer, now=NOW)
    assert WrittenComplaint.objects.get().source == "customer"
    grant_approval(approval().pk, acting_user=boss, now=NOW)
    assert approval().state == "granted"
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


def test_a_complaint_that_one_enters_oneself_opens_no_gate_to_ones_own_leave(company, case):
    Approval.objects.update(amount=2_400)
    Action.objects.filter(state="waiting_approval").update(amount=2_400)
    boss, other = stories.staff("executive"), stories.staff("executive", name="other")
    keep_written_complaint(case.pk, words="She wrote it down.", acting_user=boss, now=NOW)
    with pytest.raises(SelfApproval):
        grant_approval(approval().pk, acting_user=boss, now=NOW)
    grant_approval(approval().pk, acting_user=other, now=NOW)
    assert approval().state == "granted"


def test_sums_in_parts_do_not_get_around_the_complaint_in_writing(db):
    content = stories.pack_with_limit(500).content()
    content["leave"]["written_complaints"][0]["above"] = "400"  # compensation of 400, and a meal besides
    company = stories.company(pack=Blueprint.from_content(content))
    open_cases(stories.broken_flights(company, seats=1, minutes_late=200), now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    assert sum(Remedy.objects.values_list("amount", flat=True)) <= 400
    assert Approval.objects.get().why.inputs["limits"] == ["written"]


def test_what_was_given_in_a_case_that_was_split_off_counts_for_the_complaint_in_writing(db):
    content = stories.pack_with_limit(500).content()
    content["leave"]["written_complaints"][0]["above"] = "400"
    company = stories.company(pack=Blueprint.from_content(content))
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    given = sum(Remedy.objects.values_list("amount", flat=True))
    incidents = stories.broken_flights(company, prefix="G", customers=[Customer.objects.get().pk], minutes_late=200)
    open_cases(incidents, now=NOW)
    CaseFamily.objects.bulk_create(
        [CaseFamily(case=one, root_id=Case.objects.first().pk) for one in Case.objects.all()]
    )
    carry_out(1, 2**60, now=NOW, as_of_ready=False)
    assert 0 < given < sum(Remedy.objects.values_list("amount", flat=True)) <= 400


def test_nobody_complains_in_writing_in_somebody_elses_case(company, case):
    other = Customer.objects.create(reference="C-9", name="Eve", created_at=NOW)
    with pytest.raises(NotFound):
        keep_written_complaint(case.pk, words="mine", acting_user=other, now=NOW)
    with pytest.raises(ValueError, match="characters"):
        keep_written_complaint(case.pk, words="  ", acting_user=case.customer, now=NOW)


def test_who_may_decide_is_explained_with_limits_totals_and_the_nearest(company, case):
    clerk, boss = stories.staff("front_line"), stories.staff("supervisor")
    small = explain_authority(case, amount=Decimal(10), kind="compensation", person=clerk, now=NOW)
    assert small.at_once
    assert "may give $10.00 at once" in small.verdict.en
    large = explain_authority(case, amount=Decimal(660), kind="compensation", person=clerk, now=NOW)
    assert not large.at_once
    assert "per case" in large.why.en
    assert [one.person for one in large.gives_leave] == [boss]
    assert boss.name in large.verdict.en
    huge = explain_authority(case, amount=Decimal(90_000), kind="compensation", person=clerk, now=NOW)
    assert not huge.somebody_may
    assert "Nobody may" in huge.verdict.en
    assert Explanation.objects.filter(rule="authority.routing").count() == 0  # asking changes nothing


def test_an_approver_above_whose_level_the_sum_lies_is_told_so(company, case):
    Approval.objects.update(amount=1_900)
    Action.objects.filter(state="waiting_approval").update(amount=1_900)
    with pytest.raises(BeyondAuthority):
        grant_approval(approval().pk, acting_user=stories.staff("supervisor"), now=NOW)
