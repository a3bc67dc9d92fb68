"""A lesson: a cause found, what to change, and its evidence. The system drafts it; a person confirms or rejects it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from amends.kernel.lifecycle import Lifecycle
from amends.kernel.money import Money
from amends.kernel.taxonomy import Confidence, FailureKind
from amends.kernel.text import LANGUAGES, Language, Localised
from amends.learn.core import lesson_words as words

LESSON: Final = Lifecycle(
    name="lesson",
    initial="drafted",
    moves={
        "drafted": {"confirm": "confirmed", "reject": "rejected"},
        "confirmed": {"reconsider": "drafted"},
        "rejected": {"reconsider": "drafted"},
    },
    state_labels={
        "drafted": Localised(en="Drafted", zh="待确认"),
        "confirmed": Localised(en="Confirmed", zh="已确认"),
        "rejected": Localised(en="Rejected", zh="已否决"),
    },
    move_labels={
        "confirm": Localised(en="Confirm", zh="确认"),
        "reject": Localised(en="Reject", zh="否决"),
        "reconsider": Localised(en="Reconsider", zh="重新考虑"),
    },
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A unit and how many of the failures happened there."""

    code: str
    name: Localised
    failures: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was counted about one cause in one period."""

    kind: FailureKind
    step: Localised
    responsible: str
    failures: int
    controllable: int  # of the failures
    stable: int  # of the failures
    customers: int  # distinct
    cost: Money
    confidence: Confidence
    share: Decimal  # of all cost in the period, 0-1
    since: datetime
    until: datetime
    other_remedies: tuple[Money, ...] = ()  # in other currencies, a sum each; in neither cost nor share
    reason: Localised | None = None  # of the attribution, the one that most failures have
    places: tuple[Place, ...] = ()  # the most failures first
    hours: tuple[int, ...] = ()  # local, in order of the clock
    incidents: tuple[int, ...] = ()  # the most customers first
    examples: tuple[int, ...] = ()  # failures, the gravest first


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The words of a lesson before it has a row."""

    key: str
    title: Localised
    text: Localised
    direction: Localised


def standing_out(counts: Sequence[tuple[Any, int]], limit: int) -> list[tuple[Any, int]]:
    """The first few of what was counted, the most first; without those who have no more than the first left out.

    Args:
        counts: with one more than `limit`, where there are so many.
        limit: how many may be named.
    """
    bar = counts[limit][1] if len(counts) > limit else 0
    return [(name, count) for name, count in counts[:limit] if count > bar]


def lesson_key(kind: str, step: str, responsible: str, since: datetime, until: datetime) -> str:
    """One lesson a cause and period, however often it is drafted."""
    return f"{kind}|{step}|{responsible}|{since.isoformat()}|{until.isoformat()}"


def direction_of(kind: FailureKind, responsible: str) -> Localised:
    """Where a change should begin. What lies outside or with the customer is not a gap in our delivery, so only the
    second sentence speaks of it."""
    start = words.BY_RESPONSIBLE[responsible]
    if responsible in {"supplier", "external", "customer"}:
        return start
    gap = words.BY_GAP[kind.gap]
    return Localised(en=f"{gap.en} {start.en}", zh=gap.zh + start.zh)


def draft(evidence: Evidence, *, zone: tzinfo) -> Draft:
    """The lesson that the evidence tells, in both languages."""
    direction = direction_of(evidence.kind, evidence.responsible)
    return Draft(
        key=lesson_key(evidence.kind.id, evidence.kind.step, evidence.responsible, evidence.since, evidence.until),
        title=Localised(**{language: _title(evidence, language) for language in LANGUAGES}),
        text=Localised(**{language: _text(evidence, direction, zone, language) for language in LANGUAGES}),
        direction=direction,
    )


def _title(evidence: Evidence, language: Language) -> str:
    failures = _count(evidence.failures, "1 failure", "failures")
    cost = _listed([_shown(evidence), *_beside(evidence)])
    facts = {"kind": evidence.kind.name, "failures": failures, "cost": cost}
    return words.TITLE.filled(facts).in_(language)


def _text(evidence: Evidence, direction: Localised, zone: tzinfo, language: Language) -> str:
    # the period ends before `until`: the day that is named is the last one inside it
    last = max(evidence.since, evidence.until - timedelta(microseconds=1))
    facts = {
        "kind": evidence.kind.name,
        "step": evidence.step,
        "times": _count(evidence.failures, "once", "times"),
        "customers": _count(evidence.customers, "1 customer", "customers"),
        "cost": _shown(evidence),
        "confidence": words.CONFIDENCE[evidence.confidence],
        "share": _percent(evidence.share),
        "since": _day(evidence.since.astimezone(zone), language),
        "until": _day(last.astimezone(zone), language),
        "responsible": words.RESPONSIBLE[evidence.responsible],
        "preventable": _of(words.PREVENTABLE, evidence.controllable, evidence.failures),
        "recurring": _of(words.RECURRING, evidence.stable, evidence.failures),
    }
    told = [words.NUMBERS.filled(facts)]
    if beside := _beside(evidence):
        told.append(words.BESIDE.filled({"sums": _listed(beside)}))
    told.append(words.ATTRIBUTED.filled(facts))
    if evidence.reason is not None:
        told.append(words.REASON.filled({"reason": evidence.reason}))
    if evidence.places:
        named = [words.PLACE.filled({"name": one.name, "failures": one.failures}) for one in evidence.places]
        told.append(words.PLACES.filled({"places": _listed(named)}))
    if evidence.hours:
        told.append(words.HOURS.filled({"hours": _listed(_spans(evidence.hours))}))
    if shown := _examples(evidence):
        told.append(words.EXAMPLES.filled({"examples": _listed(shown)}))
    told.append(direction)
    return ("" if language == "zh" else " ").join(part.in_(language) for part in told)


def _examples(evidence: Evidence) -> list[Localised]:
    incidents = [words.INCIDENT.filled({"id": str(one)}) for one in evidence.incidents]
    return incidents or [words.FAILURE.filled({"id": str(one)}) for one in evidence.examples]


def _beside(evidence: Evidence) -> list[Localised]:
    return [Localised(en=given.in_("en"), zh=given.in_("zh")) for given in evidence.other_remedies]


def _shown(evidence: Evidence) -> Localised:
    """The cost with no more digits than it deserves: an estimate of low confidence is rounded to three and says so."""
    cost = evidence.cost
    if evidence.confidence != "low" or cost.amount < 1:
        return Localised(en=cost.in_("en"), zh=cost.in_("zh"))
    rounded = Money(cost.amount.quantize(Decimal(1).scaleb(cost.amount.adjusted() - 2)), cost.currency)
    whole = Localised(en=rounded.in_("en").replace(".00", ""), zh=rounded.in_("zh").replace(".00", ""))
    return words.ABOUT.filled({"cost": whole})


def _listed(parts: list[Localised]) -> Localised:
    english = [part.en for part in parts]
    first, last = ", ".join(english[:-1]), english[-1]
    return Localised(en=f"{first} and {last}" if first else last, zh="、".join(part.zh for part in parts))


def _count(number: int, one: str, many: str) -> Localised:
    return Localised(en=one if number == 1 else f"{number:,} {many}", zh=f"{number:,}")


def _spans(hours: Sequence[int]) -> list[Localised]:
    """Hours that follow one another are one span: 17, 18 and 21 are 17:00–19:00 and 21:00–22:00."""
    starts = [hour for hour in hours if hour - 1 not in hours]
    ends = [hour + 1 for hour in hours if hour + 1 not in hours]
    spans = (f"{start:02d}:00–{end:02d}:00" for start, end in zip(starts, ends, strict=True))
    return [Localised(en=span, zh=span) for span in spans]


def _day(at: datetime, language: Language) -> str:
    return f"{at.year}年{at.month}月{at.day}日" if language == "zh" else f"{at.day} {at:%B} {at.year}"


def _of(sayings: Mapping[str, Localised], part: int, whole: int) -> Localised:
    """All, none, or a share of the failures."""
    if part in {0, whole}:
        return sayings["all" if part else "none"]
    return sayings["some"].filled({"share": _percent(Decimal(part) / whole)})


def _percent(share: Decimal) -> str:
    """Whole per cent; what is little but not nothing is not shown as 0."""
    return "<1%" if 0 < share < Decimal("0.005") else f"{share * 100:.0f}%"
