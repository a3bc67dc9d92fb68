"""A small airline under watch: signals go in as a machine sends them, time passes, and failures are on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # Django is set up only after this file was read
    from pathlib import Path

    from amends.monitor.models import Failure
    from amends.site.ring import Watch

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass
class Airline:
    """Its monitor, and what may be told to it."""

    monitor: Watch
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def tell(self, type_: str, subject: str, at: datetime, *, customer: str | None = None, **data: Any) -> str:
        """A signal of something that happens now; gives its id."""
        from amends.monitor.core.signal import SignalIn
        from amends.monitor.services import accept_signals

        number = f"{next(self._numbers)}"
        signal = SignalIn(
            id=number, source="ops", type=type_, subject=subject, time=at, customer=customer, unit="AAA", data=data
        )
        assert accept_signals([signal], now=at).accepted == 1
        self.monitor.turn(now=at)
        return number

    def wait_until(self, now: datetime) -> None:
        """Let time pass, with nothing heard; the monitor waits ten minutes for signals that are late."""
        self.monitor.turn(now=now)
        self.monitor.tick(now=now + 10 * MINUTE + timedelta(seconds=1))

    @staticmethod
    def failures() -> list[Failure]:
        from amends.monitor.models import Failure

        return list(Failure.objects.select_related("severity_why", "attribution_why").order_by("found_at", "id"))


def history(failure: Failure) -> list[tuple[str, datetime]]:
    return list(failure.findings.order_by("at", "what").values_list("what", "at"))


def hit(failure: Failure) -> set[str]:
    return set(failure.affected.values_list("customer__reference", flat=True))


@pytest.fixture
def airline_watched(db: None, tmp_path: Path) -> Iterator[Airline]:
    from amends.kernel.blueprint import load_shipped
    from amends.kernel.text import Localised
    from amends.people.services import plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment
    from amends.site.ring import Watch

    company = Localised(en="Air", zh="航空")
    set_up_deployment(kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=company, timezone="UTC")
    plant_units([("AAA", None, "Alpha", "甲站")])
    version = publish_blueprint(load_shipped("airline"), name="airline", now=MONDAY, acting_user="test")
    with Watch(tmp_path, version) as monitor:
        yield Airline(monitor)
