"""Incidents are grouped by people, and cases follow: tied where one customer has several, otherwise as they were."""

import json
from datetime import timedelta

import stories
from django.db import connection

from amends.kernel.text import Localised
from amends.monitor.models import Failure, Incident
from amends.monitor.services import record_findings
from amends.monitor.services.closures import enter_closure
from amends.people.models import Customer
from amends.recover.models import Action, Case, CaseLink, Clock
from amends.recover.selectors import cases_for, covering
from amends.recover.selectors.grouping import incident_counting
from amends.recover.selectors.trail import unexplained, verify_trail
from amends.recover.services import (
    merge_incidents,
    open_cases,
    part_incidents,
    split_incident,
    withdraw_closure,
)

NOW = stories.NOW


def two_flights(company):
    """Two incidents that hit the same three customers, with their cases."""
    (first,) = stories.broken_flights(company, seats=3)
    both = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    (second,) = stories.broken_flights(company, prefix="G", customers=both)
    open_cases([first, second], now=NOW)
    return first, second


def work():
    """All that was promised and planned."""
    return [
        list(model.objects.order_by("pk").values(*fields))
        for model, fields in ((Case, ("state", "incident_id")), (Action, ("state", "amount")), (Clock, ("due_at",)))
    ]


def test_a_merge_ties_the_cases_of_one_customer_and_changes_nothing_that_was_promised(company):
    first, second = two_flights(company)
    before, boss = work(), stories.staff("manager")
    merge_incidents(second, into=first, acting_user=boss, now=NOW)
    assert work() == before
    assert CaseLink.objects.filter(kind="related", ended_at=None).count() == 3
    for link in CaseLink.objects.select_related("case", "other"):
        assert link.case.customer_id == link.other.customer_id
        assert incident_counting(link.case) == first
    cases = list(Case.objects.values_list("pk", flat=True))
    assert verify_trail(cases) == unexplained(cases) == []
    assert len(cases_for(boss, incident=first).rows) == 6
    part_incidents(second, acting_user=boss, now=NOW)
    assert len(cases_for(boss, incident=first).rows) == 3


def test_merged_again_cases_are_not_tied_twice(company):
    first, second = two_flights(company)
    boss = stories.staff("manager")
    for _ in range(2):
        merge_incidents(second, into=first, acting_user=boss, now=NOW)
        part_incidents(second, acting_user=boss, now=NOW)
    assert CaseLink.objects.count() == 3


def test_a_later_failure_of_a_merged_incident_extends_the_case_that_is_there_and_opens_no_second(company):
    first, second = two_flights(company)
    merge_incidents(second, into=first, acting_user=stories.staff("manager"), now=NOW)
    both = list(Customer.objects.values_list("pk", flat=True))
    stories.broken_flights(company, prefix="G", kind="unavailable", customers=both)
    open_cases([second], now=NOW)
    assert Case.objects.count() == 6


def test_a_split_shows_cases_with_the_new_incident_and_opens_none(company):
    first, second = two_flights(company)
    boss = stories.staff("manager")
    merge_incidents(second, into=first, acting_user=boss, now=NOW)
    before = work()
    fresh = split_incident(first, subjects=["G1"], acting_user=boss, now=NOW)
    open_cases([first, second, fresh.pk], now=NOW)
    assert work() == before
    assert {case.subject for case in cases_for(boss, incident=fresh.pk).rows} == {"G1"}
    assert {case.subject for case in cases_for(boss, incident=first).rows} == {"F1"}
    assert {incident_counting(case) for case in Case.objects.filter(subject="G1")} == {fresh.pk}


def test_whom_the_response_for_all_covers_follows_the_failures(company):
    first, second = stories.broken_flights(company, seats=4, flights=2, minutes_late=20, severity=1)
    open_cases([first, second], now=NOW)
    incident, boss = Incident.objects.get(pk=first), stories.staff("manager")

    def covered(which: Incident) -> list[int]:
        return [one.customers for one in covering(which)]

    assert covered(incident) == [4]
    merge_incidents(second, into=first, acting_user=boss, now=NOW)
    assert covered(incident) == [4, 4]
    fresh = split_incident(first, subjects=["F1"], acting_user=boss, now=NOW)
    assert (covered(incident), covered(fresh)) == ([4], [4])
    assert covering(incident)[0].response.incident_id == second


def test_a_closure_withdrawn_has_the_cases_opened_that_it_kept_back(company):
    boss = stories.staff("manager")
    closure = enter_closure(
        unit=company.branch,
        resource="",
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=1),
        reason=Localised(en="Works.", zh="施工。"),
        version=company.version,
        acting_user=boss,
        now=NOW,
    )
    found = {
        "standard": "depart-on-time",
        "subject": "F1",
        "what": "late",
        "at": NOW + timedelta(minutes=30),
        "due": NOW,
        "opened_at": NOW,
        "opening_id": "F1",
        "opening_source": "test",
        "customer": None,
        "unit": "EWR",
    }
    assert record_findings([found], version=company.version, now=NOW).incidents == frozenset()
    withdraw_closure(closure.pk, acting_user=boss, now=NOW)
    incident = Incident.objects.get()
    assert Failure.objects.get().incident == incident
    with connection.cursor() as cursor:
        cursor.execute("select args -> 'incident_ids' from procrastinate_jobs where task_name like '%%open_cases%%'")
        assert [incident.pk] in [row[0] if isinstance(row[0], list) else json.loads(row[0]) for row in cursor]
