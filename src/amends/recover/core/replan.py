"""What the playbook would give now, beside the plan that is there: the difference, for a person to accept or leave."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from amends.kernel.repairs import ADDED
from amends.kernel.rules import Facts
from amends.recover.core.action import UNDONE
from amends.recover.core.coverage import Item
from amends.recover.core.news import begun_by
from amends.recover.core.plan import Decision, Step


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
    there = {item.step: item for item in items}
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
            for item in there.values()
            if item.state in UNDONE
            and not item.step.startswith(ADDED)
            and (begun_by(item.step) not in steps or item.step in nothing)
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
