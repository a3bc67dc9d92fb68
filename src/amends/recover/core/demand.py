"""A demand beyond what can be given: which of the pack's actions are added to the plan, and why."""

from dataclasses import dataclass

from amends.kernel.blueprint import Blueprint, PlannedAction
from amends.kernel.money import Money
from amends.kernel.reason import Reason
from amends.kernel.rules import Facts
from amends.kernel.text import Localised


@dataclass(frozen=True, kw_only=True)
class Added:
    """One action that the demand adds."""

    action: PlannedAction
    why: Reason


def actions_for(facts: Facts, blueprint: Blueprint) -> tuple[Added, ...]:
    """What is added to the plan of a case with these facts; nothing if the pack has no plan for demands."""
    if blueprint.demands is None:
        return ()
    facts = blueprint.completed(facts)
    return tuple(
        Added(
            action=action,
            why=Reason(
                rule=f"demands.actions.{action.id}",
                text=action.reason.filled(facts),
                inputs={
                    name: facts[name]
                    for name in sorted(action.when.facts_used() if action.when else ())
                    if facts.get(name) is not None
                },
            ),
        )
        for action in blueprint.demands.actions
        if action.when is None or action.when.holds(facts)
    )


def why_marked(asked: Money | None, given: Money) -> Reason:
    """Why the case is marked, in words that hold for whatever is asked."""
    if asked is None:
        text = Localised(
            en="The customer asks for something that we cannot give; the prepared plan for that is added.",
            zh="顾客提出了我们无法满足的诉求，因此加入相应的预案措施。",
        )
    else:
        text = Localised(
            en=(
                f"The customer asks for {asked.in_('en')}; what this case gives comes to {given.in_('en')}."
                " The prepared plan for demands beyond what can be given is added."
            ),
            zh=f"顾客要求{asked.in_('zh')}，而本案可给予{given.in_('zh')}，因此加入诉求超出范围的预案措施。",
        )
    inputs = {"given": str(given.amount)} | ({"asked": str(asked.amount)} if asked else {})
    return Reason(rule="demands", text=text, inputs=inputs)
