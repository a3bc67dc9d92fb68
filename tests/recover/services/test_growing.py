"""A failure that turns graver after its plan was made: the higher sum is owed, once, and nothing is ever lowered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
import stories
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.monitor.models import Affected, Failure
from amends.policy.services import publish_blueprint
from amends.recover.models import Action, Approval, Case, CaseLink, Edit, Plan, Remedy
from amends.recover.selectors.timeline import case_timeline
from amends.recover.services import (
    alter_action,
    carry_out,
    close_case,
    correct_facts,
    do_action,
    grant_approval,
    open_cases,
    reassess,
    refuse_approval,
    set_budget,
    skip_action,
)
from amends.recover.services.merging import merge_cases, settle_merged
from amends.recover.services.reconciling import reconcile
from amends.recover.services.reversing import reverse_remedy

NOW = stories.NOW
LATER, LAST = NOW + timedelta(hours=3), NOW + timedelta(hours=9)
FAR = {"distance_km": 5_000, "domestic": True, "cancelled": False, "never": False}  # 300 after 3 hours, 600 after 4
MEAL = Decimal(15)


@pytest.fixture
def airline(db):
    return stories.company(pack=load_shipped("airline"))


def late(place, minutes: int = 200, *, seats: int = 1, **how) -> list[int]:
    incidents = stories.broken_flights(place, seats=seats, minutes_late=minutes, distance_km=5_000, **how)
    open_cases(incidents, now=NOW)
    return incidents


def turns(incidents: list[int], minutes: int, *, now=LATER, **changes):
    """The same failure is that late now."""
    Failure.objects.filter(incident_id__in=incidents).update(facts={**FAR, "minutes_late": minutes}, **changes)
    return open_cases(incidents, now=now)


def all_out(now=NOW) -> None:
    carry_out(1, 2**60, now=now, as_of_ready=False)


def sums(**which) -> list[tuple[str, str, Decimal]]:
    rows = Action.objects.filter(step__startswith="compensation", **which).order_by("pk")
    return list(rows.values_list("step", "state", "amount"))


def given() -> list[Decimal]:
    return list(Remedy.objects.filter(kind="cash").order_by("pk").values_list("amount", flat=True))


def reconciled() -> bool:
    return reconcile(now=LAST).differences == 0


def compensation() -> Action:
    return Action.objects.get(step="compensation")


def test_what_was_not_given_yet_takes_the_higher_sum_and_says_why(airline):
    incidents = late(airline)
    said = turns(incidents, 250)
    assert (said.cases, said.actions, said.revised) == (0, 0, 1)
    assert sums() == [("compensation", "ready", 600)]
    action, case = compensation(), Case.objects.get()
    assert action.authority == "automatic"
    assert "turned graver before this was given: $600.00 instead of $300.00" in action.why.en
    assert "失误在给予之前加重" in action.why.zh
    assert action.why.blueprint_id == case.blueprint_id
    assert (case.facts["minutes_late"], case.plan.revision, case.version) == (250, 2, 2)
    all_out(LATER)
    assert given() == [600]
    assert reconciled()


def test_what_was_given_is_followed_by_the_rest_with_a_line_of_its_own(airline):
    incidents = late(airline)
    all_out()
    assert turns(incidents, 250).actions == 2  # for the meals, too
    assert sums() == [("compensation", "done", 300), ("compensation@2", "ready", 300)]
    more = Action.objects.get(step="compensation@2")
    assert "of $600.00 now owed, $300.00 was given before" in more.why.en
    assert "此前已给予" in more.why.zh
    assert (more.ready_at, more.tariff, more.remedy) == (LATER, "delay-compensation", "cash")
    all_out(LATER)
    assert given() == [300, 300]
    assert len(set(Remedy.objects.values_list("key", flat=True))) == 4
    assert list(Remedy.objects.filter(kind="voucher").order_by("pk").values_list("amount", flat=True)) == [MEAL, MEAL]
    assert reconciled()


def test_the_timeline_and_the_record_tell_of_it(airline):
    incidents = late(airline)
    all_out()
    turns(incidents, 250)
    edit = Edit.objects.get(action__step="compensation@2")
    assert (edit.aspect, edit.before, edit.after, edit.by, edit.at) == ("amount", "300.00", "600.00", None, LATER)
    case = Case.objects.select_related("plan", "what_happened").get()
    assert any("$300.00 was given before" in entry.text.en for entry in case_timeline(case))


def test_the_same_growth_again_and_one_out_of_order_give_nothing_twice(airline):
    incidents = late(airline)
    all_out()
    for minutes in (250, 250, 200, 250, 190, 260):
        turns(incidents, minutes)
        all_out(LATER)
        assert given() == [300, 300]
    assert sums() == [("compensation", "done", 300), ("compensation@2", "done", 300)]
    assert reconciled()


def test_nothing_is_lowered_or_taken_back(airline):
    incidents = late(airline, 250)
    assert turns(incidents, 200).revised == 0
    assert sums() == [("compensation", "ready", 600)]


def test_a_rest_that_is_not_given_yet_grows_on(airline):
    incidents = late(airline)
    Action.objects.filter(step="compensation").update(amount=100)  # as an older tariff would have had it
    all_out()
    turns(incidents, 205)
    assert sums() == [("compensation", "done", 100), ("compensation@2", "ready", 200)]
    turns(incidents, 250)
    assert sums() == [("compensation", "done", 100), ("compensation@2", "ready", 500)]
    all_out(LATER)
    assert given() == [100, 500]
    assert "of $600.00 now owed, $100.00 was given before" in Action.objects.get(step="compensation@2").why.en


def test_a_delay_that_becomes_a_cancellation_gives_the_difference(airline):
    incidents = late(airline)
    all_out()
    turns(incidents, 200, kind="unavailable")
    assert sums() == [("compensation", "done", 300), ("compensation@2", "waiting_approval", 300)]  # beside the refund
    assert Action.objects.get(step="compensation@2").tariff == "cancellation-compensation"


def test_a_higher_sum_beyond_the_authority_waits_for_leave(company):
    incidents = late(company)  # the system may give 500 a case
    turns(incidents, 250)
    assert sums() == [("compensation", "waiting_approval", 600)]
    approval = Approval.objects.get()
    assert (approval.level, approval.amount, compensation().authority) == ("supervisor", 600, "front_line")
    all_out(LATER)
    assert given() == []


def test_a_rest_that_goes_beyond_the_authority_with_what_was_given_waits_too(company):
    incidents = late(company)
    all_out()
    turns(incidents, 250)
    all_out(LATER)
    assert sums() == [("compensation", "done", 300), ("compensation@2", "waiting_approval", 300)]
    grant_approval(Approval.objects.get().pk, acting_user=stories.staff("supervisor"), now=LAST)
    turns(incidents, 250, now=LAST)
    assert given() == [300, 300]
    assert reconciled()


def test_leave_that_was_asked_for_less_is_asked_for_anew(db):
    incidents = late(stories.company(pack=stories.pack_with_limit(250)))
    turns(incidents, 250)
    turns(incidents, 250)
    assert sums() == [("compensation", "skipped", 300), ("compensation@2", "waiting_approval", 600)]
    old, new = Approval.objects.filter(action__step__startswith="compensation").order_by("pk")
    assert (old.state, new.state, new.amount) == ("withdrawn", "waiting", 600)
    grant_approval(new.pk, acting_user=stories.staff("manager"), now=LAST)
    assert given() == [600]


def test_a_budget_holds_the_rest_back(db):
    content = load_shipped("airline").content()
    next(one for one in content["authority"] if one["id"] == "automatic")["beyond_budget"] = False
    place = stories.company(pack=Blueprint.from_content(content))
    incidents = late(place)
    all_out()
    day = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 31)}
    manager = stories.staff("manager")
    set_budget(place.branch.pk, amount=Decimal(400), currency="USD", acting_user=manager, now=NOW, **day)
    turns(incidents, 250)
    assert sums() == [("compensation", "done", 300), ("compensation@2", "waiting_approval", 300)]
    assert "unit_budget" in Approval.objects.get().why.inputs["limits"]


def test_a_sum_for_a_person_to_give_stays_theirs(airline):
    incidents = late(airline)
    Action.objects.filter(step="compensation").update(performer="front_line")
    turns(incidents, 250)
    all_out(LATER)
    assert given() == []
    assert sums() == [("compensation", "ready", 600)]
    do_action(compensation().pk, acting_user=stories.staff("front_line"), now=LATER)
    assert given() == [600]


def altered() -> None:
    clerk = stories.staff("supervisor")
    alter_action(compensation().pk, amount=Decimal(320), reason="As agreed.", acting_user=clerk, now=NOW)


def left_out() -> None:
    skip_action(compensation().pk, acting_user=stories.staff("supervisor"), now=NOW, note="Not wanted.")


def corrected() -> None:
    clerk = stories.staff("supervisor")
    changes = {"minutes_late": 190}
    correct_facts(Case.objects.get().pk, changes=changes, reason="Seen.", acting_user=clerk, now=NOW)


def not_ours() -> None:
    clerk, changes = stories.staff("supervisor"), {"responsible": "external", "controllable": False}
    reassess(Case.objects.get().pk, changes=changes, reason="A storm.", acting_user=clerk, now=NOW)


def taken_back() -> None:
    all_out()
    line = Remedy.objects.get(kind="cash")
    reverse_remedy(line.pk, reason="Paid at the desk.", acting_user=stories.staff("manager"), now=NOW)


def rest_left_out() -> None:
    """They had 100 by an older tariff, and a person left the rest out."""
    Action.objects.filter(step="compensation").update(amount=100)
    all_out()
    turns(list(Case.objects.values_list("incident_id", flat=True)), 205, now=NOW)
    rest = Action.objects.get(step="compensation@2")
    Action.objects.filter(pk=rest.pk).update(performer="supervisor")
    skip_action(rest.pk, acting_user=stories.staff("supervisor"), now=NOW, note="Not wanted.")


def withdrawn() -> None:
    all_out()
    Case.objects.update(state="withdrawn", is_open=False)


def split() -> None:
    all_out()
    case = Case.objects.get()
    other = Case.objects.get()
    other.pk, other.incident = None, None
    other.save(force_insert=True)
    CaseLink.objects.create(case=other, other=case, kind=CaseLink.Kind.SPLIT_FROM, at=NOW)


@pytest.mark.parametrize(
    ("done", "stays", "lines"),
    [
        (altered, [("ready", 320)], []),
        (left_out, [("skipped", 300)], []),
        (corrected, [("done", 300)], [300]),
        (not_ours, [("done", 300)], [300]),
        (taken_back, [("done", 300)], [300, -300]),
        (rest_left_out, [("done", 100), ("skipped", 200)], [100]),
        (withdrawn, [("done", 300)], [300]),
        (split, [("done", 300)], [300]),
    ],
)
def test_what_a_person_did_about_it_stays_as_they_left_it(airline, done, stays, lines):
    incidents = late(airline)
    done()
    turns(incidents, 250)
    all_out(LATER)
    assert [row[1:] for row in sums()] == stays
    assert given() == lines


def test_what_was_refused_stays_refused(company):
    incidents = late(company, 250)
    refuse_approval(Approval.objects.get().pk, acting_user=stories.staff("supervisor"), now=NOW, note="No.")
    Action.objects.filter(step="compensation").update(amount=300)
    turns(incidents, 260)
    assert sums() == [("compensation", "refused", 300)]


def test_worth_that_only_a_judgement_calls_for_is_not_given_by_itself(airline):
    incidents = late(airline)
    all_out()
    clerk = stories.staff("supervisor")
    reassess(Case.objects.get().pk, changes={"kind": "diversion"}, reason="Seen.", acting_user=clerk, now=NOW)
    Failure.objects.update(kind="late_arrival")
    turns(incidents, 210)
    assert sums() == [("compensation", "done", 300)]
    turns(incidents, 250)  # the facts themselves call for it now
    assert [amount for *_, amount in sums()] == [300, 300]


def test_a_closed_case_is_taken_up_again_for_the_rest(airline):
    incidents = late(airline)
    all_out()
    case = Case.objects.get()
    Case.objects.filter(pk=case.pk).update(state="made_good")
    close_case(case.pk, acting_user=None, now=NOW)
    turns(incidents, 250)
    case.refresh_from_db()
    assert (case.state, case.is_open, case.closed_at) == ("in_progress", True, None)
    all_out(LATER)
    assert given() == [300, 300]


def test_what_was_given_before_a_merge_grows_in_the_case_that_goes_on(airline):
    incidents = late(airline)
    all_out()
    (case,) = Case.objects.all()
    late(airline, prefix="G", customers=[case.customer_id])
    other = Case.objects.exclude(pk=case.pk).get()
    merge_cases(case.pk, into=other.pk, acting_user=stories.staff("supervisor"), now=NOW)
    turns(incidents, 250)
    settle_merged(now=LATER)
    all_out(LATER)
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("merged", False)
    assert sums(case=case) == [("compensation", "done", 300), ("compensation@2", "skipped", 300)]
    assert sums(case=other) == [("compensation", "done", 300), ("compensation@2", "waiting_approval", 300)]


def test_a_case_that_goes_on_for_another_harm_as_well_gets_no_more_by_itself(airline):
    """What its steps give is for both: nobody can tell them apart."""
    late(airline)
    (case,) = Case.objects.all()
    other = late(airline, prefix="G", customers=[case.customer_id])
    survivor = Case.objects.exclude(pk=case.pk).get()
    merge_cases(case.pk, into=survivor.pk, acting_user=stories.staff("supervisor"), now=NOW)
    turns(other, 250)
    assert [amount for *_, amount in sums(case=survivor)] == [300, 300]


def test_what_between_colleagues_is_confidential_never_grows_by_itself(airline):
    incidents = late(airline)
    Case.objects.update(confidential=True)
    assert turns(incidents, 250).revised == 0
    assert sums() == [("compensation", "ready", 300)]


def test_the_version_that_opened_the_case_decides(airline):
    incidents = late(airline)
    all_out()
    content = airline.pack.content()
    for tariff in content["tariffs"]:
        if tariff["id"] == "delay-compensation":
            tariff["rows"][-1]["amount"] = "640"
    newer = publish_blueprint(Blueprint.from_content(content), name="airline", now=NOW, acting_user="test")
    assert newer.pk != airline.version.pk
    turns(incidents, 250)
    more = Action.objects.select_related("why", "plan").get(step="compensation@2")
    assert (more.amount, more.why.blueprint_id, more.plan.blueprint_id) == (300, airline.version.pk, airline.version.pk)
    fresh = stories.broken_flights(airline, seats=1, minutes_late=250, distance_km=5_000, prefix="G")
    open_cases([*incidents, *fresh], now=LAST)
    assert Action.objects.get(case__incident_id=fresh[0], step="compensation").amount == 640
    assert set(Plan.objects.values_list("blueprint_id", flat=True)) == {airline.version.pk, newer.pk}


def test_a_kind_that_the_older_version_does_not_know_is_decided_by_the_present_one(airline):
    content = airline.pack.content()
    kinds = content["taxonomy"]["kinds"]
    kinds["slower"] = {**kinds["slow"], "id": "slower"}
    for playbook in content["playbooks"]:
        if "slow" in playbook["kinds"]:
            playbook["kinds"].append("slower")
    incidents = late(airline)
    publish_blueprint(Blueprint.from_content(content), name="airline", now=NOW, acting_user="test")
    turns(incidents, 250, kind="slower")
    assert sums() == [("compensation", "ready", 300)]  # no version that it was not opened by changes its sums


def test_a_tariff_under_another_step_is_not_given_twice(db):
    """A parcel hours late has a coupon; a day late it would have one of the same tariff under another name."""
    place = stories.company(pack=load_shipped("express"))
    facts = {"product": "standard", "hours_late": 5}
    incidents = stories.broken_flights(place, seats=1, kind="late_delivery", severity=2)
    Failure.objects.update(facts=facts)
    open_cases(incidents, now=NOW)
    coupons = Action.objects.filter(tariff="goodwill").order_by("pk")
    first = coupons.get()
    assert first.step == "goodwill-for-hours"
    all_out()
    Failure.objects.update(facts={**facts, "hours_late": 40}, severity=3)
    Affected.objects.update(severity=3)
    for _ in range(2):
        open_cases(incidents, now=LATER)
    old, rest = coupons
    owed = {"": 50, "silver": 50}.get(Case.objects.get().customer.tier, 80)
    assert (old.state, rest.step, old.amount + rest.amount) == ("done", "goodwill", owed)


def test_many_cases_take_no_more_statements_than_one(airline):
    one, many = late(airline), late(airline, seats=20, prefix="G")
    all_out()
    counts = []
    for incidents in (one, many):
        with CaptureQueriesContext(connection) as seen:
            turns(incidents, 250)
        counts.append(len(seen))
    assert sums().count(("compensation@2", "ready", 300)) == 21
    assert counts[1] <= counts[0] + 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_give_the_rest_once():
    incidents = late(stories.company(pack=load_shipped("airline")), seats=3)
    all_out()
    Failure.objects.update(facts={**FAR, "minutes_late": 250})
    together = Barrier(2)

    def work(_: int) -> int:
        try:
            connection.ensure_connection()
            together.wait()
            return open_cases(incidents, now=LATER).revised
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [0, 3]
    all_out(LATER)
    assert given() == [300] * 6
    assert reconciled()
