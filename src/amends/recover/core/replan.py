"""What the playbook would give now, beside the plan that is there: the difference, for a person to accept or leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from amends.kernel.repairs import ADDED
from amends.kernel.rules import Facts
from amends.recover.core.action import UNDONE
from amends.recover.core.coverage import Item
from amends.recover.core.plan import Decision, Step
from amends.recover.core.step_names import base, begun_by


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The plan that the facts as judged now would get, as changes to the one that is there."""

    decision: Decision
    other_playbook: bool
    adds: tuple[tuple[Step, Decimal | None], ...]
    drops: tuple[Item, ...]  # undone, and no longer called for
    amounts: tuple[tuple[Item, Step, Decimal], ...]  # undone, and worth something else now

    @property
    def changes(self) -> bool:
        """Whether it differs from the plan at all."""
        return bool(self.other_playbook or self.adds or self.drops or self.amounts)


def propose(decision: Decision, items: Iterable[Item], facts: Facts, *, playbook: str) -> Proposal:
    """The difference; what was done stays done, and what a person added stays."""
    rows = tuple(items)
    there = _standing_for(rows)
    steps = {step.id: step for step in decision.steps}
    worth = {step.id: step.owed.amount(facts) if step.owed else None for step in decision.steps}
    nothing = {step for step, amount in worth.items() if amount is not None and amount <= 0}
    wanted = [step for step in decision.steps if step.id not in nothing]
    return Proposal(
        decision=decision,
        other_playbook=decision.playbook != playbook,
        adds=tuple((step, worth[step.id]) for step in wanted if step.id not in there),
        drops=tuple(
            item
            for item in rows
            if item.state in UNDONE
            and not item.step.startswith(ADDED)
            and (begun_by(item.step) not in steps or base(item.step) in nothing)
        ),
        amounts=tuple(
            (item, step, amount)
            for step in wanted
            if (item := there.get(step.id)) is not None
            and item.state in UNDONE
            and (amount := worth[step.id]) is not None
            and amount != item.amount
        ),
    )


def _standing_for(items: Iterable[Item]) -> dict[str, Item]:
    """The action for each step: of one that was begun anew, the first that was not given up."""
    found: dict[str, Item] = {}
    for item in sorted(items, key=lambda one: (not one.counts, len(one.step), one.step)):
        found.setdefault(base(item.step), item)
    return found
