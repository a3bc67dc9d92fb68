"""What a checklist still lacks when a case is about to be closed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from amends.kernel.blueprint.parts import ChecklistItem
from amends.kernel.text import Localised


class NotTicked(RuntimeError):
    """A case that its playbook does not let be closed yet; `items` are the steps to be taken first."""

    def __init__(self, items: tuple[Localised, ...]) -> None:
        self.items = items
        super().__init__("Not closed: the checklist still lacks " + "; ".join(item.en for item in items))


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Steps not ticked: those without which a case is not closed, and those that are only reminded of."""

    must: tuple[Localised, ...]
    should: tuple[Localised, ...]


def missing(items: Iterable[ChecklistItem], ticked: Collection[str]) -> Missing:
    """What is lacking before closing."""
    left = [item for item in items if item.id not in ticked]
    return Missing(
        must=tuple(item.text for item in left if item.before_closing == "must"),
        should=tuple(item.text for item in left if item.before_closing == "should"),
    )
