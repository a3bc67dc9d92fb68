"""A rate out of control opens one incident, failures of that unit and window join it, back in control ends it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.monitor.charts import charted, control_chart, rates_of
from amends.monitor.models import Excursion, Failure, Incident, RateWindow
from amends.monitor.services import (
    end_forgotten,
    end_quiet_incidents,
    grouping,
    keep_windows,
    record_findings,
    record_rates,
)
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound
from amends.policy.models import BlueprintVersion
from tests.monitor.told import NOON, finding
from tests.stories import staff

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RATE = "station-punctual"
FIGURES = {"value": 0.8, "centre": 0.25, "lower": 0.0, "upper": 0.66, "number": 10.0, "total": 8.0}
FIGURES |= {"statistic": 4.01, "bound": 3.0}


def turn(what: str, start: datetime = NOON, **changes: Any) -> dict[str, Any]:
    """A finding of the rate about the window of an hour."""
    return {
        "standard": RATE,
        "subject": "XX-AAA",
        "what": what,
        "at": start + HOUR,
        "due": start + HOUR,
        "opened_at": start,
        "opening_id": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "opening_source": "window",
        "customer": None,
        "unit": "XX-AAA",
        "evidence": json.dumps(FIGURES),
    } | changes


def point(start: datetime, *, out: bool = False, at: datetime | None = None, unit: str = "XX-AAA") -> dict[str, Any]:
    end = start + HOUR
    place = {"standard": RATE, "subject": unit, "unit": unit, "start": start, "end": end, "at": at or end, "out": out}
    return place | FIGURES | {"turned": None}


def test_an_incident_without_customers_opens_with_its_unit_window_and_figures(version: BlueprintVersion) -> None:
    (opened,) = record_rates([turn("out_of_control")], version=version)

    incident = Incident.objects.get(pk=opened)
    assert incident.unit is not None
    assert (incident.state, incident.unit.code, incident.customers, incident.failures) == ("open", "XX-AAA", 0, 0)
    assert (incident.kind, incident.started_at) == ("slow", NOON + HOUR)
    excursion = incident.excursions.get()
    assert (excursion.window_start, excursion.window_end, excursion.ended_at) == (NOON, NOON + HOUR, None)
    assert excursion.evidence == FIGURES


def test_a_unit_out_of_control_goes_with_its_failures_when_they_are_split_off(version: BlueprintVersion) -> None:
    (opened,) = record_rates([turn("out_of_control")], version=version)
    told = [finding("breached", NOON + HOUR / 2, subject=name) for name in ("one", "other")]
    told += [finding("breached", NOON + HOUR / 2, subject="elsewhere", unit="XX-BBB")]
    record_findings(told, version=version, now=NOON + HOUR)
    elsewhere = Failure.objects.get(subject="elsewhere").incident
    boss = staff("manager")
    grouping.merge(elsewhere.pk, into=opened, acting_user=boss, now=NOON)

    def split(*subjects: str) -> Incident:
        return grouping.split(opened, subjects=subjects, version=version, acting_user=boss, now=NOON)

    split("one")
    assert Excursion.objects.get().incident_id == opened, "one of its failures is still here"
    fresh = split("other")
    assert Excursion.objects.get().incident == fresh
    record_rates([turn("back_in_control", NOON + HOUR)], version=version)
    assert set(Incident.objects.filter(state="ended")) == {fresh}


def test_failures_of_that_unit_from_the_window_on_join_it_and_no_others(version: BlueprintVersion) -> None:
    (opened,) = record_rates([turn("out_of_control")], version=version)
    told = [
        finding("breached", NOON + HOUR / 2, subject="in the window"),
        finding("breached", NOON + 3 * HOUR, subject="while it lasts"),
        finding("breached", NOON - HOUR, subject="before"),
        finding("breached", NOON + HOUR / 2, subject="elsewhere", unit="XX-BBB"),
    ]
    record_findings(told, version=version, now=NOON + 3 * HOUR)

    joined = Failure.objects.filter(incident=opened).values_list("subject", flat=True)
    assert sorted(joined) == ["in the window", "while it lasts"]
    assert Incident.objects.get(pk=opened).failures == 2


def test_what_fails_twice_goes_where_its_first_failure_belongs(version: BlueprintVersion) -> None:
    (opened,) = record_rates([turn("out_of_control")], version=version)
    before, within = NOON - HOUR / 2, NOON + HOUR / 2
    told = [
        finding("breached", before, subject="late already"),
        finding("breached", within, subject="late already", standard="arrive-on-time"),
        finding("breached", within, subject="late now"),
        finding("breached", within + HOUR, subject="late now", standard="arrive-on-time"),
    ]
    record_findings(told, version=version, now=NOON + 3 * HOUR)

    assert set(Failure.objects.filter(incident=opened).values_list("subject", flat=True)) == {"late now"}
    assert Failure.objects.filter(incident=opened).count() == 2
    assert Failure.objects.filter(subject="late already").values("incident").distinct().count() == 1


def test_an_incident_that_its_failures_had_made_takes_the_figures(version: BlueprintVersion) -> None:
    record_findings([finding("breached", NOON + HOUR / 2)], version=version, now=NOON + HOUR / 2)
    made = Incident.objects.get()
    assert record_rates([turn("out_of_control")], version=version) == {made.pk}
    assert Incident.objects.get().excursions.count() == 1


def test_an_incident_of_another_place_or_time_does_not(version: BlueprintVersion) -> None:
    record_findings([finding("breached", NOON - 3 * HOUR)], version=version, now=NOON)
    record_findings([finding("breached", NOON, unit="XX-BBB", subject="elsewhere")], version=version, now=NOON)
    record_rates([turn("out_of_control")], version=version)
    assert Incident.objects.count() == 3


def test_back_in_control_ends_it(version: BlueprintVersion) -> None:
    record_rates([turn("out_of_control")], version=version)
    record_rates([turn("back_in_control", NOON + 2 * HOUR)], version=version)
    incident = Incident.objects.get()
    assert (incident.state, incident.ended_at) == ("ended", NOON + 3 * HOUR)
    assert incident.excursions.get().ended_at == NOON + 3 * HOUR


def test_it_goes_on_while_another_rate_of_the_unit_is_out(version: BlueprintVersion) -> None:
    record_rates([turn("out_of_control")], version=version)
    record_rates([turn("out_of_control", NOON + HOUR, standard="not-cancelled")], version=version)
    record_rates([turn("back_in_control", NOON + 2 * HOUR)], version=version)
    assert Incident.objects.get().state == "open"
    record_rates([turn("back_in_control", NOON + 3 * HOUR, standard="not-cancelled")], version=version)
    assert Incident.objects.get().state == "ended"


def test_it_is_not_ended_for_being_quiet_while_the_unit_is_out(version: BlueprintVersion) -> None:
    record_rates([turn("out_of_control")], version=version)
    assert end_quiet_incidents(now=NOON + 24 * HOUR) == 0
    record_rates([turn("back_in_control", NOON + 24 * HOUR)], version=version)
    assert Incident.objects.get().state == "ended"


def test_who_was_not_heard_of_for_as_long_as_is_remembered_is_out_no_more(version: BlueprintVersion) -> None:
    (rate,) = (one for one in rates_of(version) if one.id == RATE)
    (opened,) = record_rates([turn("out_of_control")], version=version)
    keep_windows([point(NOON, out=True), point(NOON + 2 * HOUR, out=True), point(NOON + 9 * HOUR, unit="XX-BBB")])
    over = NOON + 2 * HOUR + (rate.remembered + 1) * rate.window
    assert end_forgotten([rate], watermark=over - HOUR) == 0
    assert [end_forgotten([rate], watermark=over + 9 * HOUR) for _ in range(2)] == [1, 0]
    assert Excursion.objects.get().ended_at == over
    assert end_quiet_incidents(now=over + 9 * HOUR) == 1

    later = over + 5 * timedelta(days=1)
    record_findings([finding("breached", later, subject="much later")], version=version, now=later)
    assert Failure.objects.get().incident_id != opened


def test_a_rate_that_is_not_in_the_blueprint_any_more_keeps_nothing_open(version: BlueprintVersion) -> None:
    record_rates([turn("out_of_control")], version=version)
    others = [one for one in rates_of(version) if one.id != RATE]
    assert end_forgotten(others, watermark=NOON + 24 * HOUR) == 1
    assert end_quiet_incidents(now=NOON + 24 * HOUR) == 1


def test_told_twice_nothing_changes(version: BlueprintVersion) -> None:
    told = [turn("out_of_control"), turn("back_in_control", NOON + HOUR), turn("out_of_control", NOON + 2 * HOUR)]

    def rows() -> list[object]:
        return [list(model.objects.order_by("id").values()) for model in (Excursion, Incident)]

    assert len(record_rates(told, version=version)) == 2
    before = rows()
    for again in (told, told[:1], told[1:2]):
        assert record_rates(again, version=version) == frozenset()
        assert rows() == before


def test_a_unit_that_nobody_knows_has_an_incident_of_the_whole_company(version: BlueprintVersion) -> None:
    record_rates([turn("out_of_control", unit="ZZ", subject="ZZ")], version=version)
    assert Incident.objects.get().unit is None
    assert Excursion.objects.get().place == "ZZ"


def test_other_findings_are_left_alone_and_rates_are_no_failures(version: BlueprintVersion) -> None:
    assert record_rates([finding("breached", NOON)], version=version) == frozenset()
    assert record_findings([turn("out_of_control")], version=version, now=NOON).failures == 0
    assert not Failure.objects.exists()


def test_a_window_found_out_in_its_midst_gives_way_to_the_whole_of_it(version: BlueprintVersion) -> None:
    keep_windows([point(NOON) | {"total": 9.0}, point(NOON, at=NOON + HOUR / 2)])
    keep_windows([point(NOON, at=NOON + HOUR / 3)])
    window = RateWindow.objects.get()
    assert (window.total, window.at) == (9.0, NOON + HOUR)


def test_windows_are_kept_for_nine_weeks(version: BlueprintVersion) -> None:
    keep_windows([point(NOON - timedelta(weeks=10)), point(NOON - timedelta(weeks=8)), point(NOON)])
    assert RateWindow.objects.count() == 2


def test_the_chart_shows_the_windows_and_when_it_was_out(version: BlueprintVersion) -> None:
    keep_windows([point(NOON + n * HOUR, out=n == 2) for n in range(4)])
    keep_windows([point(NOON, unit="XX-BBB")])
    record_rates([turn("out_of_control", NOON + 2 * HOUR)], version=version)
    manager = Staff(role="manager", unit=None)

    chart = control_chart(manager, version, RATE, subject="XX-AAA")
    assert [one.start for one in chart.points] == [NOON + n * HOUR for n in range(4)]
    assert [one.out for one in chart.points] == [False, False, True, False]
    assert (chart.chart, chart.share, chart.points[0].upper) == ("p", True, 0.66)
    assert chart.false_alarm_every == pytest.approx(740.8, abs=0.1)
    assert [signal.window_start for signal in chart.signals] == [NOON + 2 * HOUR]
    assert len(control_chart(manager, version, RATE, subject="XX-AAA", limit=2).points) == 2
    assert [(one.subject, one.out) for one in charted(manager, RATE)] == [("XX-AAA", True), ("XX-BBB", False)]


def test_nobody_sees_the_chart_of_a_unit_that_is_not_theirs(version: BlueprintVersion) -> None:
    keep_windows([point(NOON), point(NOON, unit="XX-BBB")])
    local = Staff(role="manager", unit=Unit.objects.get(code="XX-BBB"))
    assert [one.subject for one in charted(local, RATE)] == ["XX-BBB"]
    with pytest.raises(NotFound):
        control_chart(local, version, RATE, subject="XX-AAA")
    with pytest.raises(NotFound):
        control_chart(local, version, "no-such-rate", subject="XX-BBB")
