"""What a person says of the talk with a customer counts and is on record; new words of the customer overtake it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amends.people.selectors import NotAllowed, NotFound
from amends.recover.core.refusals import Unfit
from amends.recover.models import Action, Case, Edit, TrailEntry
from amends.recover.selectors import guidance_for, unexplained, verify_trail
from amends.recover.services import do_action, hear_customer, object_to_case, say_emotion, send_message, step_to
from tests.web.console.world import NOW, World, airline

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return airline()


def talk(world: World, case: Case, *, minutes: float = 0) -> Any:
    return guidance_for(world.staff["supervisor"], case.pk, now=NOW + timedelta(minutes=minutes))[1]


def say(world: World, case: Case, words: str, *, minutes: float) -> None:
    object_to_case(case.pk, words=words, acting_user=world.staff["supervisor"], now=NOW + timedelta(minutes=minutes))


def test_what_a_person_says_counts_until_the_customer_says_something_new(world: World) -> None:
    case = world.case_to_call
    read = talk(world, case)
    assert (read.emotion, read.by_hand) == ("angry", False)
    say_emotion(case.pk, emotion="humiliated", acting_user=world.staff["front_line"], now=NOW)
    said = talk(world, case)
    assert (said.emotion, said.by_hand, said.felt.emotion) == ("humiliated", True, "angry")
    edit = Edit.objects.get(case=case)
    assert (edit.aspect, edit.before, edit.after, edit.by, edit.at) == (
        "emotion",
        "angry",
        "humiliated",
        world.staff["front_line"],
        NOW,
    )
    say(world, case, "怎么办，我来不及了", minutes=5)
    later = talk(world, case, minutes=6)
    assert (later.emotion, later.by_hand) == ("worried", False)
    assert later.felt.why.inputs["words"] == ["怎么办", "来不及"]


def test_what_was_said_can_be_left_to_the_reading_again_and_twice_is_once(world: World) -> None:
    case, front_line = world.case_to_call, world.staff["front_line"]
    for emotion in ("calm", "calm", "", ""):
        say_emotion(case.pk, emotion=emotion, acting_user=front_line, now=NOW)
    assert not talk(world, case).by_hand
    assert [edit.after for edit in Edit.objects.filter(case=case).order_by("id")] == ["calm", "angry"]


def test_the_stage_follows_what_is_done_and_a_person_may_go_on_or_back(world: World) -> None:
    case, front_line = world.case_to_call, world.staff["front_line"]
    assert case.actions.filter(kind="apology", state="done").exists()  # by itself, which counts for nothing here
    assert (talk(world, case).reached.stage, talk(world, case).reached.behind) == ("listen", ())
    call = case.actions.get(state="ready", performer="front_line")
    do_action(call.pk, acting_user=front_line, now=NOW + timedelta(minutes=1))
    called = talk(world, case, minutes=2).reached
    assert (called.stage, called.behind, called.by_hand) == ("apologise", ("listen",), False)
    step_to(case.pk, stage="offer", acting_user=front_line, now=NOW + timedelta(minutes=3))
    step_to(case.pk, stage="offer", acting_user=front_line, now=NOW + timedelta(minutes=3))
    assert talk(world, case, minutes=4).reached.by_hand
    assert Edit.objects.filter(case=case, aspect="stage").count() == 1
    step_to(case.pk, stage="apologise", acting_user=front_line, now=NOW + timedelta(minutes=5))
    assert talk(world, case, minutes=6).reached.stage == "apologise"
    say(world, case, "No. I do not agree.", minutes=7)
    assert talk(world, case, minutes=8).reached.stage == "listen"
    send_message(
        case.pk, subject="Sorry", body="I have read it.", acting_user=world.staff["executive"],
        now=NOW + timedelta(minutes=9),
    )  # fmt: skip
    assert talk(world, case, minutes=10).reached.stage == "apologise"


def test_the_trail_keeps_both_and_adds_up(world: World) -> None:
    case, front_line = world.case_to_call, world.staff["front_line"]
    say_emotion(case.pk, emotion="calm", acting_user=front_line, now=NOW)
    step_to(case.pk, stage="explain", acting_user=front_line, now=NOW)
    kept = TrailEntry.objects.filter(case=case, act__in=["say_emotion", "step_to"])
    assert {entry.rows for entry in kept} == {"recover_assessment", "recover_edit"}
    assert {entry.actor for entry in kept} == {f"staff:{front_line.pk}"}
    assert verify_trail([case.pk]) == unexplained([case.pk]) == []


@pytest.mark.parametrize("emotion", ["cross", "listen", "Angry"])
def test_no_other_emotion_is_taken(world: World, emotion: str) -> None:
    with pytest.raises(Unfit):
        say_emotion(world.case_to_call.pk, emotion=emotion, acting_user=world.staff["front_line"], now=NOW)


def test_who_may_not_see_or_work_on_the_case_neither_reads_nor_says_anything(world: World) -> None:
    case = world.case_to_call
    with pytest.raises(Unfit):
        step_to(case.pk, stage="shout", acting_user=world.staff["front_line"], now=NOW)
    with pytest.raises(NotFound):
        guidance_for(world.elsewhere, case.pk, now=NOW)
    with pytest.raises(NotFound):
        say_emotion(case.pk, emotion="calm", acting_user=world.elsewhere, now=NOW)
    with pytest.raises(NotAllowed):
        step_to(case.pk, stage="offer", acting_user=world.staff["administrator"], now=NOW)
    assert not Edit.objects.exists()


def test_the_words_of_a_call_are_filled_in_both_languages_and_gone_once_it_was_made(world: World) -> None:
    case, staff = world.case_to_call, world.staff["front_line"]
    call = case.actions.get(state="ready", performer="front_line")
    scripts = guidance_for(staff, case.pk, now=NOW)[2]
    assert "Rosa Klein, this is Test Air" in scripts[call.pk].en
    assert "Rosa Klein，您好，这里是测试航空" in scripts[call.pk].zh
    assert not any("{" in words.en + words.zh for words in scripts.values())
    assert all(one.channel != "outbox" for one in Action.objects.filter(pk__in=scripts))
    do_action(call.pk, acting_user=staff, now=NOW)
    assert call.pk not in guidance_for(staff, case.pk, now=NOW)[2]


def test_what_to_say_is_filled_with_what_happened(world: World) -> None:
    case = world.case_to_call
    step_to(case.pk, stage="explain", acting_user=world.staff["front_line"], now=NOW)
    guided = talk(world, case)
    assert case.what_happened.en in guided.say[0].en
    assert case.what_happened.zh in guided.say[0].zh
    assert not any("{" in line.en + line.zh for line in guided.say)


def test_all_of_it_takes_few_queries_whatever_was_said(world: World) -> None:
    case = world.case_to_call
    for minute in range(8):
        hear_customer(case.pk, words=f"Again: {minute}", acting_user=case.customer, now=NOW + timedelta(minutes=minute))
    guidance_for(world.staff["front_line"], case.pk, now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        guidance_for(world.staff["front_line"], case.pk, now=NOW)
    assert len(asked) <= 9
