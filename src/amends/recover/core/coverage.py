"""A plan as one sees it before it has done anything: which justice each action speaks for, and what its parts are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Literal

from amends.kernel.blueprint.parts import Justice
from amends.kernel.repairs import Repair, repair_of

JUSTICES: Final[tuple[Justice, ...]] = ("distributive", "procedural", "interactional")
GIVEN_UP: Final = frozenset({"skipped", "refused"})  # an action in these states is no part of the plan any more


@dataclass(frozen=True, kw_only=True)
class Item:
    """One action of a plan, as far as its sort matters."""

    id: int
    step: str
    kind: str
    phase: Literal["immediate", "follow_up"]
    remedy: str
    channel: str
    amount: Decimal
    justice: tuple[str, ...]
    state: str
    due_in: timedelta  # after the case was opened

    @property
    def repair(self) -> Repair | None:
        """Which repair it is."""
        return repair_of(step=self.step, kind=self.kind, remedy=self.remedy, channel=self.channel)

    @property
    def counts(self) -> bool:
        """Whether it is, or will be, done."""
        return self.state not in GIVEN_UP


@dataclass(frozen=True, kw_only=True)
class Covered:
    """One justice and the actions that speak for it."""

    justice: Justice
    items: tuple[Item, ...]

    @property
    def missing(self) -> bool:
        """Nothing speaks for it."""
        return not self.items


def coverage(items: Iterable[Item]) -> tuple[Covered, ...]:
    """The three justices, each with what covers it."""
    counting = [item for item in items if item.counts]
    return tuple(
        Covered(justice=justice, items=tuple(item for item in counting if justice in item.justice))
        for justice in JUSTICES
    )
