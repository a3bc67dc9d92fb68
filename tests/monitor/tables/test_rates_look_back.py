"""How far back an EWMA and a CUSUM sum up: further than a unit may be silent before it starts anew."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor
from tests.monitor.tables.test_rates_found_once import SCHEMA

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WORK = {"type": "work"}
MEAN = {"id": "r", "rate": {"of": WORK, "value": "data.late"}, "window": "P1D", "target": 0, "spread": 1_000}
CUSUM = MEAN | {"chart": "cusum"}
COUNT = {"id": "r", "rate": {"of": WORK}, "window": "P1D", "chart": "cusum", "target": 1}
Day = tuple[int, int]  # number of the day, and the value of its one signal in thousandths of a standard error


def judged(rate: dict[str, Any], told: list[Day], *, number: int = 1) -> tuple[list[tuple[str, int]], dict[int, float]]:
    """What was found on which day, and the statistic of each day: whether taken at once or day by day.

    Every day has the same `number` of signals.
    """
    signals = [
        {"source": "x", "id": f"{day}-{nth}", "type": "work", "subject": "s", "customer": None, "unit": "u"}
        | {"time": START + day * DAY, "data": {"late": value}}
        for day, value in told
        for nth in range(number)
    ]
    standards = Standards.model_validate({"version": 1, "standards": [rate]})
    results = []
    for step in (len(signals), number):
        with Monitor.open(None, standards, threads=1, compact_from=0, observing=True) as monitor:
            for at in range(0, len(signals), step):
                monitor.step(pa.Table.from_pylist(signals[at : at + step], schema=SCHEMA), position=at)
            monitor.finish(START + (told[-1][0] + 1) * DAY)
            found = monitor.findings_since(0).to_pylist()
            points = monitor.points_since(0).to_pylist()
        results.append(
            (
                [(one["what"], (one["opened_at"] - START) // DAY) for one in found],
                {(one["start"] - START) // DAY: one["statistic"] for one in points},
            )
        )
    assert results[0] == results[1]
    return results[0]


def test_a_small_shift_by_the_day_is_found_when_a_cusum_must() -> None:
    # 0.75 a day off: 0.25 more than the slack, so beyond 5 on the 21st day
    found, statistics = judged(CUSUM, [(day, 750) for day in range(30)])
    assert found == [("out_of_control", 20)]
    assert statistics[29] == pytest.approx(30 * 0.25)


def test_an_ewma_by_the_day_rises_until_all_of_it_is_shift() -> None:
    found, statistics = judged(MEAN | {"chart": "ewma"}, [(day, 1_000) for day in range(30)])
    assert found == [("out_of_control", 19)]  # 1 - 0.8^20 > 2.962 / 3
    assert statistics[29] == pytest.approx(1 - 0.8**30, abs=1e-5)


@pytest.mark.parametrize("chart", ["cusum", "ewma"])
@pytest.mark.parametrize(("silent", "anew"), [(6, False), (7, True), (20, True)])
def test_who_was_not_heard_of_for_seven_days_starts_anew(chart: str, silent: int, anew: bool) -> None:
    before = [(day, 700) for day in range(15)]
    _, statistics = judged(MEAN | {"chart": chart}, [*before, (15 + silent, 700)])
    first, last = statistics[0], statistics[15 + silent]
    assert (last == first) if anew else (last > statistics[14])


@pytest.mark.parametrize(("silent", "anew"), [(6, False), (7, True), (20, True)])
def test_days_without_a_signal_that_are_counted_are_silent_too(silent: int, anew: bool) -> None:
    # each day of two signals is 1 off and adds 1 for want of a slack; each without any takes 1 away
    rate = COUNT | {"slack": 0, "decision": 20}
    _, statistics = judged(rate, [*((day, 0) for day in range(15)), (15 + silent, 0)], number=2)
    assert statistics[14] == 15
    assert statistics[15 + silent] == (1 if anew else 15 - silent + 1)


def test_a_cusum_looks_back_as_many_windows_as_it_says_and_no_more() -> None:
    rate = CUSUM | {"slack": 0, "decision": 1}  # 4 times 5 windows back: 0.9332 times 2.166² is 4.4
    found, statistics = judged(rate, [(day, 49) for day in range(40)])
    assert found == [("out_of_control", 20)]
    assert [round(statistics[day], 3) for day in (19, 20, 39)] == [0.98, 1.029, 1.029]
