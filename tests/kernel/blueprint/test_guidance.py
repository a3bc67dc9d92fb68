"""The guidance that ships is whole, and a pack changes single entries of it; its mistakes are named."""

import re

import pytest

from amends.kernel.blueprint import Blueprint, BlueprintErrors, diff, load
from amends.kernel.blueprint.guidance import (
    EMOTIONS,
    SPOKEN,
    STAGES,
    advised,
    notes_for,
    phrases_for,
    standard_guidance,
)
from amends.kernel.text import places_in, shown
from tests.kernel.blueprint.conftest import BARBER, Pack

OWN = """
entries:
  - {emotion: angry, stage: offer, do: [{en: Offer a new cut., zh: 提出重新理发。}]}
  - {emotion: angry, stage: offer, kinds: [waiting], adds: true, avoid: [{en: A joke., zh: 开玩笑。}]}
words:
  angry: {en: [butcher*], zh: [狗啃]}
notes:
  - {id: face, locales: [zh], text: {en: Use a side room., zh: 请到里间谈。}, source: own assumption, confidence: low}
"""


def own(pack: Pack, text: str) -> Blueprint:
    (pack.folder / "guidance.yaml").write_text(text, encoding="utf-8")
    return load(pack.folder)


def test_what_ships_says_something_for_every_emotion_at_every_stage() -> None:
    ships = standard_guidance()
    moments = [(entry.emotion, entry.stage) for entry in ships.entries]
    assert sorted(moments) == sorted((emotion, stage) for emotion in EMOTIONS for stage in STAGES)
    assert (*ships.emotions,) == EMOTIONS
    assert (*ships.stages,) == STAGES
    for entry in ships.entries:
        assert entry.do
        assert entry.say
        assert entry.avoid
        assert not entry.kinds
        assert {place for said in entry.say for place in said.places} <= SPOKEN.keys()


def test_the_chinese_of_what_ships_has_full_width_punctuation_and_the_english_no_chinese() -> None:
    ships = standard_guidance()
    lines = [line for entry in ships.entries for line in (*entry.do, *entry.say, *entry.avoid)]
    lines += [text for one in ships.emotions.values() for text in (one.name, one.sign)]
    lines += [text for one in ships.stages.values() for text in (one.name, one.aim, one.next)]
    lines += [note.text for note in ships.notes]
    for line in lines:
        assert not re.search(r"[,.;:!?\"']", line.zh), line.zh
        assert not re.search(r"[\u4e00-\u9fff，。；：！？]", line.en), line.en


def test_who_claims_high_confidence_names_a_source_that_was_not_recalled() -> None:
    ships = standard_guidance()
    for one in (*ships.emotions.values(), *ships.stages.values(), *ships.notes):
        source = shown(one.source, "en")
        assert source
        if "recalled" in source or source.startswith("own"):
            assert one.confidence == "low"


def test_no_phrase_belongs_to_two_emotions() -> None:
    ships = standard_guidance()
    said = [phrase for one in ships.emotions.values() for phrase in (*one.phrases.en, *one.phrases.zh)]
    assert sorted(said) == sorted(set(said))


def test_a_pack_that_says_nothing_has_all_of_it_and_its_digest_stays() -> None:
    barber = load(BARBER)
    assert barber.guidance is None
    assert "guidance" not in barber.content()
    assert advised(barber.guidance, "angry", "listen", "waiting").rules == ("guidance.angry.listen",)


def test_a_pack_replaces_what_it_names_and_adds_for_one_kind(pack: Pack) -> None:
    barber = own(pack, OWN)
    assert Blueprint.from_content(barber.content()) == barber
    assert diff(load(BARBER), barber)
    ships, other = (advised(guide, "angry", "offer", "rude") for guide in (None, barber.guidance))
    assert [line.en for line in other.do] == ["Offer a new cut."]
    assert (other.say, other.avoid) == (ships.say, ships.avoid)
    waiting = advised(barber.guidance, "angry", "offer", "waiting")
    assert waiting.avoid == (*ships.avoid, waiting.avoid[-1])
    assert waiting.avoid[-1].zh == "开玩笑。"
    assert waiting.rules == ("guidance.angry.offer", "entries[0]", "entries[1]")
    assert advised(barber.guidance, "angry", "listen", "waiting") == advised(None, "angry", "listen", "waiting")
    assert "狗啃" in phrases_for(barber.guidance, "angry").zh
    assert "生气" in phrases_for(barber.guidance, "angry").zh


def test_culture_notes_are_for_their_locale_and_moment_and_a_packs_takes_the_place_of_its_id(pack: Pack) -> None:
    assert [note.id for note in notes_for(None, "humiliated", "listen", "zh-CN")] == ["voice-first", "face"]
    assert notes_for(None, "humiliated", "listen", "en") == ()
    assert notes_for(None, "calm", "agree", "zh_Hans") == ()
    barber = own(pack, OWN)
    assert [note.text.en for note in notes_for(barber.guidance, "calm", "agree", "zh")] == ["Use a side room."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("entries: [{emotion: cross, stage: listen, do: [{en: A., zh: 甲。}]}]", "emotion"),
        ("entries: [{emotion: angry, stage: shout, do: [{en: A., zh: 甲。}]}]", "stage"),
        ("entries: [{emotion: angry, stage: listen}]", "says nothing"),
        ("entries: [{emotion: angry, stage: listen, kinds: [dull], do: [{en: A., zh: 甲。}]}]", "no kind 'dull'"),
        (
            (
                "entries:\n- {emotion: angry, stage: listen, do: [{en: A., zh: 甲。}]}\n"
                "- {emotion: angry, stage: listen, say: [{en: A., zh: 甲。}]}"
            ),
            "has an entry already",
        ),
        ("entries: [{emotion: calm, stage: offer, say: [{en: 'Have {amount}.', zh: 甲。}]}]", "{amount} is not known"),
        ("entries: [{emotion: calm, stage: offer, say: [{en: Here., zh: ''}]}]", "write the text"),
        ("words: {angry: {en: ['*'], zh: [气]}}", "a phrase begins with a word"),
        (
            "notes:\n- &n {id: a, locales: [zh], text: {en: A., zh: 甲。}, source: x, confidence: low}\n- *n",
            "'a' is taken already",
        ),
        ("entrys: []", "did you mean entries?"),
    ],
)
def test_every_mistake_is_named_with_its_line(pack: Pack, text: str, said: str) -> None:
    with pytest.raises(BlueprintErrors, match=r"guidance\.yaml") as refused:
        own(pack, text)
    assert said in str(refused.value)
    assert all(problem.line for problem in refused.value.problems)


def test_a_sentence_to_be_said_has_the_same_places_in_both_languages() -> None:
    for entry in standard_guidance().entries:
        for said in entry.say:
            assert places_in(said.en) == places_in(said.zh)
