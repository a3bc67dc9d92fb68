"""A small world for the monitor: the airline's blueprint, two stations, and passengers on a roster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.monitor.told import NOON, SUBJECT

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.policy.models import BlueprintVersion


@pytest.fixture
def version(db: None) -> BlueprintVersion:
    from tests.monitor.airline import published

    return published()


@pytest.fixture
def tell(version: BlueprintVersion) -> Callable[..., None]:
    """Signals about one flight, scheduled for noon."""

    def told(type_: str, at: datetime, *, subject: str = SUBJECT, **data: Any) -> None:
        from amends.monitor.core.signal import SignalIn
        from amends.monitor.services import accept_signals

        signal = SignalIn(id=f"{subject}#{type_}", source="test", type=type_, subject=subject, time=at, data=data)
        accept_signals([signal], now=at)

    return told


@pytest.fixture
def board(version: BlueprintVersion) -> Callable[..., None]:
    """Put passengers on the roster of a flight."""

    def boarded(people: Mapping[str, Mapping[str, Any]], *, subject: str = SUBJECT) -> None:
        from amends.monitor.services import keep_roster
        from amends.people.services import keep_customers

        known = [{"reference": reference, "name": reference, "locale": "en"} for reference in people]
        assert keep_customers(known, now=NOON).rejected == []
        assert keep_roster((subject, reference, facts) for reference, facts in people.items()) == len(people)

    return boarded
