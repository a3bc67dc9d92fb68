"""Guidance for whoever speaks with a customer: by what the customer feels and how far the talk has come.

A whole guidance ships for every industry (blueprints/guidance.yaml); a pack changes single entries or adds to them.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from amends.kernel.blueprint.source import read
from amends.kernel.taxonomy import Confidence, Frozen, Phrases
from amends.kernel.text import Localised, Said, Template

Emotion = Literal["threatening", "humiliated", "angry", "worried", "disappointed", "calm"]
EMOTIONS: Final[tuple[Emotion, ...]] = get_args(Emotion)
"""The gravest first: of several that the same words speak for, the first counts."""
Stage = Literal["listen", "apologise", "explain", "offer", "agree"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""In the order in which a talk takes them."""
SPOKEN: Final[Mapping[str, str]] = {
    "name": "the customer, as they like to be addressed",
    "company": "our name",
    "subject": "what the service was about",
    "what_happened": "the failure, a full sentence",
    "cause": "why, a full sentence",
}
"""All that a sentence to be said may speak of: every case has it."""
STANDARD: Final = FilePath(__file__).parents[2] / "blueprints" / "guidance.yaml"
Lines = Annotated[tuple[Localised, ...], Field(max_length=3)]


class Entry(Frozen):
    """What to do, to say and not to say at one emotion and one stage. What an entry leaves out stays as it was."""

    emotion: Emotion
    stage: Stage
    kinds: tuple[str, ...] = ()  # of failure; none: whatever failed
    adds: bool = False  # to what is there, in place of replacing it
    do: Lines = ()
    say: Annotated[tuple[Template, ...], Field(max_length=2)] = ()
    avoid: Lines = ()

    @property
    def of(self) -> tuple[Emotion, Stage, tuple[str, ...]]:
        """What it is for; a pack has one for each."""
        return self.emotion, self.stage, self.kinds


class CultureNote(Frozen):
    """What is known of customers of some locales. Direction only: what the one customer wants counts for more."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    locales: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,8})*$")], ...] = Field(min_length=1)
    emotions: tuple[Emotion, ...] = ()  # none: whatever they feel
    stages: tuple[Stage, ...] = ()  # none: throughout
    text: Localised
    source: Said
    confidence: Confidence

    def speaks_of(self, emotion: Emotion, stage: Stage, locale: str) -> bool:
        """Whether it is for this moment with a customer of that locale."""
        spelt = locale.replace("_", "-").lower()
        here = any(spelt == one.lower() or spelt.startswith(f"{one.lower()}-") for one in self.locales)
        return here and emotion in (self.emotions or EMOTIONS) and stage in (self.stages or STAGES)


class Guidance(Frozen):
    """guidance.yaml"""

    entries: tuple[Entry, ...] = ()
    words: dict[Emotion, Phrases] = Field(default_factory=dict)  # more that customers say when they feel so
    notes: tuple[CultureNote, ...] = ()  # one with the id of a note that ships takes its place


class EmotionMeant(Frozen):
    """What an emotion is called, how one knows it, and what customers say who feel so."""

    name: Localised
    sign: Localised
    source: str
    confidence: Confidence
    phrases: Phrases


class StageMeant(Frozen):
    """What a stage is called, when it is reached, and what stepping on from it says."""

    name: Localised
    aim: Localised
    next: Localised
    source: str
    confidence: Confidence


class StandardGuidance(Guidance):
    """The guidance that ships: whole, for every emotion at every stage."""

    version: str
    emotions: dict[Emotion, EmotionMeant]
    stages: dict[Stage, StageMeant]


class Advised(Frozen):
    """What holds at one emotion and stage, and which entries said so."""

    do: tuple[Localised, ...]
    say: tuple[Template, ...]
    avoid: tuple[Localised, ...]
    rules: tuple[str, ...]  # their places: `guidance.angry.listen` for one that ships, `entries[2]` for a pack's own


@lru_cache(maxsize=1)
def standard_guidance() -> StandardGuidance:
    """What ships."""
    document = read(STANDARD)
    return StandardGuidance.model_validate(document.data)


def advised(own: Guidance | None, emotion: Emotion, stage: Stage, kind: str) -> Advised:
    """What holds for a failure of that kind: what ships, over it the pack's own, over that the pack's own for the kind.

    Args:
        own: what the pack says, if anything.
        emotion: what the customer feels.
        stage: how far the talk has come.
        kind: of failure.
    """
    ours = standard_guidance().entries
    said = [(f"guidance.{emotion}.{stage}", one) for one in ours if (one.emotion, one.stage) == (emotion, stage)]
    theirs = [(f"entries[{at}]", one) for at, one in enumerate(own.entries if own else ())]
    for narrow in (False, True):
        said += [
            (rule, one)
            for rule, one in theirs
            if (one.emotion, one.stage) == (emotion, stage)
            and bool(one.kinds) is narrow
            and (not one.kinds or kind in one.kinds)
        ]
    found = Advised(do=(), say=(), avoid=(), rules=())
    for rule, one in said:
        fresh = {name: getattr(one, name) for name in ("do", "say", "avoid") if getattr(one, name)}
        if one.adds:
            fresh = {name: (*getattr(found, name), *lines) for name, lines in fresh.items()}
        found = found.model_copy(update={**fresh, "rules": (*found.rules, rule)})
    return found


def phrases_for(own: Guidance | None, emotion: Emotion) -> Phrases:
    """What customers say who feel so: the words that ship, and the pack's own."""
    ships = standard_guidance().emotions[emotion].phrases
    more = own.words.get(emotion) if own else None
    return ships if more is None else Phrases(en=(*ships.en, *more.en), zh=(*ships.zh, *more.zh))


def notes_for(own: Guidance | None, emotion: Emotion, stage: Stage, locale: str) -> tuple[CultureNote, ...]:
    """The culture notes for this moment; the pack's in place of those of the same id."""
    notes = {note.id: note for note in (*standard_guidance().notes, *(own.notes if own else ()))}
    return tuple(note for note in notes.values() if note.speaks_of(emotion, stage, locale))
