"""What a customer feels, read from what is known; and how far the talk with them has come. Both are guesses with a
reason: whoever speaks with the customer knows better, and what they say stands.

Words come first: the customer's latest that speak for any emotion. Without such words the facts speak, rule by rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from amends.kernel.blueprint.guidance import STAGES, Emotion, Stage
from amends.kernel.reason import Reason
from amends.kernel.severity import SEVERITIES, SEVERITY_NAMES
from amends.kernel.taxonomy import Confidence, Phrases
from amends.kernel.text import Localised
from amends.recover.core.advice import OURS
from amends.recover.core.customer_words import first_spoken

VERSION: Final = "2026.1"  # of these rules
STAGE_OF: Final[Mapping[str, Stage]] = {
    "apology": "apologise",
    "explanation": "explain",
    "reinstatement": "offer",
    "substitute": "offer",
    "compensation": "offer",
}
"""Which stage an action stands for once a person has done it."""
TALKS: Final = frozenset({"call", "follow_up"})  # done by a person, the customer was heard


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words of the customer's own."""

    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a customer's feeling is read from."""

    said: tuple[Said, ...] = ()  # the latest first
    severity: int
    loss: str  # outcome or process
    by_employee: bool  # an act of one of us: Bitner, Booms & Tetreault's third group
    responsible: str
    controllable: bool
    earlier_failures: int = 0  # within a year before
    objections: int = 0
    late: bool = False  # the repair is later than we promised
    untold: bool = False  # the news that we promised are late
    vulnerable: bool = False


@dataclass(frozen=True, kw_only=True)
class Felt:
    """An emotion, why we think so, and how sure that is."""

    emotion: Emotion
    why: Reason
    confidence: Confidence
    source: str
    by_words: bool = False
    at: datetime | None = None  # when the words were said


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One sign in the facts, and what it speaks for."""

    id: str
    holds: Callable[[Known], bool]
    emotion: Emotion
    text: Localised
    inputs: tuple[str, ...]  # what it looked at
    source: str
    confidence: Confidence = "low"


RULES: Final[Sequence[Rule]] = (
    Rule(
        id="objected-again",
        holds=lambda it: it.objections > 1,
        emotion="angry",
        text=Localised(en="The customer has objected more than once.", zh="顾客已不止一次提出异议。"),
        inputs=("objections",),
        source="own assumption",
    ),
    Rule(
        id="employee-act",
        holds=lambda it: it.by_employee and it.loss == "process",
        emotion="humiliated",
        text=Localised(
            en="What hurt was how one of us treated the customer.", zh="让顾客受伤的，是我们员工对待顾客的方式。"
        ),
        inputs=("by_employee", "loss"),
        source="a process failure is a social loss, Smith, Bolton & Wagner 1999",
        confidence="medium",
    ),
    Rule(
        id="late-repair",
        holds=lambda it: it.late,
        emotion="angry",
        text=Localised(en="The repair is later than we promised.", zh="补救已经超过了我们承诺的时间。"),
        inputs=("late",),
        source="own assumption",
    ),
    Rule(
        id="severe-and-ours",
        holds=lambda it: it.severity >= SEVERITIES["severe"] and it.controllable and it.responsible in OURS,
        emotion="angry",
        text=Localised(
            en="It hit the customer gravely, and it was in our hands.", zh="对顾客影响严重，而且本来是我们可以避免的。"
        ),
        inputs=("severity", "controllable", "responsible"),
        source="a cause that could be controlled makes angry, Folkes 1984 (recalled)",
    ),
    Rule(
        id="failed-often",
        holds=lambda it: it.earlier_failures > 1,
        emotion="angry",
        text=Localised(
            en="We have failed this customer several times within a year.",
            zh="一年之内，我们已多次让这位顾客遇到问题。",
        ),
        inputs=("earlier_failures",),
        source="no recovery paradox after a second failure, Maxham & Netemeyer 2002; the emotion is our own assumption",
    ),
    Rule(
        id="untold",
        holds=lambda it: it.untold,
        emotion="worried",
        text=Localised(
            en="The customer waits for news that we promised.", zh="我们承诺的进展通知没有按时给到，顾客还在等。"
        ),
        inputs=("untold",),
        source="clear words about the waiting time strengthen positive emotion, Valentini et al. 2020",
        confidence="medium",
    ),
    Rule(
        id="vulnerable",
        holds=lambda it: it.vulnerable,
        emotion="worried",
        text=Localised(en="The customer needs particular care.", zh="这位顾客需要特别关照。"),
        inputs=("vulnerable",),
        source="own assumption",
    ),
    Rule(
        id="severe",
        holds=lambda it: it.severity >= SEVERITIES["severe"],
        emotion="worried",
        text=Localised(
            en="It hit the customer gravely, by a cause outside our hands.",
            zh="对顾客影响严重，原因不在我们的控制之内。",
        ),
        inputs=("severity", "controllable", "responsible"),
        source="own assumption",
    ),
    Rule(
        id="objected",
        holds=lambda it: it.objections > 0,
        emotion="disappointed",
        text=Localised(en="The customer did not agree with our answer.", zh="顾客不认可我们之前的答复。"),
        inputs=("objections",),
        source="own assumption",
    ),
    Rule(
        id="failed-before",
        holds=lambda it: it.earlier_failures > 0,
        emotion="disappointed",
        text=Localised(
            en="It is not the first time that we have failed this customer.",
            zh="这已不是我们第一次让这位顾客遇到问题。",
        ),
        inputs=("earlier_failures",),
        source="no recovery paradox after a second failure, Maxham & Netemeyer 2002; the emotion is our own assumption",
    ),
    Rule(
        id="moderate",
        holds=lambda it: it.severity >= SEVERITIES["moderate"],
        emotion="disappointed",
        text=Localised(
            en="The customer did not get what was promised, and it was no trifle.",
            zh="顾客没有得到承诺的服务，而且影响不小。",
        ),
        inputs=("severity",),
        source="unmet expectation rather than blame, Zeelenberg & Pieters 2004 (recalled)",
    ),
    Rule(
        id="nothing-speaks",
        holds=lambda _: True,
        emotion="calm",
        text=Localised(en="Nothing we know speaks for strong feelings.", zh="目前没有迹象表明顾客情绪激动。"),
        inputs=("severity",),
        source="own assumption",
    ),
)
"""The first that holds counts; the last always does."""


def emotion_of(known: Known, phrases: Mapping[Emotion, Phrases]) -> Felt:
    """What the customer feels, as far as one can tell, with the reason.

    Args:
        known: what is known.
        phrases: what customers say who feel so, the gravest first: of several in the same words, the first counts.
    """
    for said in known.said:  # the latest first
        if found := first_spoken(said.text, phrases):
            return _by_words(*found, said.at)
    rule = next(rule for rule in RULES if rule.holds(known))
    why = Reason(
        rule=f"emotion.{rule.id}",
        text=rule.text,
        inputs={name: _plain(name, getattr(known, name)) for name in rule.inputs} | {"version": VERSION},
    )
    return Felt(emotion=rule.emotion, why=why, confidence=rule.confidence, source=rule.source)


def _plain(name: str, value: object) -> object:
    return SEVERITY_NAMES[value] if name == "severity" and isinstance(value, int) else value


def _by_words(emotion: Emotion, words: Sequence[str], at: datetime) -> Felt:
    first = words[:3]  # enough to see why
    en = ", ".join(f"“{word}”" for word in first)
    zh = "、".join(f"“{word}”" for word in first)
    why = Reason(
        rule=f"emotion.words.{emotion}",
        text=Localised(en=f"The customer's own words: {en}.", zh=f"顾客的原话：{zh}。"),
        inputs={"words": list(words), "version": VERSION},
    )
    return Felt(emotion=emotion, why=why, confidence="medium", source="the customer's own words", by_words=True, at=at)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a person set by hand, and when."""

    value: str
    at: datetime

    def stands(self, since: datetime | None) -> bool:
        """Whether nothing that was said since overtakes it."""
        return bool(self.value) and (since is None or self.at >= since)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What was done of a talk, each at its latest time; and when the customer spoke last."""

    done: Mapping[Stage, datetime] = field(default_factory=dict)
    said_at: datetime | None = None  # anything, in their own words
    objected_at: datetime | None = None  # against what we had answered


@dataclass(frozen=True, kw_only=True)
class Reached:
    """The stage that comes now, and those that are behind."""

    stage: Stage
    behind: tuple[Stage, ...]
    by_hand: bool  # a person set it, and nothing has overtaken that since

    @property
    def following(self) -> Stage | None:
        """The stage to step on to; None at the last one."""
        later = [one for one in STAGES[STAGES.index(self.stage) + 1 :] if one not in self.behind]
        return later[0] if later else None


def stage_reached(progress: Progress, chosen: Chosen | None = None) -> Reached:
    """The first stage that is still to come. New words want to be heard; an objection begins the talk anew.

    Args:
        progress: what was done.
        chosen: the stage that a person set; what came before it counts as done then.
    """
    hand = chosen if chosen is not None and chosen.value in STAGES and chosen.stands(progress.objected_at) else None
    at = STAGES.index(hand.value) if hand else -1
    behind = []
    for place, stage in enumerate(STAGES):
        since = [progress.objected_at, progress.said_at if stage == "listen" else None]
        limit = max((one for one in since if one is not None), default=None)
        if hand is not None and place < at and hand.stands(limit):
            behind.append(stage)
            continue
        done = progress.done.get(stage)
        overtaken = hand is not None and place >= at and done is not None and done <= hand.at
        if done is not None and not overtaken and (limit is None or done >= limit):
            behind.append(stage)
    stage = next((one for one in STAGES if one not in behind), STAGES[-1])
    return Reached(stage=stage, behind=tuple(behind), by_hand=hand is not None and stage == hand.value)
