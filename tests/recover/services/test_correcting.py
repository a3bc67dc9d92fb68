"""Facts that turn out otherwise: kept with who, before, after and why; the rules judge anew, a plan is proposed."""

from datetime import timedelta

import pytest
import stories

from amends.kernel.blueprint import load_shipped
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.people.services import keep_customers
from amends.recover.core.refusals import StaleVersion, Unfit
from amends.recover.models import Case, Edit
from amends.recover.selectors import case_timeline, judged
from amends.recover.selectors.judging import items_of, proposal_of
from amends.recover.selectors.trail import unexplained, verify_trail
from amends.recover.services import accept_replan, close_case, correct_facts, open_case, reassess, tick

NOW = stories.NOW
LATER = NOW + timedelta(hours=1)
STEAK = {"doneness_ordered": "medium_well", "doneness_served": "rare", "dish_price": 168, "bill_total": 688}
WHY = "The new one came back from the table."


@pytest.fixture
def place(db):
    return stories.company(pack=load_shipped("restaurant"))


@pytest.fixture
def waiter(place):
    return stories.staff("front_line")


@pytest.fixture
def case(place, waiter) -> Case:
    keep_customers([{"reference": "G-1", "name": "Julia Hart", "locale": "en"}], now=NOW)
    guest = Customer.objects.get(reference="G-1")
    return open_case(guest, "wrong_doneness", "Table 12", place.branch, STEAK, "", acting_user=waiter, now=NOW)


def correct(case: Case, waiter, **changes) -> Case:
    return correct_facts(case.pk, changes=changes, reason=WHY, acting_user=waiter, now=LATER)


def test_a_correction_keeps_who_before_after_and_why_and_the_rules_judge_anew(case, waiter):
    assert (case.severity, case.what_happened.en) == (2, "You ordered your dish medium-well and it came rare.")
    after = correct(case, waiter, redo_failed=True, dish_price=178)
    after = Case.objects.get(pk=after.pk)
    assert (after.severity, after.facts["redo_failed"], after.facts["dish_price"]) == (3, True, 178)
    assert "the new one was not right either" in after.what_happened.en
    assert after.priority > case.priority
    edits = {(edit.after["name"] if edit.aspect == "fact" else edit.aspect): edit for edit in Edit.objects.all()}
    assert edits["redo_failed"].before == {"name": "redo_failed", "value": None}
    assert edits["redo_failed"].after == {"name": "redo_failed", "value": True}
    assert (edits["redo_failed"].by, edits["redo_failed"].reason, edits["redo_failed"].at) == (waiter, WHY, LATER)
    assert (edits["dish_price"].before["value"], edits["dish_price"].after["value"]) == (168, 178)
    assert (edits["severity"].before, edits["severity"].after, edits["severity"].by) == (2, 3, None)
    assert edits["severity"].why.zh == "顾客已经指出，重做后第二次仍然不对。"
    assert judged(after).severity_why == edits["severity"].why
    assert any(WHY in entry.text.en and "a fact" in entry.text.en for entry in case_timeline(after))
    assert (verify_trail([case.pk]), unexplained([case.pk])) == ([], [])


def test_the_plan_stays_and_what_it_would_be_is_proposed_and_taken_over(case, waiter):
    assert case.plan.playbook == "dish-redone"
    after = correct(case, waiter, redo_failed=True)
    assert after.plan.playbook == "dish-redone"
    actions = list(after.actions.all())
    proposal = proposal_of(judged(after), items_of(after, actions))
    assert proposal is not None
    assert {"apology-by-manager", "spoilt-meal"} <= {step.id for step, _ in proposal.adds}
    assert next(worth for step, worth in proposal.adds if step.id == "spoilt-meal") == 344
    accept_replan(after.pk, reason="Twice is too much.", acting_user=waiter, now=LATER)
    after = Case.objects.get(pk=case.pk)
    assert after.plan.playbook == "dish-wrong-again"
    assert proposal_of(judged(after), items_of(after, list(after.actions.all()))) is None


def test_what_stays_as_it_was_is_no_change(case, waiter):
    correct(case, waiter, dish_price=168, doneness_served="rare", redo_failed=None)
    assert not Edit.objects.exists()
    assert not judged(case).corrected


def test_what_is_not_known_after_all_is_taken_back(case, waiter):
    after = correct(case, waiter, doneness_served=None)
    assert "doneness_served" not in after.facts
    assert Case.objects.get(pk=after.pk).what_happened.zh == "您点的菜品熟度与您的要求不一致。"


def test_what_a_person_judged_stays(case, waiter):
    reassess(case.pk, changes={"severity": 1, "responsible": "supplier"}, reason="x", acting_user=waiter, now=LATER)
    after = correct(case, waiter, redo_failed=True)
    assert (after.severity, after.responsible) == (1, "supplier")


@pytest.mark.parametrize(
    "changes",
    [
        {"no_such_fact": 1},
        {"severity": "light"},
        {"tier": "gold"},
        {"redo_failed": "yes"},
        {"dish_price": True},
        {"dish_price": float("nan")},
        {"doneness_served": "burnt"},
        {"dish": ""},
    ],
)
def test_a_value_that_a_fact_cannot_have_changes_nothing(case, waiter, changes):
    with pytest.raises(Unfit):
        correct(case, waiter, **changes)
    assert not Edit.objects.exists()


def test_without_a_reason_nothing_is_corrected(case, waiter):
    with pytest.raises(Unfit):
        correct_facts(case.pk, changes={"redo_failed": True}, reason=" ", acting_user=waiter, now=LATER)


def test_nobody_corrects_what_they_may_not_see_nor_a_closed_case_nor_over_another(case, waiter):
    unit = Unit.objects.create(code="X", name_en="X", name_zh="X", path="/X/")
    with pytest.raises(NotFound):
        correct(case, stories.staff("front_line", name="elsewhere", unit=unit), redo_failed=True)
    with pytest.raises(NotAllowed):
        correct(case, stories.staff("administrator"), redo_failed=True)
    with pytest.raises(StaleVersion):
        correct_facts(
            case.pk, changes={"redo_failed": True}, reason=WHY, acting_user=waiter, now=LATER, version=case.version + 7
        )
    tick(case.pk, item="tasted", ticked=True, acting_user=waiter, now=LATER)
    Case.objects.filter(pk=case.pk).update(state="made_good")
    close_case(case.pk, acting_user=waiter, now=LATER)
    with pytest.raises(IllegalMove):
        correct(case, waiter, redo_failed=True)
