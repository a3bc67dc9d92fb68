"""A small company: a tree of units and people with roles in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.people.models import Staff, Unit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    from amends.people.models import Unit
    from amends.people.services import plant_units

    ids = plant_units(
        [
            ("EWR-IAH", "EWR", "Newark to Houston", "纽瓦克至休斯敦"),
            ("HQ", None, "Headquarters", "总部"),
            ("EWR", "HQ", "Newark", "纽瓦克"),
            ("JFK", "HQ", "Kennedy", "肯尼迪"),
            ("EWR_X", "HQ", "Not below Newark", "不属纽瓦克"),
        ]
    )
    return {code: Unit.objects.get(pk=pk) for code, pk in ids.items()}


@pytest.fixture
def hire(db: None) -> Callable[..., Staff]:
    from amends.people.services import create_staff

    def make(role: str, *, unit: Unit | None = None, email: str = "") -> Staff:
        place = unit.code if unit else "all"
        address = email or f"{role}.{place}@example.test".lower()
        return create_staff(email=address, name=role, role=role, unit=unit, now=NOW, acting_user=None)

    return make
