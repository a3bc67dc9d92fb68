"""A burst of cancellations at one station opens one incident at the fourth of them; a calm hour ends it.

Told in one breath or bit by bit, it is the same incident with the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.station import cancelled, staffed_airline

if TYPE_CHECKING:
    from amends.policy.models import BlueprintVersion

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATENESS = 10 * MINUTE  # of the airline's pack
BURST = [5, 10, 12, 14, 20]  # minutes past noon


@pytest.fixture
def version() -> BlueprintVersion:
    return staffed_airline(NOON)


def moments(until: datetime, step: timedelta) -> Iterator[datetime]:
    now = NOON
    while now < until:
        now = min(now + step, until)
        yield now


@pytest.mark.parametrize("step", [10 * MINUTE, 30 * MINUTE])
def test_a_burst_opens_one_incident_and_calm_ends_it(
    version: BlueprintVersion, tmp_path: Path, step: timedelta
) -> None:
    from amends.monitor.charts import charted, control_chart
    from amends.monitor.models import Failure, Incident
    from amends.people.models import Staff
    from amends.site.ring import Watch

    manager = Staff(role="manager", unit=None)
    waiting = [("XX-AAA", NOON + minute * MINUTE) for minute in BURST]
    waiting.insert(1, ("XX-BBB", NOON + 7 * MINUTE))

    def live(monitor: Watch, until: datetime, since: datetime = NOON) -> None:
        for now in moments(until, step):
            if now <= since:
                continue
            for number, (unit, at) in enumerate(waiting):
                if at <= now and cancelled(number, unit, at):
                    monitor.turn(now=now)
            monitor.tick(now=now)

    with Watch(tmp_path, version) as monitor:
        half_past = NOON + 30 * MINUTE
        live(monitor, half_past)
        burst = Incident.objects.get(unit__code="XX-AAA")
        assert burst.state == "open"
        excursion = burst.excursions.get()
        assert excursion.standard == "station-flies"
        assert excursion.began_at == NOON + 14 * MINUTE, "the fourth of them shows it"
        assert (excursion.evidence["total"], excursion.window_start) == (4, NOON)
        assert excursion.evidence["upper"] == pytest.approx(0.05 + 3 * 0.05**0.5, abs=1e-6)
        assert not Incident.objects.get(unit__code="XX-BBB").excursions.exists()
        assert [(one.subject, one.out) for one in charted(manager, "station-flies")] == [("XX-AAA", True)]

        live(monitor, NOON + timedelta(hours=1, minutes=30), since=half_past)
        burst.refresh_from_db()
        assert (burst.state, burst.failures) == ("open", len(BURST)), "no calm hour has passed yet"

        live(monitor, NOON + timedelta(hours=2, minutes=11), since=NOON + timedelta(hours=1, minutes=30))
        burst.refresh_from_db()
        assert (burst.state, burst.ended_at) == ("ended", NOON + timedelta(hours=2))

    assert Failure.objects.filter(incident=burst).count() == len(BURST)
    assert Incident.objects.count() == 2
    chart = control_chart(manager, version, "station-flies", subject="XX-AAA")
    assert [(one.start, one.value, one.out) for one in chart.points] == [
        (NOON, 5, True),
        (NOON + timedelta(hours=1), 0, False),
    ]
    assert [(one.began_at, one.ended_at) for one in chart.signals] == [(NOON + 14 * MINUTE, NOON + timedelta(hours=2))]
    assert not charted(manager, "station-flies")[0].out
