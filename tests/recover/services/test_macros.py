"""Canned replies and macros: who may write and use them, what they say of a case, and a run step by step."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from stories import NOW, Company, broken_flights, staff

from amends.channels.models import Message
from amends.kernel.lifecycle import IllegalMove
from amends.people.models import Customer
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import deployment
from amends.recover.core.canned import NotFilled, UnknownVariables
from amends.recover.core.macro import BadMacro
from amends.recover.core.words import local_time
from amends.recover.models import Action, Case, Clock, Note
from amends.recover.selectors import access_case, access_reply, macros_for, replies_for, reply_facts, written
from amends.recover.services import (
    open_cases,
    preview_macro,
    promise_update,
    retire_reply,
    run_macro,
    save_macro,
    save_reply,
)

LATER = NOW + timedelta(minutes=10)
TEXTS = {
    "subject_en": "News of {subject}",
    "subject_zh": "{subject}的进展",
    "body_en": "Dear {customer}, you hear from us by {by_when}. {staff}",
    "body_zh": "{customer}，您好：我们将在{by_when}前告知进展。{staff}",
}


@pytest.fixture
def case(company: Company) -> Case:
    open_cases(broken_flights(company, seats=1, kind="unavailable"), now=NOW)
    return Case.objects.get()


def reply(person, name: str = "News", whose: str = "own", unit: str = "", **texts: str):
    return save_reply(None, name=name, whose=whose, unit=unit, acting_user=person, now=NOW, **(TEXTS | texts))


def test_own_unit_and_shared_replies_reach_whom_they_are_for(company):
    agent = staff("front_line", name="Ann", unit=company.branch)
    lead = staff("supervisor", name="Sam", unit=company.branch)
    head = staff("manager", name="Mia", unit=company.unit)
    reply(agent, "mine")
    reply(lead, "branch", "unit", company.branch.code)
    reply(head, "all", "shared")
    assert {one.name for one in replies_for(agent)} == {"mine", "branch", "all"}
    assert {one.name for one in replies_for(lead)} == {"branch", "all"}
    assert {one.name for one in replies_for(head)} == {"branch", "all"}
    for person, whose, unit in ((agent, "shared", ""), (agent, "unit", "EWR"), (lead, "shared", "")):
        with pytest.raises(NotAllowed):
            reply(person, "no", whose, unit)
    with pytest.raises(NotFound):
        reply(lead, "no", "unit", company.unit.code)


def test_only_whose_it_is_changes_or_retires_a_reply(company):
    agent, lead = staff("front_line", unit=company.branch), staff("supervisor", unit=company.branch)
    head = staff("manager", unit=company.unit)
    shared = reply(head, "all", "shared")
    for person in (agent, lead):
        with pytest.raises(NotAllowed):
            save_reply(shared.pk, name="x", whose="own", unit="", acting_user=person, now=NOW, **TEXTS)
        with pytest.raises(NotAllowed):
            retire_reply(shared.pk, acting_user=person, now=NOW)
    mine = reply(agent, "mine")
    with pytest.raises(NotFound):
        retire_reply(mine.pk, acting_user=head, now=NOW)
    retire_reply(shared.pk, acting_user=head, now=NOW)
    assert [one.name for one in replies_for(lead)] == []


def test_unknown_variables_are_refused_when_saving(company):
    agent = staff("front_line", unit=company.unit)
    with pytest.raises(UnknownVariables) as refused:
        reply(agent, body_zh="{customer}的{password}")
    assert refused.value.names == ["password"]
    assert not replies_for(agent)


def test_a_reply_is_filled_in_the_customers_language_and_says_what_it_lacks(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    one = reply(agent)
    Customer.objects.update(name="王小明", locale="zh-CN")
    seen = access_case(agent, case.pk)
    letter = written(access_reply(agent, one.pk), reply_facts(agent, seen), seen.customer.locale)
    assert letter.subject == f"{seen.subject}的进展"
    assert letter.body.startswith("王小明，您好：我们将在2026年3月2日")
    Clock.objects.update(state="met")
    with pytest.raises(NotFilled) as refused:
        written(one, reply_facts(agent, seen), "en")
    assert refused.value.name == "by_when"


def test_a_macro_is_foreseen_without_doing_anything_and_run_step_by_step(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    steps = [
        {"act": "take"},
        {"act": "message", "reply": reply(agent).pk},
        {"act": "note", "text": "Wrote to them."},
        {"act": "close"},
        {"act": "note", "text": "never written"},
    ]
    one = save_macro(None, name="News", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    assert [row.name for row in macros_for(agent)] == ["News"]
    foreseen = preview_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert foreseen[1].letter.subject == f"News of {case.subject}"
    assert [step.why_not is None for step in foreseen] == [True, True, True, False, True]
    assert Case.objects.get().owner is None
    results = run_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert [result.state for result in results] == ["done", "done", "done", "failed", "not_run"]
    assert Case.objects.get().owner == agent
    assert Message.objects.filter(subject=f"News of {case.subject}").count() == 1
    assert [note.body for note in Note.objects.all()] == ["Wrote to them."]


def test_a_note_of_a_macro_is_filled_from_the_case_and_foreseen_so(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    Customer.objects.update(name="Mei {Lin}")  # braces in a name are no place to fill
    steps = [
        {"act": "note", "text": "Rang {customer} about case {case}. {staff}"},
        {"act": "note", "text": "{by_when}"},
    ]
    one = save_macro(None, name="Rang", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    Clock.objects.update(state="met")
    words = f"Rang Mei {{Lin}} about case {case.pk}. Ann"
    first, second = preview_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert ((first.more.en, first.more.zh), first.why_not) == ((words, words), None)
    assert isinstance(second.why_not, NotFilled)
    assert not Note.objects.exists()
    done, failed = run_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert (done.more.en, done.state, failed.state) == (words, "done", "failed")
    assert [note.body for note in Note.objects.all()] == [words]


def test_a_macro_whose_note_has_an_unknown_variable_is_refused(company):
    agent = staff("front_line", unit=company.unit)
    for text, refusal in (("Rang {password}", UnknownVariables), ("Rang {customer", ValueError)):
        steps = [{"act": "take"}, {"act": "note", "text": text}]
        with pytest.raises(refusal):
            save_macro(None, name="x", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    assert not macros_for(agent)


def test_a_macro_gives_nobody_rights_that_they_have_not(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    other = staff("front_line", name="Bo", unit=company.unit)
    theirs = reply(agent)
    with pytest.raises(NotFound):
        save_macro(
            None, name="x", whose="own", unit="", steps=[{"act": "message", "reply": theirs.pk}],
            acting_user=other, now=NOW,
        )  # fmt: skip
    one = save_macro(None, name="Take", whose="own", unit="", steps=[{"act": "take"}], acting_user=agent, now=NOW)
    with pytest.raises(NotFound):
        run_macro(one.pk, case.pk, acting_user=other, now=LATER)
    agent.role = "administrator"
    agent.save()
    with pytest.raises(NotAllowed):
        run_macro(one.pk, case.pk, acting_user=agent, now=LATER)


def test_a_macro_promises_the_next_update_which_is_a_clock_of_the_case(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    steps = [{"act": "promise", "hours": 4}, {"act": "message", "reply": reply(agent).pk}]
    one = save_macro(None, name="Soon", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    foreseen, _ = preview_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert (foreseen.more.en, foreseen.more.zh, foreseen.why_not) == ("within 4 hours", "4 小时内", None)
    only = save_macro(None, name="Only", whose="own", unit="", steps=steps[:1], acting_user=agent, now=NOW)
    assert [one.state for one in run_macro(only.pk, case.pk, acting_user=agent, now=LATER)] == ["done"]
    clock = Clock.objects.get(case=case, kind="inform", number=2)
    assert (clock.state, clock.due_at, clock.promised_by) == ("running", LATER + timedelta(hours=4), agent)
    Case.objects.update(state="closed", is_open=False)
    assert isinstance(preview_macro(only.pk, case.pk, acting_user=agent, now=LATER)[0].why_not, IllegalMove)
    assert [one.state for one in run_macro(only.pk, case.pk, acting_user=agent, now=LATER)] == ["failed"]


@pytest.mark.parametrize("promise_first", [True, False])
def test_the_letter_of_a_macro_keeps_what_was_promised_before_and_not_what_the_macro_promises(
    case, company, promise_first
):
    agent = staff("front_line", name="Ann", unit=company.unit)
    promise_update(case.pk, by=NOW + timedelta(hours=2), acting_user=agent, now=NOW)
    steps = [{"act": "promise", "hours": 4}, {"act": "message", "reply": reply(agent).pk}]
    steps = steps if promise_first else steps[::-1]
    one = save_macro(None, name="Soon", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    assert [done.state for done in run_macro(one.pk, case.pk, acting_user=agent, now=LATER)] == ["done", "done"]
    clocks = Clock.objects.filter(case=case, kind="inform").order_by("number").values_list("state", "due_at")
    assert [state for state, _ in clocks][1:] == ["met", "running"]
    assert clocks[2][1] == LATER + timedelta(hours=4)
    message = {"act": "message", "reply": reply(agent, "Again").pk}
    later = save_macro(None, name="News", whose="own", unit="", steps=[message], acting_user=agent, now=LATER)
    run_macro(later.pk, case.pk, acting_user=agent, now=LATER + timedelta(hours=1))
    assert not Clock.objects.filter(case=case, kind="inform", state="running").exists()  # the next letter keeps it


@pytest.mark.parametrize("hours", [0, -1, 60 * 24 + 1])
def test_an_update_is_promised_neither_at_once_nor_in_months(company, hours):
    agent = staff("front_line", unit=company.unit)
    steps = [{"act": "promise", "hours": hours}]
    with pytest.raises(BadMacro):
        save_macro(None, name="x", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)


def stands(case: Case):
    """All that a macro could change."""
    rows = (case.actions, case.clocks, case.trail, case.notes, case.undo_steps)
    return [
        Case.objects.filter(pk=case.pk).values().get(),
        *(list(some.order_by("pk").values()) for some in rows),
        Message.objects.count(),
        ProcrastinateJob.objects.count(),
    ]


@pytest.mark.parametrize("promise_first", [True, False])
@pytest.mark.parametrize("hours", [1, 4, 24 * 30])
def test_a_preview_shows_the_very_letter_that_the_macro_sends_and_leaves_everything_as_it_was(
    case, company, promise_first, hours
):
    agent = staff("front_line", name="Ann", unit=company.unit)
    Clock.objects.filter(kind="resolve").update(due_at=NOW + timedelta(days=40))
    promise_update(case.pk, by=NOW + timedelta(hours=2), acting_user=agent, now=NOW)
    steps = [{"act": "promise", "hours": hours}, {"act": "message", "reply": reply(agent).pk}]
    steps = [*(steps if promise_first else steps[::-1]), {"act": "message", "reply": reply(agent, "Again").pk}]
    one = save_macro(None, name="Soon", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    before = stands(case)
    foreseen = preview_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert stands(case) == before
    assert [step.why_not for step in foreseen] == [None, None, None]
    sent = Message.objects.count()
    assert [done.state for done in run_macro(one.pk, case.pk, acting_user=agent, now=LATER)] == ["done"] * 3
    letters = Message.objects.order_by("pk").values_list("body", flat=True)[sent:]
    assert [step.letter.body for step in foreseen if step.letter] == list(letters)
    promised = local_time(LATER + timedelta(hours=hours), locale="en", zone=ZoneInfo(deployment().timezone))
    # the letter keeps what was promised before, so it speaks of what the macro promises
    assert [promised in letter for letter in letters] == [promise_first, True]


def test_a_preview_says_what_would_wait_or_fail_after_the_steps_before_it(case, company):
    agent = staff("front_line", name="Ann", unit=company.unit)
    steps = [{"act": "take"}, {"act": "do", "kind": "call"}, {"act": "do", "kind": "call"}]
    one = save_macro(None, name="Twice", whose="own", unit="", steps=steps, acting_user=agent, now=NOW)
    Action.objects.filter(case=case, kind="apology").update(kind="call", performer="front_line", state="ready")
    before = stands(case)
    foreseen = preview_macro(one.pk, case.pk, acting_user=agent, now=LATER)
    assert [type(step.why_not) for step in foreseen] == [type(None), type(None), NotFound]
    assert stands(case) == before
