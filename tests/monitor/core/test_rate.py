"""What a rate may say, and what it is refused for."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from amends.kernel.business_time import ALWAYS, Calendar
from amends.monitor.core.rate import Rate, phase
from amends.monitor.core.standard import Standards

OF = {"of": {"type": "visit"}}
COUNT = {"id": "x", "rate": OF, "window": "PT1H", "chart": "u", "target": 2}
SHARE = COUNT | {"rate": OF | {"bad": "data.late"}, "chart": "p", "target": 0.1}
MEAN = COUNT | {"rate": OF | {"value": "data.minutes"}, "chart": "xbar", "target": -3, "spread": 2}
VOLUME = {"id": "x", "rate": OF | {"capacity": "data.seats"}, "window": "PT1H"}


@pytest.mark.parametrize("sound", [COUNT, SHARE, MEAN, VOLUME, COUNT | {"target": "history", "season": "hour_of_day"}])
def test_a_rate_of_each_measure_is_sound(sound: dict[str, Any]) -> None:
    rate = Rate.model_validate(sound)
    again = Rate.model_validate(rate.model_dump(mode="json", exclude_none=True))
    assert again == rate


@pytest.mark.parametrize(
    ("unsound", "why"),
    [
        (COUNT | {"window": "PT7M"}, "divides the day"),
        (COUNT | {"window": "PT10S"}, "a minute at least"),
        (COUNT | {"rate": {}}, "give one of: of"),
        (COUNT | {"rate": OF | {"failures": "any"}}, "give one of: of"),
        (SHARE | {"rate": OF | {"bad": "data.late", "value": "data.x"}}, "one of bad, value, per and capacity"),
        (SHARE | {"rate": OF | {"bad": "data.late >"}}, "cannot be read"),
        (COUNT | {"rate": {"failures": "any", "value": "data.x"}}, "failures are only counted"),
        (COUNT | {"rate": {"failures": "any"}, "by": "data.desk"}, "by unit or by subject"),
        (COUNT | {"chart": None}, "all else needs a chart"),
        (VOLUME | {"chart": "u", "target": 1}, "without a chart"),
        (VOLUME | {"target": 1}, "against a capacity there is none"),
        (COUNT | {"target": None}, "give a target"),
        (COUNT | {"chart": "p"}, "a p chart needs bad"),
        (SHARE | {"chart": "xbar"}, "an xbar chart needs value"),
        (SHARE | {"chart": "u"}, "a u chart counts signals"),
        (SHARE | {"target": 1.5}, "between 0 and 1"),
        (COUNT | {"target": 0}, "more than 0"),
        (MEAN | {"spread": None}, "needs its spread"),
        (COUNT | {"season": "hour_of_week"}, "a season needs target: history"),
        (COUNT | {"worse": "lower"}, "silent_for"),
        (COUNT | {"target": "usual"}, "write a number, history"),
        (COUNT | {"target": {"history": "PT36H"}}, "whole days"),
        (COUNT | {"by": "Unit"}, "nothing to count by"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(unsound: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Rate.model_validate(unsound)


def test_failures_are_counted_of_standards_that_there_are_and_rest_on_no_others() -> None:
    counted = COUNT | {"rate": {"failures": ["other"]}}
    forbidding = {"id": "other", "forbids": {"type": "refused"}}
    standards = Standards.model_validate({"version": 1, "standards": [counted, forbidding]})
    assert standards.causes_of(standards.of_kind(Rate)[0]) == ("other",)
    for others in ([], [COUNT | {"id": "other"}]):
        with pytest.raises(ValidationError, match="rate names 'other'"):
            Standards.model_validate({"version": 1, "standards": [counted, *others]})


def test_a_calendar_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="no calendar 'counter'"):
        Standards.model_validate({"version": 1, "standards": [COUNT | {"calendar": "counter"}]})


@pytest.mark.parametrize(
    ("zone", "window", "minutes"),
    [
        ("Asia/Shanghai", "PT1H", 0),
        ("Asia/Kolkata", "PT1H", 30),
        ("Asia/Shanghai", "P1D", 960),
        ("America/New_York", "P1D", 300),
        ("Australia/Sydney", "P1D", 840),
    ],
)
def test_windows_begin_on_the_clock_of_the_calendar_in_standard_time(zone: str, window: str, minutes: int) -> None:
    calendar = Calendar.model_validate({"tz": zone, "week": {"mon-fri": ["08:00-18:00"]}})
    rate = Rate.model_validate(COUNT | {"window": window})
    assert phase(rate, calendar) == timedelta(minutes=minutes)
    assert phase(rate, ALWAYS) == timedelta(0)


@pytest.mark.parametrize(
    ("said", "remembered", "summed"),
    [
        ({"window": "P1D", "chart": "u"}, 7, 7),
        ({"window": "P1D", "chart": "cusum"}, 7, 144),
        ({"window": "PT1H", "chart": "cusum"}, 168, 168),
        ({"window": "P1D", "chart": "cusum", "decision": 50}, 7, 366),
        ({"window": "P1D", "chart": "ewma"}, 7, 168),
        ({"window": "P1D", "chart": "ewma", "weight": 0.001}, 7, 366),
        ({"window": "P1D", "chart": "ewma", "weight": 1}, 7, 7),
        ({"window": "P1D", "chart": "cusum", "target": {"history": "P200D"}}, 200, 200),
        ({"window": "P1D", "chart": "cusum", "target": {"history": "P3D"}}, 3, 144),
    ],
)
def test_an_ewma_or_a_cusum_sums_up_more_windows_than_a_silence_lasts(
    said: dict[str, Any], remembered: int, summed: int
) -> None:
    rate = Rate.model_validate(COUNT | said)
    assert (rate.remembered, rate.summed) == (remembered, summed)


def test_how_rarely_a_rate_cries_wolf_depends_on_its_chart() -> None:
    lengths = {chart: Rate.model_validate(COUNT | {"chart": chart}).run_length() for chart in ("u", "ewma", "cusum")}
    assert lengths["u"] == pytest.approx(740.8, abs=0.1)
    assert lengths["cusum"] == pytest.approx(930.9, abs=0.1)
    assert lengths["ewma"] is not None
    assert lengths["ewma"] > 900
    assert Rate.model_validate(VOLUME).run_length() is None
