"""Whether we knew before anybody said so, and how long: kept with the failure, whichever of the two comes first."""

from datetime import timedelta

import pytest

from amends.monitor.grouped import lead_times
from amends.monitor.models import Failure
from amends.monitor.services import record_findings
from amends.policy.models import BlueprintVersion
from amends.recover.services import open_case
from amends.recover.services.self_reporting import report_failure
from tests.kept import Kept
from tests.monitor.told import NOON, SUBJECT, finding
from tests.stories import Company, company, staff

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
airline = Kept(company)


def told(place: Company, subject: str, at: timedelta, *, reference: str = "L-1") -> None:
    """A customer complains."""
    from amends.people.models import Customer

    customer, _ = Customer.objects.get_or_create(
        reference=reference, defaults={"name": "L", "locale": "en", "created_at": NOON}
    )
    open_case(customer, "slow", subject, place.branch, {}, "It was late.", acting_user=None, now=NOON + at)


def found(version: BlueprintVersion, at: timedelta, **changes: object) -> None:
    """The monitor finds it."""
    record_findings([finding("late", NOON + at, unit="EWR", **changes)], version=version, now=NOON + at)


def test_a_failure_found_before_the_first_complaint_keeps_by_how_long() -> None:
    place = airline()
    found(place.version, 30 * MINUTE)
    assert Failure.objects.get().lead is None  # nobody has said anything
    told(place, SUBJECT, 50 * MINUTE)
    told(place, SUBJECT, 90 * MINUTE, reference="L-2")
    assert Failure.objects.get(stage="late").lead == 20 * MINUTE


def test_a_failure_found_after_a_complaint_was_found_late() -> None:
    place = airline()
    told(place, SUBJECT, 10 * MINUTE)
    found(place.version, 30 * MINUTE)
    assert Failure.objects.get(stage="late").lead == -20 * MINUTE
    assert Failure.objects.get(stage="reported").lead == timedelta(0)


def test_a_voice_about_nothing_in_particular_is_about_what_failed_the_customer_shortly_before() -> None:
    place = airline()
    found(place.version, 30 * MINUTE, customer="L-1")
    found(place.version, 30 * MINUTE, subject="other", opening_id="other", customer="L-9")
    told(place, "my trip", 3 * HOUR)
    assert dict(Failure.objects.filter(stage="late").values_list("subject", "voiced_at")) == {
        SUBJECT: NOON + 3 * HOUR,
        "other": None,
    }


def test_the_share_found_first_and_the_median_are_told_for_the_units_that_one_sees() -> None:
    place = airline()
    boss = staff("manager")
    span = {"since": NOON - HOUR, "until": NOON + timedelta(days=1)}
    assert lead_times(boss, **span).share is None
    found(place.version, 30 * MINUTE)
    found(place.version, 30 * MINUTE, subject="quiet", opening_id="quiet")
    told(place, SUBJECT, 70 * MINUTE)
    figures = lead_times(boss, **span)
    assert (figures.failures, figures.first, figures.median) == (3, 2, 40 * MINUTE)
    assert lead_times(boss, **span, standard="depart-on-time").failures == 2


def test_what_a_standard_hears_is_a_voice_and_what_an_employee_reports_is_none() -> None:
    place = airline()
    found(place.version, 30 * MINUTE)
    heard = finding("complained", NOON + 50 * MINUTE, standard="content", opening_id="v", due=None, unit="EWR")
    record_findings([heard], version=place.version, now=NOON)
    assert Failure.objects.get(stage="late").lead == 20 * MINUTE
    reporter = staff("front_line", unit=place.branch)
    report_failure(
        form="f" * 32, kind="slow", subject="seen", unit=place.branch, words="", acting_user=reporter, now=NOON
    )
    assert Failure.objects.get(subject="seen").voiced_at is None
