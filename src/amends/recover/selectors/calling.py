"""Everybody who can be called, as recover/core/calling.py chooses among them."""

from amends.people.models import Staff
from amends.recover.core.calling import Colleague


def colleagues() -> list[Colleague]:
    """Everybody active who may be called."""
    rows = Staff.objects.filter(is_active=True).values_list("pk", "role", "unit__path")
    return [Colleague(id=pk, role=role, path=path or "") for pk, role, path in rows]
