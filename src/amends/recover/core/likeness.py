"""Is it the same complaint once more? How like two cases of one customer are, and what speaks for it.

    0.45  if they are about the same subject
  + 0.15  if it is the same kind of failure
  + 0.25 x likeness of the words (shared pairs of characters over all: Jaccard 1901, on bigrams, which need no words)
  + 0.15 x nearness in time, falling to nothing at the end of the span

The weights are our own judgement; a person decides, so a wrong suggestion costs a glance.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from amends.kernel.alike import SAME_WORDS, shared_pairs

Sign = Literal["subject", "kind", "words", "time"]

SUBJECT, KIND, WORDS, TIME = 0.45, 0.15, 0.25, 0.15
SUGGESTED_FROM: Final = 0.5
SPAN: Final = timedelta(days=30)
NEAR: Final = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A case as far as it matters here."""

    subject: str
    kind: str
    opened_at: datetime
    words: str  # what the customer said; our own sentences are too much alike to tell anything


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How like, from 0 to 1, and the signs that a person would name."""

    score: float
    signs: tuple[Sign, ...]

    @property
    def suggested(self) -> bool:
        return self.score >= SUGGESTED_FROM


def likeness(one: Told, other: Told) -> Likeness:
    """The formula above; the same whichever of the two comes first."""
    apart = abs(one.opened_at - other.opened_at)
    words = shared_pairs(one.words, other.words)
    near = max(0.0, 1 - apart / SPAN)
    same_subject, same_kind = one.subject.casefold() == other.subject.casefold(), one.kind == other.kind
    signs: list[Sign] = []
    if same_subject:
        signs.append("subject")
    if same_kind:
        signs.append("kind")
    if words >= SAME_WORDS:
        signs.append("words")
    if apart <= NEAR:
        signs.append("time")
    score = (SUBJECT * same_subject + KIND * same_kind + WORDS * words + TIME * near) if apart <= SPAN else 0.0
    return Likeness(score=score, signs=tuple(signs))
