"""Promises between colleagues that the monitor finds broken: confidential from the first finding, with a circle."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from amends.monitor.models import Affected, Failure, HeldFinding, Incident
from amends.monitor.services import avert_risks, record_findings
from amends.people.models import Customer, Staff, Unit
from amends.people.selectors import NotFound
from amends.people.services import create_staff
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.core.leaving import cost_of_leaving
from amends.recover.models import Case, CircleMember, Notice
from amends.recover.selectors import access_case
from amends.recover.services import open_cases
from amends.recover.services.reckoning import reckon
from tests.web.console.world import NOON, NOW, World, airline

pytestmark = pytest.mark.django_db
SUBJECT = "request/17"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return airline()


def found(what: str, **changes: Any) -> dict[str, Any]:
    return {
        "standard": "help-answered",
        "subject": SUBJECT,
        "what": what,
        "at": NOW - 5 * MINUTE,
        "due": NOW - 10 * MINUTE,
        "opened_at": NOW - 70 * MINUTE,
        "opening_id": "17",
        "opening_source": "desk",
        "customer": "zo@inside.test",
        "unit": "XX",
    } | changes


def hear(*findings: dict[str, Any]) -> frozenset[int]:
    version = version_in_force(deployment().blueprint_name)
    recorded = record_findings(list(findings), version=version, now=NOW)
    open_cases(sorted(recorded.incidents), now=NOW)
    return recorded.incidents


def quill() -> Staff:
    unit = Unit.objects.get(code="XX-EWR")
    return create_staff(
        email="zo@inside.test", name="Zo Quill", role="front_line", unit=unit, now=NOON, acting_user=None
    )


def test_what_is_found_is_confidential_and_has_a_case_with_a_circle(world: World) -> None:
    person, boss = quill(), world.staff["manager"]
    counts = [model.objects.count() for model in (Failure, Incident, Customer, Case)]
    hear(found("breached"))
    assert [model.objects.count() for model in (Failure, Incident, Customer, Case)] == counts
    failure = Failure.every.get(confidential=True)
    assert failure.subject.startswith("N-")
    assert failure.subject.endswith(SUBJECT)
    case = Case.every.get(confidential=True)
    assert case.customer.staff == person
    assert Incident.every.get(pk=case.incident_id).confidential
    assert dict(CircleMember.objects.filter(case=case).values_list("role", "staff")) == {
        "person": person.pk,
        "unit_head": boss.pk,
    }
    assert case.owner == boss
    assert case.plan.playbook == "internal-put-right"
    assert Notice.objects.filter(case=case).values_list("staff", flat=True).get() == boss.pk
    assert access_case(boss, case.pk) == case
    for role in ("front_line", "supervisor", "quality_owner", "executive"):
        with pytest.raises(NotFound):
            access_case(world.staff[role], case.pk)


def test_found_again_and_further_it_is_one_case_of_one_failure(world: World) -> None:
    quill()
    for what in ("at_risk", "breached", "breached", "late"):
        hear(found(what))
    assert Failure.every.get(confidential=True).stage == "late"
    assert Affected.objects.filter(failure__confidential=True).count() == 1
    assert Case.every.filter(confidential=True).count() == 1


def test_a_mere_risk_is_confidential_too_and_may_come_to_nothing(world: World) -> None:
    quill()
    before = Failure.objects.count()
    hear(found("at_risk", due=NOW + MINUTE))
    assert Failure.objects.count() == before
    assert not Case.every.filter(confidential=True).exists()
    avert_risks(watermark=NOW + 5 * MINUTE)
    assert Failure.every.get(confidential=True).stage == "averted"


@pytest.mark.parametrize("named", [None, "nobody@inside.test"])
def test_where_nobody_here_is_named_it_is_known_and_nobody_has_a_case(world: World, named: str | None) -> None:
    customers = Customer.every.count()
    hear(found("breached", customer=named))
    assert Failure.every.get(confidential=True).customers == 0
    assert Customer.every.count() == customers
    assert not Case.every.filter(confidential=True).exists()


def test_a_customers_failure_about_the_same_subject_does_not_join_it(world: World) -> None:
    quill()
    inside = hear(found("breached"))
    theirs = found("late", standard="depart-on-time", opening_id="f", customer="C-new", unit="XX-EWR")
    assert not inside & hear(theirs)
    assert Incident.every.get(pk=next(iter(inside))).failures == 1


def test_a_flood_is_never_held_where_others_see_it(world: World) -> None:
    quill()
    hear(*(found("breached", subject=f"request/{n}", opening_id=f"{n}") for n in range(60)))
    assert not HeldFinding.objects.filter(standard="help-answered").exists()
    assert Case.every.filter(confidential=True).count() == 60


def test_what_counts_customers_failures_counts_none_of_these(world: World) -> None:
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    assert pack.watched_inside == {"help-answered", "shift-plan-stands"}
    assert not {one["id"] for one in pack.standards_file()["standards"]} & pack.watched_inside
    for one in pack.judged_file()["standards"]:
        for counting in ("repeats", "rate"):
            counted = (one.get(counting) or {}).get("failures") or []
            assert counted != "any"
            assert not pack.watched_inside & set(counted)


def test_what_is_left_between_colleagues_loses_no_customer(world: World) -> None:
    person = quill()
    hear(found("breached"))
    case = Case.every.get(customer__staff=person)
    spot = cost_of_leaving(
        age=timedelta(0),
        severity=case.severity,
        value=None,
        unkept=0,
        owed=True,
        economics=blueprint_of(case.blueprint_id).economics,
    )
    assert case.leaving == spot
    with connection.cursor() as cursor:
        reckon(cursor, {case.pk: case.opened_at})
    case.refresh_from_db()
    assert case.leaving == spot
