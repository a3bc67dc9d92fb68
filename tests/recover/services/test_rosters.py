"""A roster that comes after its failure: whom it names is answered like the others, once, and promised from then."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import stories
from django.db import connection, transaction

from amends.channels.models import Message
from amends.kernel.blueprint import load_shipped
from amends.monitor.models import Affected, Failure, Incident
from amends.monitor.services import record_findings
from amends.people.models import Unit
from amends.people.services import keep_customers
from amends.recover.models import Action, Case, CaseFailure, Clock, IncidentResponse
from amends.recover.selectors.trail import verify_trail
from amends.recover.services import open_cases, report_failure, take_roster, tell_affected
from tests.monitor.told import NOON, SUBJECT, finding

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FOUND = NOON + 2 * HOUR
LATER = FOUND + 5 * HOUR  # all that was promised at once is over by then
MISSES = {"layover_minutes": 45, "fare": 200.0}


@pytest.fixture
def place() -> stories.Company:
    return stories.company(pack=load_shipped("airline"))


def record(place: stories.Company, minutes: int = 120) -> list[int]:
    late = finding("late", NOON + timedelta(minutes=minutes), unit="EWR")
    return sorted(record_findings([late], version=place.version, now=FOUND).incidents)


def hear(place: stories.Company, minutes: int = 120) -> None:
    open_cases(record(place, minutes), now=FOUND)


def board(*names: str, now: Any = LATER, subject: str = SUBJECT, **facts: Any) -> int:
    known = [{"reference": name, "name": name, "locale": "en", "email": f"{name}@example.test"} for name in names]
    keep_customers(known, now=now)
    return take_roster([(subject, name, facts or MISSES) for name in names], now=now)


def opened(*, now: Any = LATER) -> list[int]:
    """Do what was enqueued; the incidents that were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where task_name = 'recover.open_cases' and status = 'todo' returning args"
        )
        incidents = sorted({one for (args,) in cursor.fetchall() for one in json.loads(args)["incident_ids"]})
    open_cases(incidents, now=now)
    return incidents


def test_whom_a_roster_names_late_has_a_case_promised_from_then(place: stories.Company) -> None:
    board("early", now=FOUND)
    hear(place)
    before = Case.objects.values().get()
    assert board("early", "late") == 2
    assert opened() == [before["incident_id"]]
    case = Case.objects.get(customer__reference="late")
    assert (case.incident_id, case.opened_at, case.severity) == (before["incident_id"], LATER, before["severity"])
    assert {clock.started_at for clock in Clock.objects.filter(case=case)} == {LATER}
    assert all(clock.due_at > LATER for clock in Clock.objects.filter(case=case))
    assert all(action.due_at > LATER for action in Action.objects.filter(case=case))
    steps = Action.objects.values_list("step", "amount", "currency")
    assert set(steps.filter(case=case)) == set(steps.filter(case=before["id"]))
    assert Case.objects.values().get(pk=before["id"]) == before
    assert (Failure.objects.get().customers, Incident.objects.get().customers) == (2, 2)
    assert CaseFailure.objects.filter(case=case).count() == 1
    assert verify_trail([case.pk]) == []


def test_the_same_roster_again_does_nothing_twice(place: stories.Company) -> None:
    hear(place)
    for _ in range(2):
        board("late")
        opened()
    assert (Case.objects.count(), Affected.objects.count()) == (1, 1)
    actions = Action.objects.count()
    board("late", now=LATER + HOUR)
    assert opened() == []
    assert Action.objects.count() == actions


def test_whom_it_hit_lightly_is_told_with_promises_that_can_be_kept(place: stories.Company) -> None:
    board("early", now=FOUND, fare=200.0)
    hear(place, minutes=40)
    told = tell_affected([Incident.objects.get().pk], now=FOUND, as_of_found=False)
    assert (told.queued, Case.objects.count()) == (1, 0)
    board("early", "late", fare=200.0)
    incidents = opened()
    assert tell_affected(incidents, now=LATER, as_of_found=False).queued == 1
    assert IncidentResponse.objects.count() == 1
    letter = Message.objects.get(customer__reference="late")
    assert letter.created_at == LATER
    assert tell_affected(incidents, now=LATER, as_of_found=False).queued == 0


def test_a_failure_of_long_ago_and_one_averted_hit_nobody_any_more(place: stories.Company) -> None:
    hear(place)
    board("late", now=FOUND + timedelta(days=8))
    assert opened() == []
    Failure.objects.update(stage="averted")
    board("late")
    assert (opened(), Affected.objects.count()) == ([], 0)


def test_what_failed_one_customer_alone_hits_nobody_else(place: stories.Company) -> None:
    personal = next((one.id for one in place.pack.standards if one.is_personal), None)
    assert personal is not None
    hear(place)
    Failure.objects.update(standard=personal)
    board("late")
    assert (opened(), Affected.objects.count()) == ([], 0)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_an_employee_reported_hits_whom_a_later_roster_names(place: stories.Company, elsewhere: bool) -> None:
    unit = Unit.objects.create(code="LGA", name_en="L", name_zh="L", parent=place.unit, path="/HQ/LGA/")
    person = stories.staff("front_line", unit=unit if elsewhere else place.branch)
    if elsewhere:  # what belongs to others hits nobody
        hear(place)
        Failure.objects.update(stage="averted")
    told = {"form": "a" * 32, "kind": "slow", "subject": SUBJECT, "unit": person.unit, "words": ""}
    report_failure(**told, acting_user=person, now=FOUND)
    board("late")
    assert Affected.objects.count() == (0 if elsewhere else 1)


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Begin an act elsewhere while a transaction goes on here; give it the time to get ahead of us, if it can."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    with transaction.atomic():
        yield
        other = Thread(target=run)
        other.start()
        other.join(timeout=1)
    other.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["roster", "finding", "opening"])
def test_a_roster_and_a_failure_at_the_same_time_lose_nobody(first: str) -> None:
    place = stories.company(pack=load_shipped("airline"))
    board("early", now=FOUND)
    keep_customers([{"reference": "late", "name": "late", "locale": "en"}], now=FOUND)
    if first == "roster":
        with meanwhile(lambda: hear(place)):
            board("late")
    elif first == "finding":
        with meanwhile(lambda: board("late")):
            hear(place)
    else:
        incidents = record(place)
        with meanwhile(lambda: board("late")):
            open_cases(incidents, now=FOUND)
    opened()
    cases = Case.objects.values_list("customer__reference", flat=True)
    assert sorted(cases) == ["early", "late"]
    assert Affected.objects.count() == 2
