"""A small company: a tree of units and people with roles in it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from amends.people.models import Staff, Unit
from amends.people.services import create_staff, plant_units

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
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
    def make(role: str, *, unit: Unit | None = None, email: str = "") -> Staff:
        place = unit.code if unit else "all"
        address = email or f"{role}.{place}@example.test".lower()
        return create_staff(email=address, name=role, role=role, unit=unit, now=NOW, acting_user=None)

    return make
