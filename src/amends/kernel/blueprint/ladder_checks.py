"""Do escalations and the ladder lead upwards, step by step, in calendars that exist?"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, get_args

from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.parts import Role
from amends.kernel.blueprint.problems import Complaint, Path

RISING: Final = get_args(Role)


def escalations_and_ladder(blueprint: Blueprint) -> Iterator[Complaint]:
    yield from _escalations(blueprint)
    yield from _ladder(blueprint)
    yield from _clocks(blueprint)


def _escalations(blueprint: Blueprint) -> Iterator[Complaint]:
    seen: set[str] = set()
    for place, escalation in enumerate(blueprint.escalations):
        for index, kind in enumerate(escalation.clocks):
            if kind in seen:
                path: Path = ("escalations", place, "clocks", index)
                yield Complaint("playbooks", path, f"{kind} has an escalation already", "name each kind of clock once")
            seen.add(kind)
        for index, (earlier, later) in enumerate(pairwise(escalation.levels), start=1):
            if later.after <= earlier.after:
                path = ("escalations", place, "levels", index, "after")
                yield Complaint("playbooks", path, "is no later than the level before it", "order levels by time")


def _ladder(blueprint: Blueprint) -> Iterator[Complaint]:
    if blueprint.ladder is None:
        return
    for index, step in enumerate(blueprint.ladder.steps):
        if step.calendar != "always" and step.calendar not in blueprint.calendars:
            known = ", ".join(["always", *blueprint.calendars])
            path: Path = ("ladder", "steps", index, "calendar")
            yield Complaint("playbooks", path, f"there is no calendar {step.calendar!r}", f"there are: {known}")
    for index, (lower, higher) in enumerate(pairwise(blueprint.ladder.steps), start=1):
        if RISING.index(higher.role) <= RISING.index(lower.role):
            path = ("ladder", "steps", index, "role")
            message = f"{higher.role} is no step up from {lower.role}"
            yield Complaint("playbooks", path, message, f"rise in this order: {', '.join(RISING[:-1])}")


def _clocks(blueprint: Blueprint) -> Iterator[Complaint]:
    for place, playbook in enumerate(blueprint.playbooks):
        for name in type(playbook.clocks).model_fields:
            rule = getattr(playbook.clocks, name)
            path: Path = ("playbooks", place, "clocks", name)
            if rule.warn is not None and rule.warn >= rule.within:
                yield Complaint("playbooks", (*path, "warn"), "warns before the clock starts", "warn later")
            if rule.again is not None and name != "inform":
                yield Complaint("playbooks", (*path, "again"), "only news are promised again", "take it out")
