"""Does what a pack says about its own people fit together: every kind has a circle, and nothing internal leaks out?"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from amends.kernel.blueprint.internal import SUPPORT_FACTS
from amends.kernel.blueprint.model import Blueprint
from amends.kernel.blueprint.problems import Complaint, Path
from amends.kernel.blueprint.rule_checks import rule
from amends.kernel.blueprint.standard_parts import STANDARD_FORMS

WATCHED_FORMS: Final = frozenset({"opens", "forbids", "limits", "steps", "hears"})


def internal(blueprint: Blueprint) -> Iterator[Complaint]:
    """All that internal.yaml alone can get wrong; its kinds, playbooks and templates are checked with the others."""
    kinds = set(blueprint.internal.kinds)
    for what in ("standards", "circle"):
        for place, entry in enumerate(getattr(blueprint.internal, what)):
            for at, name in enumerate(entry.kinds):
                if name not in kinds:
                    path: Path = (what, place, "kinds", at)
                    remedy = f"there are: {', '.join(sorted(kinds)) or 'none'}"
                    yield Complaint("internal", path, f"there is no internal kind {name!r}", remedy)
    named = Counter(name for entry in blueprint.internal.circle for name in entry.kinds)
    for name in blueprint.internal.kinds:
        if named[name] != 1:
            message = f"{name} has {'no circle' if not named[name] else 'more than one circle'}"
            yield Complaint("internal", ("circle",), message, "name each kind in exactly one entry")
    yield from _playbooks(blueprint, kinds)
    yield from _watched(blueprint, kinds)
    yield from _support(blueprint)


def _playbooks(blueprint: Blueprint, kinds: set[str]) -> Iterator[Complaint]:
    for place, playbook in enumerate(blueprint.playbooks):
        inside = kinds & set(playbook.kinds)
        path: Path = ("playbooks", place)
        if inside and inside != set(playbook.kinds):
            message = "is for customers and for colleagues at once"
            yield Complaint("playbooks", (*path, "kinds"), message, "make it two playbooks")
        for at, action in enumerate(playbook.actions):
            if inside and action.tariff is not None:
                message = "colleagues are not compensated by tariff"
                yield Complaint("playbooks", (*path, "actions", at, "tariff"), message, "take it out")


def _watched(blueprint: Blueprint, kinds: set[str]) -> Iterator[Complaint]:
    for place, standard in enumerate(blueprint.standards):
        if told := ", ".join(sorted(standard.types & blueprint.internal.types)):
            message = f"{told}: what colleagues tell of each other stays confidential, and this would show it to all"
            remedy = "name other signals, or write it under watched of internal.yaml"
            yield Complaint("standards", ("standards", place), message, remedy)
        if standard.failure in kinds:
            message = "what colleagues owe each other stands apart, so that it stays confidential"
            yield Complaint(
                "standards", ("standards", place, "failure"), message, "write it under watched of internal.yaml"
            )
    for place, standard in enumerate(blueprint.internal.watched):
        here: Path = ("watched", place)
        if standard.failure in blueprint.taxonomy.kinds and standard.failure not in kinds:
            message = f"{standard.failure!r} is a failure of customers"
            yield Complaint("internal", (*here, "failure"), message, f"there are: {', '.join(sorted(kinds))}")
        for form in STANDARD_FORMS.keys() - WATCHED_FORMS:
            if getattr(standard, form) is not None:
                message = (
                    f"`{form}` is not for what colleagues owe each other: it speaks of many, or of customers' words"
                )
                yield Complaint("internal", (*here, form), message, f"write one of {', '.join(sorted(WATCHED_FORMS))}")


def _support(blueprint: Blueprint) -> Iterator[Complaint]:
    support = blueprint.internal.support
    known = {"always", *blueprint.calendars}
    for path, name in (
        (("support", "answer", "calendar"), support.answer.calendar),
        (("support", "give", "calendar"), support.give.calendar),
        (("support", "calendar"), support.calendar),
    ):
        if name is not None and name not in known:
            remedy = f"there are: {', '.join(sorted(known))}"
            yield Complaint("internal", path, f"there is no calendar {name!r}", remedy)
    seen: set[str] = set()
    for place, offer in enumerate(support.offers):
        here: Path = ("support", "offers", place)
        if offer.id in seen:
            yield Complaint("internal", (*here, "id"), f"{offer.id!r} is taken already", "give it another id")
        seen.add(offer.id)
        yield from rule("internal", here, offer.when, offer.reason, SUPPORT_FACTS)
