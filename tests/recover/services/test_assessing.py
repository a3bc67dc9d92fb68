"""A case judged anew, by a person or by the customer's words; its history, its priority, and what stands later on."""

from datetime import timedelta

import pytest
import stories
from django.db import transaction
from django.db.utils import DatabaseError

from amends.kernel.text import Localised
from amends.monitor.models import Affected, Failure
from amends.people.models import Customer
from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.assessing import ASPECTS, kind_found
from amends.recover.core.refusals import StaleVersion, Unfit
from amends.recover.models import Action, Assessment, Case, Edit, RechargeClaim, Remedy
from amends.recover.selectors import case_timeline, edits_of, judged
from amends.recover.selectors.judging import earlier_failures_of, items_of, priority_parts, proposal_of
from amends.recover.selectors.timeline import EDIT_WORDS
from amends.recover.services import carry_out, object_to_case, open_case, open_cases, reassess, watch_failed
from amends.recover.services.hearing import hear_customer

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(company) -> Case:
    open_cases(stories.broken_flights(company, seats=1, minutes_late=100, severity=2), now=NOW)
    return Case.objects.get()


@pytest.fixture
def clerk(company):
    return stories.staff("front_line")


def judge(case: Case, clerk, **changes):
    return reassess(case.pk, changes=changes, reason="I spoke with them.", acting_user=clerk, now=LATER)


def test_nobody_has_judged_a_fresh_case_and_every_part_has_its_reason(case):
    now = judged(case)
    assert (now.row, now.rejudged, now.by_person) == (None, False, frozenset())
    assert now.severity_why.en == "It was grave."
    assert (now.party, now.gap, now.stable) == ("us", "delivery", True)
    assert now.promise[1] is not None
    assert (now.kind_why.en, now.kind_why.zh) == ("as it was reported", "按反映的情况")  # no standard of the pack's
    assert (now.gap_why.en, now.gap_why.zh) == ("usual for “Delayed departure”", "“起飞延误”通常如此")
    assert kind_found(Localised(en="Flies", zh="成行")).zh == "依据服务标准“成行”"


def test_an_edit_keeps_who_when_before_after_and_why(case, clerk):
    judge(case, clerk, severity=3, gap="communication")
    found = {edit.aspect: edit for edit in edits_of(case)}
    assert (found["severity"].before, found["severity"].after) == (2, 3)
    assert (found["gap"].before, found["gap"].after) == ("delivery", "communication")
    assert {(edit.by, edit.at, edit.reason) for edit in found.values()} == {(clerk, LATER, "I spoke with them.")}


def test_the_timeline_tells_what_was_changed_together_by_whom_and_why(case, clerk):
    judge(case, clerk, severity=3, gap="communication")
    (entry,) = (one for one in case_timeline(Case.objects.get()) if one.text.en.startswith("Changed"))
    assert entry.at == LATER
    assert entry.text.en.startswith(f"Changed ({clerk.name}): ")
    assert {"the severity", "the quality gap"} <= set(
        entry.text.en.removeprefix(f"Changed ({clerk.name}): ").removesuffix(" – I spoke with them.").split(", ")
    )
    assert "严重程度" in entry.text.zh
    assert entry.text.zh.endswith("——I spoke with them.")


def test_every_change_that_can_be_kept_has_its_words_for_the_timeline():
    of_a_plan = {"added", "amount", "due_at", "performer", "channel", "playbook", "withheld"}
    assert {*ASPECTS, *of_a_plan, "fact", "emotion", "stage", "circle"} == set(EDIT_WORDS)


def test_the_priority_follows_and_is_the_sum_of_its_parts(case, clerk):
    before = case.priority
    after = judge(case, clerk, severity=3)
    assert after.priority >= before + 100  # and a graver case is dearer to leave, too
    now = judged(Case.objects.select_related("customer").get())
    parts = priority_parts(now, earlier=earlier_failures_of(now))
    assert sum(part.points for part in parts) == pytest.approx(after.priority)
    assert parts[0].why.zh == "严重程度：严重"


def test_the_care_that_a_case_brings_about_puts_it_no_further_up(case, clerk):
    watch_failed([case.incident_id], now=case.opened_at)
    now = judged(Case.objects.select_related("customer").get())
    assert now.case.customer.watch_until > case.opened_at
    parts = priority_parts(now, earlier=earlier_failures_of(now))
    assert sum(part.points for part in parts) == pytest.approx(case.priority)
    assert judge(case, clerk, pressing=100).priority == pytest.approx(case.priority + 100)
    # a person had said so before: then it is one of the parts
    Customer.objects.update(watch_reason="Twice in a row.")
    again = judged(Case.objects.select_related("customer").get())
    assert sum(part.points for part in priority_parts(again, earlier=0)) > case.priority + 100


def test_a_person_judges_it_more_or_less_pressing_with_a_reason(case, clerk):
    before = case.priority
    assert judge(case, clerk, pressing=100).priority == pytest.approx(before + 100)
    assert judged(Case.objects.get()).pressing == 100
    assert judge(case, clerk, pressing=-100).priority == pytest.approx(before - 100)
    now = judged(Case.objects.select_related("customer").get())
    assert not now.rejudged  # no plan rests on it
    parts = priority_parts(now, earlier=earlier_failures_of(now))
    assert (parts[-1].points, parts[-1].why.zh) == (-100, "经人工判断不那么紧急")
    judge(case, clerk, gap="standards", kind="diversion")
    now = judged(Case.objects.select_related("customer").get())
    assert (now.kind_why, now.gap_why) == (None, None)
    for wrong in (50, True, "100"):
        with pytest.raises(Unfit):
            judge(case, clerk, pressing=wrong)
    assert judge(case, clerk, pressing=0).priority == pytest.approx(before)
    told = [(edit.before, edit.after) for edit in edits_of(case) if edit.aspect == "pressing"]
    assert told == [(-100, 0), (100, -100), (0, 100)]


def test_what_did_not_change_is_no_edit(case, clerk):
    judge(case, clerk, severity=2, responsible="process", controllable=True)
    assert not Edit.objects.exists()
    assert Case.objects.get().version == case.version


def test_another_kind_and_another_cause_are_told_to_the_customer_in_their_words(case, clerk):
    judge(case, clerk, kind="late_arrival", responsible="external", controllable=False, stable=False)
    case.refresh_from_db()
    assert "arriv" in case.what_happened.en
    assert case.cause.en == "The cause lay outside our control."
    assert judged(case).by_person == {"kind", "responsible", "controllable", "stable"}


@pytest.mark.parametrize(
    ("aspect", "value"),
    [
        ("kind", "no such kind"),
        ("severity", 4),
        ("severity", True),
        ("responsible", "the moon"),
        ("controllable", "yes"),
        ("gap", ""),
        ("expected", "x" * 1_001),
        ("expected", "a\0b"),
        ("state", "closed"),
    ],
)
def test_a_value_that_an_aspect_cannot_have_changes_nothing(case, clerk, aspect, value):
    with pytest.raises(Unfit) as refusal:
        judge(case, clerk, **{"stable": False, aspect: value})
    assert refusal.value.field == aspect
    assert Case.objects.get().severity == 2
    assert not Edit.objects.exists()


def test_a_judgement_needs_its_reason_the_right_and_the_reach(case, clerk, company):
    with pytest.raises(Unfit):
        reassess(case.pk, changes={"severity": 3}, reason="  ", acting_user=clerk, now=LATER)
    with pytest.raises(NotAllowed):
        judge(case, stories.staff("administrator"), severity=3)
    from amends.people.models import Unit

    other = Unit.objects.create(code="SFO", name_en="SFO", name_zh="旧金山", parent=company.unit, path="/HQ/SFO/")
    with pytest.raises(NotFound):
        judge(case, stories.staff("front_line", name="far", unit=other), severity=3)
    with pytest.raises(StaleVersion):
        reassess(case.pk, changes={"severity": 3}, reason="x", acting_user=clerk, now=LATER, version=99)


def test_the_customers_words_raise_the_severity_and_say_so(case):
    hear_customer(case.pk, words="My baby had no milk for hours!", acting_user=case.customer, now=LATER)
    case.refresh_from_db()
    assert case.severity == 3
    now = judged(case)
    assert "“baby”" in now.severity_why.en
    (edit,) = edits_of(case)
    assert (edit.aspect, edit.before, edit.after, edit.by) == ("severity", 2, 3, None)
    assert now.rejudged


def test_calm_words_leave_it_as_it_is(case, clerk):
    object_to_case_words = "I would like to know why."
    hear_customer(case.pk, words=object_to_case_words, acting_user=case.customer, now=LATER)
    assert Case.objects.get().severity == 2
    assert not Assessment.objects.exists()


def test_words_said_after_a_person_judged_it_lighter_raise_it_again(case, clerk):
    judge(case, clerk, severity=1)
    Case.objects.filter(pk=case.pk).update(state="awaiting_customer")
    object_to_case(case.pk, words="It was unsafe.", acting_user=clerk, now=LATER)
    assert Case.objects.get().severity == 3
    assert judged(Case.objects.get()).by_person == frozenset()


def test_a_case_opened_by_hand_is_planned_for_the_severity_that_the_words_ask_for(company, clerk):
    stories.broken_flights(company, seats=1)  # so that there is a customer
    customer = Customer.objects.first()
    told = "A member of your crew insulted us, I am furious, and my baby was frightened."
    calm = open_case(customer, "no_answer", "Q1", company.branch, {}, "No answer yet.", acting_user=clerk, now=NOW)
    case = open_case(customer, "no_answer", "Q2", company.branch, {}, told, acting_user=clerk, now=LATER)
    assert (calm.severity, case.severity) == (1, 3)
    assert case.plan.playbook != calm.plan.playbook
    assert [edit.aspect for edit in edits_of(case)] == ["severity"]


def test_what_was_judged_stands_when_further_failures_join(company, clerk):
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    case = Case.objects.get()
    judge(case, clerk, severity=1, responsible="customer", kind="diversion", pressing=100)
    told = Case.objects.get().what_happened_id
    customers = [case.customer_id]
    stories.broken_flights(company, minutes_late=300, severity=3, customers=customers)
    open_cases(incidents, now=LATER)
    case.refresh_from_db()
    assert case.plan.revision > 1
    assert (case.severity, case.responsible, case.kind, case.what_happened_id) == (1, "customer", "diversion", told)
    now = judged(Case.objects.select_related("customer").get())
    parts = priority_parts(now, earlier=earlier_failures_of(now))
    assert case.priority == pytest.approx(sum(part.points for part in parts))


def graver_after_all(incidents) -> None:
    """It turns out that the flight was two hundred minutes late, which is grave."""
    facts = {"distance_km": 2_000, "domestic": True, "cancelled": False, "never": False, "minutes_late": 200}
    Failure.objects.update(facts=facts, severity=3)
    Affected.objects.update(severity=3)
    open_cases(incidents, now=LATER)
    carry_out(1, 2**60, now=LATER, as_of_ready=False)


def test_what_was_judged_no_fault_of_ours_gets_no_compensation_by_itself_when_it_turns_out_graver(company, clerk):
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    open_cases(incidents, now=NOW)
    judge(Case.objects.get(), clerk, responsible="external", controllable=False)
    graver_after_all(incidents)
    assert not Action.objects.filter(step="compensation").exists()
    assert not Remedy.objects.filter(kind="cash").exists()


def test_compensation_that_only_a_persons_judgement_calls_for_is_proposed_and_not_given_by_itself(company, clerk):
    incidents = stories.broken_flights(company, seats=1, minutes_late=100, severity=2)
    Failure.objects.update(responsible="external", controllable=False)
    open_cases(incidents, now=NOW)
    judge(Case.objects.get(), clerk, responsible="process", controllable=True)
    graver_after_all(incidents)
    assert not Remedy.objects.filter(kind="cash").exists()
    case = Case.objects.select_related("plan", "customer").get()
    proposal = proposal_of(judged(case), items_of(case, list(Action.objects.filter(case=case))))
    assert "compensation" in {step.id for step, _ in proposal.adds}


def test_an_edit_stays_as_it_was_written(case, clerk):
    judge(case, clerk, severity=3)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Edit.objects.update(reason="something else")


def test_a_suppliers_fault_opens_a_claim_and_another_party_withdraws_it(case, clerk):
    judge(case, clerk, responsible="supplier", supplier="catering")
    claim = RechargeClaim.objects.get()
    assert (claim.supplier, claim.state, claim.amount, claim.currency) == ("catering", "open", 0, "USD")
    judge(case, clerk, responsible="process")
    claim.refresh_from_db()
    assert claim.state == "withdrawn"
    judge(case, clerk, responsible="supplier", supplier="A caterer of another name")
    claim.refresh_from_db()
    assert (claim.state, claim.supplier) == ("open", "A caterer of another name")
