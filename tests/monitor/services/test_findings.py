"""Findings become failures with one history, those whom they hit, and incidents; told twice, they change nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from amends.monitor.models import Affected, Failure, Finding, Incident
from amends.monitor.services import avert_risks, end_quiet_incidents, record_findings
from amends.people.models import Customer
from amends.policy.models import BlueprintVersion
from tests.monitor.told import NOON, SUBJECT, finding

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_a_promise_at_risk_breached_and_late_is_one_failure_with_that_history(version: BlueprintVersion) -> None:
    history = [
        finding("at_risk", NOON),
        finding("breached", NOON + 15 * MINUTE),
        finding("late", NOON + 90 * MINUTE),
    ]
    for one in history:
        record_findings([one], version=version, now=NOON)

    failure = Failure.objects.get()
    assert (failure.stage, failure.found_at, failure.stage_at) == ("late", NOON, NOON + 90 * MINUTE)
    assert list(failure.findings.order_by("at").values_list("what", flat=True)) == ["at_risk", "breached", "late"]


def test_lateness_counts_from_what_was_promised_and_not_from_our_own_grace(version: BlueprintVersion) -> None:
    record_findings([finding("late", NOON + 90 * MINUTE)], version=version, now=NOON)
    assert Failure.objects.get().facts["minutes_late"] == 90


def test_findings_told_twice_change_nothing(version: BlueprintVersion, board: Callable[..., None]) -> None:
    board({"A": {}, "B": {"layover_minutes": 45}})
    told = [finding("breached", NOON + 15 * MINUTE), finding("late", NOON + 90 * MINUTE)]

    def rows() -> list[object]:
        return [
            list(model.objects.order_by("id").values()) for model in (Failure, Finding, Affected, Incident, Customer)
        ]

    record_findings(told, version=version, now=NOON)
    before = rows()
    record_findings(told, version=version, now=NOON + MINUTE)
    record_findings(told[:1], version=version, now=NOON + MINUTE)
    assert rows() == before


def test_each_passenger_is_hit_as_badly_as_their_own_facts_say(
    version: BlueprintVersion, board: Callable[..., None]
) -> None:
    board({"stays": {}, "connects": {"layover_minutes": 45}, "has-time": {"layover_minutes": 200}})
    record_findings([finding("late", NOON + 50 * MINUTE)], version=version, now=NOON)

    hit = dict(Affected.objects.values_list("customer__reference", "severity"))
    assert hit == {"stays": 1, "connects": 3, "has-time": 1}
    why = Affected.objects.get(customer__reference="connects").severity_why
    assert "50" in why.en
    assert "45" in why.zh
    assert why.inputs["layover_minutes"] == 45


def test_a_failure_is_as_grave_as_for_the_one_hit_worst(version: BlueprintVersion, board: Callable[..., None]) -> None:
    board({"stays": {}, "connects": {"layover_minutes": 45}})
    record_findings([finding("late", NOON + 50 * MINUTE)], version=version, now=NOON)
    failure = Failure.objects.get()
    assert (failure.severity, failure.customers) == (3, 2)


def test_a_delay_in_bad_weather_is_external_and_says_which_weather(
    version: BlueprintVersion, tell: Callable[..., None]
) -> None:
    tell("flight.weather", NOON, weather_visibility_miles=0.25, weather_gust_mph=60.0)
    record_findings([finding("late", NOON + 90 * MINUTE)], version=version, now=NOON)

    failure = Failure.objects.select_related("attribution_why").get()
    assert (failure.responsible, failure.controllable) == ("external", False)
    assert failure.attribution_why.inputs
    assert failure.attribution_why.zh != failure.attribution_why.en


def test_a_delay_in_fair_weather_is_ours(version: BlueprintVersion, tell: Callable[..., None]) -> None:
    tell("flight.weather", NOON, weather_visibility_miles=10.0, weather_wind_mph=5.0)
    record_findings([finding("late", NOON + 90 * MINUTE)], version=version, now=NOON)
    failure = Failure.objects.get()
    assert failure.responsible != "external"
    assert failure.controllable


def test_numbers_that_come_as_texts_count_and_what_is_none_stops_nobody(
    version: BlueprintVersion, tell: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    tell("flight.weather", NOON, weather_visibility_miles="0.25", weather_gust_mph="60", distance_km="far")
    record_findings([finding("late", NOON + 90 * MINUTE)], version=version, now=NOON)
    failure = Failure.objects.get()
    assert (failure.responsible, failure.controllable) == ("external", False)
    assert (failure.facts["weather_visibility_miles"], failure.facts["distance_km"]) == (0.25, None)
    assert "distance_km" in caplog.text
    assert "far" not in caplog.text


def test_a_signal_that_closes_another_promise_says_nothing_about_this_one(
    version: BlueprintVersion, tell: Callable[..., None]
) -> None:
    tell("flight.departed", NOON, delay_minutes=5)
    tell("flight.arrived", NOON + 90 * MINUTE, delay_minutes=77)
    record_findings([finding("late", NOON + 30 * MINUTE)], version=version, now=NOON)
    assert Failure.objects.get().facts["delay_minutes"] == 5


def test_promises_of_one_subject_are_one_incident(version: BlueprintVersion) -> None:
    arrival = finding("late", NOON + timedelta(hours=5), standard="arrive-on-time")
    recorded = record_findings([finding("late", NOON + 50 * MINUTE), arrival], version=version, now=NOON)
    assert len(recorded.incidents) == 1
    assert Incident.objects.get().failures == 2
    assert Incident.objects.get().subject == SUBJECT


def test_flights_of_one_station_that_fail_within_the_hour_are_one_incident_and_others_are_not(
    version: BlueprintVersion,
) -> None:
    def other(name: str, minutes: int, unit: str) -> dict[str, object]:
        return finding("late", NOON + minutes * MINUTE, subject=name, opening_id=name, unit=unit)

    told = [
        other("F1", 20, "XX-AAA"),
        other("F2", 50, "XX-AAA"),
        other("F3", 70, "XX-AAA"),  # the next hour
        other("F4", 30, "XX-BBB"),  # another station
    ]
    record_findings(told, version=version, now=NOON)
    together = {frozenset(incident.members.values_list("subject", flat=True)) for incident in Incident.objects.all()}
    assert together == {frozenset({"F1", "F2"}), frozenset({"F3"}), frozenset({"F4"})}


def test_a_failure_that_joins_later_finds_its_incident_however_the_findings_were_cut(version: BlueprintVersion) -> None:
    first = finding("late", NOON + 20 * MINUTE, subject="F1", opening_id="F1")
    second = finding("late", NOON + 50 * MINUTE, subject="F2", opening_id="F2")
    for part in ([first], [second]):
        record_findings(part, version=version, now=NOON)
    assert Incident.objects.get().failures == 2


def test_a_customer_whom_the_signal_names_is_known_from_then_on_and_hit(version: BlueprintVersion) -> None:
    record_findings([finding("late", NOON + 90 * MINUTE, customer="C-77")], version=version, now=NOON)
    assert Affected.objects.get().customer.reference == "C-77"


def test_an_unknown_unit_is_kept_with_its_code_and_stops_nobody(version: BlueprintVersion) -> None:
    record_findings([finding("late", NOON + 90 * MINUTE, unit="NOWHERE")], version=version, now=NOON)
    failure = Failure.objects.get()
    assert failure.unit is None
    assert failure.facts["unknown_unit"] == "NOWHERE"
    assert failure.incident is not None


def test_earlier_failures_of_a_customer_weigh_and_the_same_flight_does_not_count_twice(
    version: BlueprintVersion, board: Callable[..., None]
) -> None:
    for number in range(3):
        board({"A": {}}, subject=f"F{number}")
        at = NOON + timedelta(days=number)
        late = finding("late", at + 50 * MINUTE, subject=f"F{number}", opening_id=f"F{number}", due=at + 15 * MINUTE)
        record_findings([late, late | {"standard": "arrive-on-time"}], version=version, now=at)
    severities = Affected.objects.filter(failure__standard="depart-on-time").order_by("failure__subject")
    assert list(severities.values_list("severity", flat=True)) == [1, 1, 2]


def test_a_risk_that_came_to_nothing_is_averted(version: BlueprintVersion) -> None:
    record_findings([finding("at_risk", NOON)], version=version, now=NOON)
    assert avert_risks(watermark=NOON + 15 * MINUTE) == 0  # due is not past yet
    assert avert_risks(watermark=NOON + 16 * MINUTE) == 1
    assert Failure.objects.get().stage == "averted"
    assert Incident.objects.count() == 0


def test_an_incident_ends_when_nothing_joins_it_and_goes_on_when_something_does(version: BlueprintVersion) -> None:
    record_findings([finding("breached", NOON + 15 * MINUTE)], version=version, now=NOON)
    assert end_quiet_incidents(now=NOON + timedelta(hours=1)) == 0
    assert end_quiet_incidents(now=NOON + timedelta(hours=3)) == 1
    record_findings([finding("late", NOON + timedelta(hours=4))], version=version, now=NOON + timedelta(hours=4))
    incident = Incident.objects.get()
    assert (incident.state, incident.ended_at) == ("responding", None)
