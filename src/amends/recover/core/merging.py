"""What goes on when one case is merged into another: nothing that is owed is lost, nothing is given twice.

Two cases about the same harm owe the greater of what each owed, once. Two about different harms owe both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from amends.recover.core.action import ACTION
from amends.recover.core.step_names import base

ONE_TALK: Final = frozenset({"follow_up", "progress_notice"})  # one such conversation is enough for one customer
NEVER: Final = frozenset({"skipped", "refused"})


@dataclass(frozen=True, kw_only=True)
class Work:
    """An action as the merge looks at it."""

    id: int
    step: str
    kind: str
    state: str
    amount: Decimal | None
    currency: str

    @property
    def is_open(self) -> bool:
        return self.state not in ACTION.final

    @property
    def counts(self) -> bool:
        """It was done or still may be."""
        return self.state not in NEVER


@dataclass(frozen=True, kw_only=True)
class Merging:
    """What becomes of the open actions of both cases; one of the surviving case that is not named stays as it is."""

    moves: tuple[tuple[int, Decimal | None], ...]  # goes on in the surviving case, giving so much
    drops: tuple[int, ...]  # covered by another one


def merging(merged: Sequence[Work], survivor: Sequence[Work], *, same_harm: bool) -> Merging:
    """Decide about the open actions of a case to be merged and of the one that goes on.

    Args:
        merged: all actions of the case that ends.
        survivor: all actions of the case that goes on.
        same_harm: whether both are about one failure of one subject.
    """
    if not same_harm:
        talked = {one.kind for one in survivor if one.is_open and one.kind in ONE_TALK}
        going = [one for one in merged if one.is_open]
        return Merging(
            moves=tuple((one.id, one.amount) for one in going if one.kind not in talked),
            drops=tuple(one.id for one in going if one.kind in talked),
        )
    moves: list[tuple[int, Decimal | None]] = []
    drops: list[int] = []
    for name, currency in dict.fromkeys((base(one.step), one.currency) for one in (*survivor, *merged)):
        mine = [one for one in merged if one.counts and (base(one.step), one.currency) == (name, currency)]
        theirs = [one for one in survivor if one.counts and (base(one.step), one.currency) == (name, currency)]
        found = _money(mine, theirs) if any(one.amount for one in (*mine, *theirs)) else _words(mine, theirs)
        for one, goes_on, amount in found:
            if goes_on:
                moves.append((one.id, amount))
            else:
                drops.append(one.id)
    return Merging(moves=tuple(moves), drops=tuple(drops))


def _words(mine: Sequence[Work], theirs: Sequence[Work]) -> Iterator[tuple[Work, bool, Decimal | None]]:
    """What was said to the customer or done for them once need not be said or done again."""
    done = any(not one.is_open for one in (*mine, *theirs))
    for place, one in enumerate(one for one in (*theirs, *mine) if one.is_open):
        if done or place > 0:
            yield one, False, None
        elif one in mine:
            yield one, True, None


def _money(mine: Sequence[Work], theirs: Sequence[Work]) -> Iterator[tuple[Work, bool, Decimal | None]]:
    """Of one sum owed by both the greater is owed, less what was given already, as one action."""
    owed = max(_total(mine), _total(theirs))
    left = owed - _total([one for one in (*mine, *theirs) if not one.is_open])
    going = sorted((one for one in (*theirs, *mine) if one.is_open), key=lambda one: one.amount != left)
    for place, one in enumerate(going):
        if left <= 0 or place > 0:
            yield one, False, None
        elif one in mine or one.amount != left:
            yield one, True, left


def _total(works: Sequence[Work]) -> Decimal:
    return sum((one.amount or Decimal(0) for one in works), Decimal(0))
