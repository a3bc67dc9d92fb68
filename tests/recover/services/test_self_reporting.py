"""A failure that an employee reports: on record, looked after like any other, and not held against whoever told."""

import pytest

from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Affected, Failure, RosterEntry, SelfReport, Signal
from amends.monitor.self_reports import kinds_often_at_home, report_of, who_sees_reporters
from amends.monitor.services import accept_signals, keep_roster
from amends.people.models import Staff, Unit
from amends.people.selectors import NotFound
from amends.people.services import create_staff
from amends.recover.models import Case, TrailEntry
from amends.recover.services import open_cases, report_failure
from tests.web.console.world import LATE, NOON, NOW, World, airline

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return airline()


def reported(world: World, *, form: str = "a" * 32, subject: str = LATE, kind: str = "staff_conduct") -> Failure:
    kinds = kinds_of(world)
    return report_failure(
        form=form,
        kind=kind if kind in kinds else kinds[-1],
        subject=subject,
        unit=Unit.objects.get(code="XX-EWR"),
        words="We lost the list of wheelchairs.",
        acting_user=world.staff["front_line"],
        now=NOW,
    )


def kinds_of(world: World) -> list[str]:
    from amends.policy.selectors import blueprint_of

    return list(blueprint_of(world.failure.blueprint_id).kinds_of_customers)


def test_it_is_a_signal_and_a_failure_and_hits_whoever_is_served(world: World) -> None:
    failure = reported(world)
    signal = Signal.objects.get(source="self-report")
    assert (signal.subject, signal.unit, signal.type) == (LATE, "XX-EWR", "failure.reported")
    assert (failure.stage, failure.kind, failure.found_at) == ("reported", failure.kind, NOW)
    assert failure.incident is not None
    assert failure.customers == Affected.objects.filter(failure=failure).count() == 3
    open_cases([failure.incident_id], now=NOW)
    assert Case.objects.filter(customer__reference="C-3", incident=failure.incident).exists()


def heard(subject: str, unit: str | None, type_: str, **data: object) -> None:
    signal = SignalIn(
        id=f"{subject}{unit}{type_}", source="test", type=type_, subject=subject, time=NOON, unit=unit, data=data
    )
    accept_signals([signal], now=NOON)


def test_what_it_knows_comes_from_ones_own_units_and_not_from_between_colleagues(world: World) -> None:
    heard("XX7", "XX-LGA", "flight.delayed", minutes_late=95, note="The captain is ill.")
    heard("XX7", "XX-JFK", "flight.scheduled", distance_km=900)
    heard("XX7", None, "flight.planned", fare=70)
    heard("XX7", "XX-LGA", "colleague.help_asked", domestic=True)
    assert facts_told_by(world.elsewhere, form="a" * 32) == {"minutes_late"}
    assert facts_told_by(world.staff["manager"], form="b" * 32) == {"minutes_late", "distance_km", "fare"}


def facts_told_by(person: Staff, *, form: str) -> set[str]:
    """Which of those facts the failure has when this person reports it."""
    lga = Unit.objects.get(code="XX-LGA")
    failure = report_failure(form=form, kind="slow", subject="XX7", unit=lga, words="", acting_user=person, now=NOW)
    return failure.facts.keys() & {"minutes_late", "distance_km", "fare", "domestic", "note"}


@pytest.mark.parametrize("known", ["by a failure", "by a signal"])
def test_about_what_belongs_to_another_unit_it_hits_nobody_until_somebody_there_tells_it(
    world: World, known: str
) -> None:
    about, unit = (LATE, "XX-EWR") if known == "by a failure" else ("XX7", "XX-JFK")
    if known == "by a signal":
        heard(about, unit, "flight.scheduled")
        keep_roster([(about, "C-1", {"fare": 500.0})])
    hit = set(RosterEntry.objects.filter(subject=about).values_list("customer_id", flat=True))
    cases = set(Case.objects.values_list("pk", flat=True))
    there = create_staff(
        email="gate@example.test",
        name="Ann Gate",
        role="front_line",
        unit=Unit.objects.get(code=unit),
        now=NOON,
        acting_user=None,
    )
    for form in ("a", "b"):  # telling it twice makes it nobody's own
        failure = told_by(world.elsewhere, about, form=form * 32)
        open_cases([failure.incident_id or 0], now=NOW)
        assert (failure.customers, failure.subject) == (0, about)
        assert not Affected.objects.filter(failure=failure).exists()
    assert set(Case.objects.values_list("pk", flat=True)) == cases
    failure = told_by(there, about, form="c" * 32)
    assert set(Affected.objects.filter(failure=failure).values_list("customer_id", flat=True)) == hit
    assert failure.customers == len(hit) > 0


def test_about_what_nobody_knows_it_hits_the_roster(world: World) -> None:
    keep_roster([("XX7", "C-1", {"fare": 500.0})])
    assert told_by(world.elsewhere, "XX7", form="a" * 32).customers == 1


def told_by(person: Staff, about: str, *, form: str) -> Failure:
    return report_failure(
        form=form, kind="denied_boarding", subject=about, unit=person.unit, words="", acting_user=person, now=NOW
    )


def test_the_same_form_sent_twice_is_one_report(world: World) -> None:
    assert reported(world) == reported(world)
    assert SelfReport.objects.count() == Signal.objects.filter(source="self-report").count() == 1


def test_without_a_subject_reports_share_nothing_but_place_and_time(world: World) -> None:
    one, other = reported(world, subject="", form="b" * 32), reported(world, subject="", form="c" * 32)
    assert one.subject != other.subject
    assert one.subject == "R-BBBBBBBB"


def test_who_reported_is_read_by_those_whom_the_table_names_and_by_themselves(world: World) -> None:
    failure = reported(world)
    told = {role: report_of(staff, failure) for role, staff in world.staff.items()}
    assert {one.words for one in told.values() if one} == {"We lost the list of wheelchairs."}
    named = {role for role, one in told.items() if one and one.reporter}
    assert named == {*who_sees_reporters(), "front_line"} == {"quality_owner", "front_line"}


def test_the_reporter_stands_in_no_other_row(world: World) -> None:
    reporter = world.staff["front_line"]
    before = TrailEntry.objects.filter(actor=f"staff:{reporter.pk}").count()
    failure = reported(world)
    open_cases([failure.incident_id or 0], now=NOW)
    assert TrailEntry.objects.filter(actor=f"staff:{reporter.pk}").count() == before
    assert reporter.name not in str(Signal.objects.filter(source="self-report").values())
    assert reporter.name not in str(Failure.objects.filter(pk=failure.pk).values())


def test_a_unit_out_of_reach_and_an_unknown_kind_are_refused(world: World) -> None:
    with pytest.raises(NotFound):
        report_failure(
            form="d" * 32,
            kind=kinds_of(world)[0],
            subject="",
            unit=Unit.objects.get(code="XX-EWR"),
            words="",
            acting_user=world.elsewhere,
            now=NOW,
        )
    with pytest.raises(ValueError, match="no kind of failure"):
        report_failure(
            form="d" * 32, kind="nonsense", subject="", unit=None, words="", acting_user=world.staff["manager"], now=NOW
        )
    assert not SelfReport.objects.exists()


def test_what_often_happens_where_one_works_is_offered_first(world: World) -> None:
    often = kinds_often_at_home(world.staff["front_line"])
    assert set(often) == set(Failure.objects.values_list("kind", flat=True))
    assert kinds_often_at_home(world.elsewhere) == [], "nothing has failed at LaGuardia"
