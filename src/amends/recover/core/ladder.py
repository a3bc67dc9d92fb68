"""The ladder: whom a customer may turn to, one after another.

An objection leads one step up, never sideways or down."""

from dataclasses import dataclass
from typing import Final, Literal

from amends.kernel.blueprint.parts import Ladder, LadderStep

FIRST: Final = 1
Place = Literal["before", "now", "next", "later"]


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step as it stands for one case."""

    number: int
    step: LadderStep
    place: Place


def after_objection(current: int, ladder: Ladder) -> int:
    """The step that answers an objection made while `current` was responsible; from the last one nothing leads on."""
    return min(max(current, FIRST) + 1, len(ladder.steps))


def rungs(current: int, ladder: Ladder) -> tuple[Rung, ...]:
    """All steps, and where the case stands among them."""

    def place(number: int) -> Place:
        if number == current:
            return "now"
        return "before" if number < current else "next" if number == current + 1 else "later"

    return tuple(Rung(number=number, step=step, place=place(number)) for number, step in enumerate(ladder.steps, 1))
