"""What a customer feels, read from words first and facts second; and how far the talk has come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint.guidance import EMOTIONS, STAGES, phrases_for
from amends.recover.core.emotion import Chosen, Known, Progress, Said, emotion_of, stage_reached

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHRASES = {emotion: phrases_for(None, emotion) for emotion in EMOTIONS}
LIGHT: dict[str, Any] = {
    "severity": 1,
    "loss": "outcome",
    "by_employee": False,
    "responsible": "process",
    "controllable": True,
}


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def felt(*words: str, **facts: Any) -> Any:
    """The words with the latest first."""
    said = tuple(Said(at=at(-place), text=text) for place, text in enumerate(words))
    return emotion_of(Known(said=said, **{**LIGHT, **facts}), PHRASES)


@pytest.mark.parametrize(
    ("words", "emotion"),
    [
        ("I will sue you over this.", "threatening"),
        ("我要打12315投诉，还要发到网上！", "threatening"),
        ("You will never see me again.", "threatening"),
        ("She laughed at me in front of my children.", "humiliated"),
        ("服务员当着所有人的面说我，太没面子了。", "humiliated"),
        ("This is unacceptable, I am furious", "angry"),
        ("你们一直踢皮球，气死我了", "angry"),
        ("My mother's medication is in there, what should I do?", "worried"),
        ("怎么办，我赶不上明天的考试了", "worried"),
        ("I expected better from you.", "disappointed"),
        ("真让人失望", "disappointed"),
        ("Thank you, no hurry.", "calm"),
        ("没关系，辛苦了", "calm"),
        ("Thanks for nothing, I am furious.", "angry"),  # the gravest of what the same words speak for
    ],
)
def test_words_speak_for_an_emotion_in_both_languages(words: str, emotion: str) -> None:
    found = felt(words)
    assert (found.emotion, found.by_words) == (emotion, True)
    assert found.why.rule == f"emotion.words.{emotion}"
    assert found.why.inputs["words"]


@pytest.mark.parametrize(
    "words",
    [
        "I am not angry.",
        "我没有生气。",
        "The flight left at ten.",
        "我无法理解。",
        "这要求不过分。",
        "房间的垃圾没有倒。",
        "最后一次登机广播",
    ],
)
def test_what_is_denied_or_says_nothing_does_not_count(words: str) -> None:
    assert not felt(words).by_words


def test_the_latest_words_that_speak_for_anything_count() -> None:
    assert felt("When does it come?", "Thank you for the call.", "I am furious!").emotion == "calm"
    assert felt("I am furious!", "Thank you.").emotion == "angry"


@pytest.mark.parametrize(
    ("facts", "emotion", "rule"),
    [
        ({}, "calm", "nothing-speaks"),
        ({"severity": 2}, "disappointed", "moderate"),
        ({"severity": 3}, "angry", "severe-and-ours"),
        ({"severity": 3, "responsible": "external", "controllable": False}, "worried", "severe"),
        ({"loss": "process", "by_employee": True, "severity": 3}, "humiliated", "employee-act"),
        ({"vulnerable": True}, "worried", "vulnerable"),
        ({"untold": True}, "worried", "untold"),
        ({"late": True}, "angry", "late-repair"),
        ({"earlier_failures": 1}, "disappointed", "failed-before"),
        ({"earlier_failures": 2}, "angry", "failed-often"),
        ({"objections": 1}, "disappointed", "objected"),
        ({"objections": 2}, "angry", "objected-again"),
    ],
)
def test_without_words_the_facts_speak_and_say_why(facts: dict[str, Any], emotion: str, rule: str) -> None:
    found = felt(**facts)
    assert (found.emotion, found.why.rule) == (emotion, f"emotion.{rule}")
    assert found.why.text.en
    assert found.why.text.zh
    assert {"version"} < set(found.why.inputs)


@given(
    st.builds(
        Known,
        said=st.lists(st.builds(Said, at=st.just(NOON), text=st.text()), max_size=3).map(tuple),
        severity=st.sampled_from([1, 2, 3]),
        loss=st.sampled_from(["outcome", "process"]),
        by_employee=st.booleans(),
        responsible=st.sampled_from(["person", "process", "supplier", "customer", "external"]),
        controllable=st.booleans(),
        earlier_failures=st.integers(0, 5),
        objections=st.integers(0, 3),
        late=st.booleans(),
        untold=st.booleans(),
        vulnerable=st.booleans(),
    )
)
def test_whatever_is_known_there_is_one_emotion_with_a_reason_in_both_languages(known: Known) -> None:
    found = emotion_of(known, PHRASES)
    assert found == emotion_of(known, PHRASES)
    assert found.emotion in EMOTIONS
    assert found.why.text.en
    assert found.why.text.zh


def test_the_talk_goes_on_as_things_are_done() -> None:
    done: dict[Any, datetime] = {}
    for place, stage in enumerate(STAGES):
        assert stage_reached(Progress(done=dict(done), said_at=at(-1))).stage == stage
        done[stage] = at(place)
    assert stage_reached(Progress(done=done)).stage == "agree"
    assert stage_reached(Progress(done=done)).following is None


def test_letters_that_went_out_by_themselves_have_heard_nobody() -> None:
    sent = {"apologise": at(0), "explain": at(0), "offer": at(0)}
    reached = stage_reached(Progress(done=sent))
    assert (reached.stage, reached.behind, reached.following) == ("listen", ("apologise", "explain", "offer"), "agree")


def test_new_words_want_to_be_heard_and_an_objection_begins_anew() -> None:
    done = {"listen": at(0), "apologise": at(1), "explain": at(2)}
    assert stage_reached(Progress(done=done, said_at=at(3))).stage == "listen"
    assert stage_reached(Progress(done=done, said_at=at(3))).following == "offer"
    anew = stage_reached(Progress(done={**done, "listen": at(5)}, said_at=at(3), objected_at=at(3)))
    assert anew.stage == "apologise"


def test_a_person_goes_on_or_back_by_hand_and_what_is_done_since_carries_on() -> None:
    on = Chosen(value="explain", at=at(1))
    assert stage_reached(Progress(), on) == stage_reached(Progress(done={}), on)
    assert stage_reached(Progress(), on).stage == "explain"
    assert stage_reached(Progress(), on).by_hand
    assert stage_reached(Progress(done={"explain": at(2)}), on).stage == "offer"
    assert stage_reached(Progress(said_at=at(2)), on).stage == "listen"
    back = Chosen(value="apologise", at=at(4))
    assert stage_reached(Progress(done={"listen": at(0), "apologise": at(1)}), back).stage == "apologise"
    assert stage_reached(Progress(objected_at=at(5)), back).stage == "listen"


@given(
    st.dictionaries(st.sampled_from(STAGES), st.integers(0, 9).map(at)),
    st.none() | st.integers(0, 9).map(at),
    st.none() | st.integers(0, 9).map(at),
    st.none() | st.builds(Chosen, value=st.sampled_from(STAGES), at=st.integers(0, 9).map(at)),
)
def test_the_stage_to_step_on_to_lies_ahead_and_stepping_on_leads_there(
    done: Any, said_at: datetime | None, objected_at: datetime | None, chosen: Chosen | None
) -> None:
    progress = Progress(done=done, said_at=said_at, objected_at=objected_at)
    reached = stage_reached(progress, chosen)
    if reached.following is None:
        return
    assert STAGES.index(reached.following) > STAGES.index(reached.stage)
    later = stage_reached(progress, Chosen(value=reached.following, at=at(10)))
    assert later.stage == reached.following
