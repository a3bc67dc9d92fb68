"""Reads of the blueprint store."""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Model

from amends.kernel.blueprint import Blueprint
from amends.policy.models import BlueprintVersion, Deployment, Explanation


class NotSetUp(LookupError):
    """This database has no deployment or no blueprint yet."""


def deployment() -> Deployment:
    """What this database is for.

    Raises:
        NotSetUp: before `amends init` or `amends demo`.
    """
    found = Deployment.objects.filter(pk=1).first()
    if found is None:
        raise NotSetUp("Nothing is set up in this database yet. Run `amends init` for a company, or `amends demo`.")
    return found


def version_in_force(name: str) -> BlueprintVersion:
    """The newest published version of a pack.

    Raises:
        NotSetUp: no version of that name was published.
    """
    # the content is large; blueprint_of reads it, once a process
    found = BlueprintVersion.objects.filter(name=name).defer("content").order_by("-number").first()
    if found is None:
        raise NotSetUp(f"No blueprint {name!r} is published here. Run `amends blueprint publish {name}`.")
    return found


@lru_cache(maxsize=32)
def blueprint_of(version_id: int) -> Blueprint:
    """The pack of one published version; versions never change, so each is parsed once a process."""
    content = BlueprintVersion.objects.values_list("content", flat=True).get(pk=version_id)
    return Blueprint.from_content(content)


def with_explanations(pointers: Iterable[tuple[Model | None, str]]) -> None:
    """Put the explanations that these fields of these rows point to at hand, all in one query."""
    found = [(row, name, getattr(row, f"{name}_id")) for row, name in pointers if row is not None]
    explained = Explanation.objects.in_bulk({pk for _, _, pk in found if pk is not None})
    for row, name, pk in found:
        setattr(row, name, None if pk is None else explained[pk])
