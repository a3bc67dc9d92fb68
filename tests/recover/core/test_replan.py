"""What the playbook would give now, beside the plan that is there; and what customers of some locales want first."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.recover.core.action import ACTION
from amends.recover.core.coverage import GIVEN_UP, Item
from amends.recover.core.plan import Decision, facts_that_decide, plan_for
from amends.recover.core.replan import Part, growth, propose

PACK = load_shipped("airline")
DAY = date(2026, 3, 2)
MODERATE = {
    "kind": "slow",
    "loss": "outcome",
    "severity": "moderate",
    "responsible": "process",
    "controllable": True,
    "stable": True,
    "minutes_late": 200,
    "distance_km": 2_000,
    "fare": 240,
    "cancelled": False,
    "never": False,
    "vulnerable": False,
}
SEVERE = {**MODERATE, "severity": "severe"}


def chosen_for(*names: str) -> Blueprint:
    content = PACK.content()
    content["cases"]["locale_defaults"] = list(names)
    return Blueprint.from_content(content)


def items(decision: Decision, facts, state: str = "ready") -> tuple[Item, ...]:
    return tuple(
        Item(
            id=place,
            step=step.id,
            kind=step.kind,
            phase=step.phase,
            remedy=step.owed.remedy if step.owed else "",
            channel=step.channel,
            amount=step.owed.amount(facts) if step.owed else Decimal(0),
            justice=step.justice,
            state=state,
            due_in=timedelta(0),
        )
        for place, step in enumerate(decision.steps)
    )


def test_a_plan_as_it_should_be_needs_no_change():
    decision = plan_for(SEVERE, PACK, on=DAY)
    assert not propose(decision, items(decision, SEVERE), SEVERE, playbook=decision.playbook).changes


def test_a_graver_failure_gets_the_other_playbook_with_what_is_missing_and_without_what_is_not_called_for():
    there = plan_for(MODERATE, PACK, on=DAY)
    proposal = propose(plan_for(SEVERE, PACK, on=DAY), items(there, MODERATE), SEVERE, playbook=there.playbook)
    assert proposal.other_playbook
    assert "compensation" in {step.id for step, _ in proposal.adds}
    assert [item.step for item in proposal.drops] == ["gesture"]


def test_what_was_done_or_waits_for_leave_is_not_touched():
    there = plan_for(MODERATE, PACK, on=DAY)
    for state in ("done", "waiting_approval", "skipped", "refused"):
        now = propose(plan_for(SEVERE, PACK, on=DAY), items(there, MODERATE, state), SEVERE, playbook=there.playbook)
        assert (now.drops, now.amounts) == ((), ())


@given(st.sampled_from(["moderate", "severe"]), st.integers(60, 600))
def test_a_plan_brought_in_line_needs_no_further_change(severity, late):
    facts = {**MODERATE, "severity": severity, "minutes_late": late}
    there = items(plan_for(MODERATE, PACK, on=DAY), MODERATE)
    decision = plan_for(facts, PACK, on=DAY)
    proposal = propose(decision, there, facts, playbook=decision.playbook)
    dropped = {item.step for item in proposal.drops}
    left = [item for item in there if item.step not in dropped | {step.id for _, step, _ in proposal.amounts}]
    wanted = {step.id for step, _ in proposal.adds} | {step.id for _, step, _ in proposal.amounts}
    taken = [item for item in items(decision, facts) if item.step in wanted]
    assert not propose(decision, (*left, *taken), facts, playbook=decision.playbook).changes


@given(st.sampled_from([MODERATE, SEVERE]), st.data())
def test_what_a_merge_or_an_undo_began_anew_is_the_same_step_and_needs_no_change(facts, data):
    """Of a step that ended and was begun anew as `step@2`, the plan has both."""
    decision = plan_for(facts, PACK, on=DAY)
    there = items(decision, facts)
    again = data.draw(st.sets(st.sampled_from(there)))
    ended = st.sampled_from(["skipped", "refused", "done"])
    rows = [
        *(replace(item, state=data.draw(ended)) if item in again else item for item in there),
        *(replace(item, id=100 + item.id, step=f"{item.step}@{data.draw(st.integers(2, 9))}") for item in again),
    ]
    rows = data.draw(st.permutations(rows))
    assert not propose(decision, rows, facts, playbook=decision.playbook).changes


def test_a_step_begun_anew_is_dropped_or_gets_its_new_worth_like_any_other():
    there = plan_for(MODERATE, PACK, on=DAY)
    decision = plan_for(SEVERE, PACK, on=DAY)
    rows = [
        replace(item, step=f"{item.step}@2") if item.step in {"gesture", "apology"} else item
        for item in items(there, MODERATE)
    ]
    proposal = propose(decision, rows, SEVERE, playbook=there.playbook)
    assert [item.step for item in proposal.drops] == ["gesture@2"]
    assert "apology" not in {step.id for step, _ in proposal.adds}
    dearer = [
        replace(item, amount=Decimal(1), step=f"{item.step}@3") for item in items(decision, SEVERE) if item.amount
    ]
    changed = propose(decision, dearer, SEVERE, playbook=decision.playbook)
    assert [(item.step, step.id) for item, step, _ in changed.amounts] == [
        (item.step, item.step.removesuffix("@3")) for item in dearer
    ]


def test_a_default_of_a_locale_changes_nothing_unless_the_pack_uses_it():
    assert plan_for({**SEVERE, "locale_default": ""}, PACK, on=DAY) == plan_for(SEVERE, PACK, on=DAY)
    assert PACK.locale_default_for("zh-CN") is None
    assert facts_that_decide(PACK) == facts_that_decide(chosen_for("prc"))


def test_in_use_listening_comes_first_and_money_is_offered_by_a_person_after_it():
    pack = chosen_for("prc")
    usual = pack.locale_default_for("zh_cn")
    assert usual is not None
    decision = plan_for({**MODERATE, "locale_default": usual.id}, pack, on=DAY)
    plain = {step.id: step for step in plan_for(MODERATE, pack, on=DAY).steps}
    assert [step.id for step in decision.steps][:2] == ["listen-first", "apology"]
    gesture = next(step for step in decision.steps if step.id == "gesture")
    assert (plain["gesture"].performer, gesture.performer) == ("automatic", "front_line")
    listening = decision.steps[0]
    assert gesture.due.within >= listening.due.within
    assert "Hui & Au 2001" in gesture.why.text.en
    assert "Hui & Au 2001" in gesture.why.text.zh
    assert gesture.owed == plain["gesture"].owed  # the same sum for everybody


def test_what_law_or_contract_fixes_is_paid_at_once_whatever_the_locale():
    pack = chosen_for("prc")
    denied = {**SEVERE, "kind": "denied_boarding", "locale_default": "prc"}
    fixed = {tariff.id for tariff in pack.tariffs if tariff.source_kind != "policy"}
    owed = [step for step in plan_for(denied, pack, on=DAY).steps if step.owed and step.owed.tariff in fixed]
    assert owed
    assert {step.performer for step in owed} == {"automatic"}


def test_another_locale_has_no_default():
    assert chosen_for("prc").locale_default_for("en") is None


def parts(*rows: tuple[str, int | None]) -> list[Part]:
    return [
        Part(id=place, state=state, amount=None if n is None else Decimal(n)) for place, (state, n) in enumerate(rows)
    ]


@pytest.mark.parametrize(
    ("rows", "owed", "more"),
    [
        ([("ready", 300)], 300, None),
        ([("ready", 300)], 200, None),
        ([("ready", 300)], 600, (0, None, 600, 0)),
        ([("scheduled", 300)], 600, (0, None, 600, 0)),
        ([("done", 300)], 600, (None, None, 300, 300)),
        ([("done", 300), ("ready", 100)], 600, (1, None, 300, 300)),
        ([("done", 300), ("done", 300)], 600, None),
        ([("waiting_approval", 300)], 600, (None, 0, 600, 0)),
        ([("done", 300), ("waiting_approval", 100)], 600, (None, 1, 300, 300)),
        ([("skipped", 300)], 600, None),
        ([("refused", 300)], 600, None),
        ([("done", 300), ("skipped", 300)], 600, None),
        ([("skipped", 300), ("ready", 300)], 600, (1, None, 600, 0)),  # taken back: the person undid it
        ([("ready", None)], 600, None),
        ([("ready", 100), ("ready", 100)], 600, None),
    ],
)
def test_what_a_graver_failure_owes_beyond_what_the_plan_holds(rows, owed, more):
    found = growth(parts(*rows), Decimal(owed))
    assert (found and (found.action, found.instead_of, found.amount, found.given)) == more


@given(
    st.lists(st.tuples(st.sampled_from(ACTION.states), st.integers(0, 900)), min_size=1, max_size=4),
    st.integers(0, 2_000),
)
def test_after_growing_the_plan_gives_exactly_what_is_owed_and_never_less_than_before(rows, owed):
    held = parts(*rows)
    found = growth(held, Decimal(owed))
    if found is None:
        return
    stays = [one for one in held if one.state not in GIVEN_UP and one.id not in {found.action, found.instead_of}]
    assert sum(one.amount for one in stays) + found.amount == owed > found.held
    assert found.amount > 0
