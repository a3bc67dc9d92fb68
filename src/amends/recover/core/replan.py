"""What the playbook would give now, beside the plan that is there: the difference, for a person to accept or leave.

Where the failure itself turned graver, the higher sum is owed without anybody accepting it: `growth` says of one remedy
of a plan what is to come on top.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.repairs import ADDED
from amends.kernel.rules import Facts
from amends.kernel.text import Localised
from amends.recover.core.action import UNDONE
from amends.recover.core.coverage import GIVEN_UP, Item
from amends.recover.core.plan import Decision, Step
from amends.recover.core.step_names import REFUSED, TO_CALL, base, begun_by


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
            and not item.step.startswith((ADDED, REFUSED, TO_CALL))
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


@dataclass(frozen=True, kw_only=True)
class Part:
    """One action of a remedy that a plan holds."""

    id: int
    state: str
    amount: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What a remedy of a plan comes to once the failure is graver: one action gives what is owed and not yet given."""

    action: int | None  # undone as yet: it gives the sum; None: a further one does
    instead_of: int | None  # leave was asked for less: it ends, and leave is asked for all of it anew
    amount: Decimal  # that the action gives
    given: Decimal  # by what is done
    held: Decimal  # by the plan as it was


def growth(parts: Sequence[Part], owed: Decimal) -> Growth | None:
    """What is to be given beyond what a plan holds; None if nothing is, or if it is not for the system to say.

    Args:
        parts: all actions of one remedy, in the order in which they came about, and none that a person altered.
        owed: by the tariff, as the facts are now.
    """
    standing = [part for part in parts if part.state not in GIVEN_UP]
    sums = [part.amount for part in standing if part.amount is not None]
    if not standing or parts[-1].state in GIVEN_UP or len(sums) < len(standing):
        return None  # somebody left it out or refused it; or they have yet to say how much it is
    held = sum(sums, Decimal(0))
    going = [part for part in standing if part.state != "done"]
    if owed <= held or len(going) > 1:
        return None
    given = held - sum((part.amount or Decimal(0) for part in going), Decimal(0))
    undone = next((part.id for part in going if part.state in UNDONE), None)
    asked = next((part.id for part in going if part.state not in UNDONE), None)
    return Growth(action=undone, instead_of=asked, amount=owed - given, given=given, held=held)


def graver(why: Reason, grown: Growth, currency: str) -> Reason:
    """Why a step gives the sum: as the tariff says, and that the failure turned graver."""
    owed, given, held = (Money(sum_, currency) for sum_ in (grown.given + grown.amount, grown.given, grown.held))
    if grown.given:
        en = f"The failure turned graver: of {owed.in_('en')} now owed, {given.in_('en')} was given before."
        zh = f"失误后来加重：现应给予{owed.in_('zh')}，此前已给予{given.in_('zh')}，此次补足差额。"
    else:
        en = f"The failure turned graver before this was given: {owed.in_('en')} instead of {held.in_('en')}."
        zh = f"失误在给予之前加重：由{held.in_('zh')}改为{owed.in_('zh')}。"
    text = Localised(en=f"{why.text.en} {en}", zh=f"{why.text.zh}{zh}")
    inputs = {**why.inputs, "owed": str(owed), "given_before": str(given), "planned_before": str(held)}
    return Reason(rule=why.rule, text=text, inputs=inputs)
