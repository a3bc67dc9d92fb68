"""Made-up companies for tests and benchmarks: units, customers and failures as the monitor would have recorded them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from amends.kernel.blueprint import Blueprint, load_shipped
from amends.kernel.text import Localised
from amends.people.models import Staff, Unit
from amends.policy.models import BlueprintVersion, Deployment
from amends.policy.services import publish_blueprint, set_up_deployment
from tests.kept import Kept

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Company:
    """What a story starts from."""

    pack: Blueprint
    version: BlueprintVersion
    unit: Unit  # the root
    branch: Unit


def pack_with_limit(automatic: int) -> Blueprint:
    """The airline's pack, where the system itself may give so much a case; severe cases on long flights get 600."""
    content = load_shipped("airline").content()
    for level in content["authority"]:
        if level["role"] == "automatic":
            level["per_case"] = str(automatic)
    return Blueprint.from_content(content)


def company(*, pack: Blueprint | None = None, kind: Deployment.Kind = Deployment.Kind.COMPANY) -> Company:
    """A deployment with a blueprint in force and two units."""
    pack = pack or pack_with_limit(500)
    version = publish_blueprint(pack, name=pack.id, now=NOW, acting_user="test")
    more: dict[str, Any] = {} if kind == Deployment.Kind.COMPANY else {"demo_from": NOW.date(), "demo_days": 1}
    set_up_deployment(
        kind=kind, blueprint_name=pack.id, company=Localised(en="Test Air", zh="测试航空"), timezone="UTC", **more
    )
    root = Unit.objects.create(code="HQ", name_en="All", name_zh="全部", path="/HQ/")
    branch = Unit.objects.create(code="EWR", name_en="Newark", name_zh="纽瓦克", parent=root, path="/HQ/EWR/")
    return Company(pack=pack, version=version, unit=root, branch=branch)


kept_company = Kept(company, shared=lambda made: (made.pack, made.version))  # the same, made once


def staff(role: str, *, name: str = "", unit: Unit | None = None) -> Staff:
    """An account of a role."""
    name = name or role
    return Staff.objects.create(
        email=f"{name}-{Staff.objects.count()}@example.com", name=name, role=role, unit=unit, created_at=NOW
    )


def broken_flights(
    place: Company,
    *,
    flights: int = 1,
    seats: int = 10,
    minutes_late: int = 200,
    distance_km: int = 2_000,
    kind: str = "slow",
    severity: int = 3,
    fare: str = "200",
    found_at: datetime = NOW - timedelta(hours=2),
    name: str = "",
    prefix: str = "F",
    customers: Sequence[int] = (),
) -> list[int]:
    """Late flights, an incident each, `seats` customers on each of them; the incidents' ids.

    With `customers` those are on every flight and no new ones are made. Times lie a minute apart from flight to flight,
    delays, fares, tiers and languages vary a little from seat to seat.
    """
    values = {
        "unit": place.branch.pk,
        "version": place.version.pk,
        "flights": flights,
        "seats": seats,
        "late": minutes_late,
        "km": distance_km,
        "kind": kind,
        "severity": severity,
        "fare": fare,
        "found": found_at,
        "name": name,
        "prefix": prefix,
        "customers": list(customers),
    }
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


_EXPLAINED = """
    insert into policy_explanation (digest, rule, inputs, en, zh, blueprint_id)
    values ('test severity', 'test', '{}', 'It was grave.', '情况严重。', %(version)s),
        ('test cause', 'test', '{}', 'We take it as our own.', '这是我们自己的责任。', %(version)s)
    on conflict (digest) do nothing
"""
_CUSTOMERS = """
    insert into people_customer (reference, kind, name, locale, tier, value, currency, vulnerable, vulnerable_reason,
        consent_contact, watch_reason, synthetic, created_at)
    select %(prefix)s || '-' || flight || '-' || seat, 'external',
        case when %(name)s <> '' then %(name)s when seat %% 2 = 0 then '王小明' || seat else 'Ann Example' || seat end,
        case when seat %% 2 = 0 then 'zh-CN' else 'en' end,
        (array['', 'silver', 'gold', 'platinum'])[1 + seat %% 4], 100 * seat, 'USD', seat %% 50 = 49, '', true, '',
            true,
        %(found)s
    from generate_series(1, %(flights)s) as flight, generate_series(1, %(seats)s) as seat
    where %(customers)s = '{}'
"""
_CONTACTS = """
    insert into people_contactpoint (customer_id, kind, address, rank)
    select id, 'email', lower(reference) || '@example.com', 0 from people_customer
    where reference like %(prefix)s || '-%%' on conflict do nothing
"""
_INCIDENTS = """
    insert into monitor_incident (key, state, kind, subject, unit_id, severity, responsible, controllable,
        explanation_id,
        started_at, last_at, failures, customers, blueprint_id)
    select 'subject/' || %(prefix)s || flight, 'open', %(kind)s, %(prefix)s || flight, %(unit)s, %(severity)s,
        'process',
        true, null, %(found)s + flight * interval '1 minute', %(found)s + flight * interval '1 minute', 1, %(seats)s,
        %(version)s
    from generate_series(1, %(flights)s) as flight
    on conflict (key) do nothing
"""
_FAILURES = """
    insert into monitor_failure (promise_key, standard, kind, step, subject, unit_id, stage, found_at, stage_at,
        opened_at,
        due, severity, severity_why_id, responsible, controllable, stable, attribution_why_id, facts, customers,
        incident_id, blueprint_id)
    select incident.key || '/' || %(kind)s || %(late)s, 'test', %(kind)s, 'departure', incident.subject, %(unit)s,
        'late',
        incident.started_at, incident.started_at, incident.started_at, incident.started_at, %(severity)s,
        severity.id, 'process', true, true, cause.id,
        jsonb_build_object('minutes_late', %(late)s + flight %% 7, 'distance_km', %(km)s, 'domestic', true,
            'cancelled', %(kind)s = 'unavailable', 'never', false),
        %(seats)s, incident.id, %(version)s
    from generate_series(1, %(flights)s) as flight
    join monitor_incident as incident on incident.key = 'subject/' || %(prefix)s || flight
    join policy_explanation as severity on severity.digest = 'test severity'
    join policy_explanation as cause on cause.digest = 'test cause'
"""
_AFFECTED = """
    insert into monitor_affected (failure_id, customer_id, severity, severity_why_id, facts)
    select failure.id, customer.id, %(severity)s, failure.severity_why_id,
        jsonb_build_object('fare', %(fare)s::numeric + customer.id %% 40, 'cabin', 'economy')
    from monitor_failure as failure
    join people_customer as customer on case when %(customers)s = '{}'
        then customer.reference like replace(failure.subject, %(prefix)s, %(prefix)s || '-') || '-%%'
        else customer.id = any(%(customers)s::bigint[]) end
    where failure.subject in (select %(prefix)s || flight from generate_series(1, %(flights)s) as flight)
    on conflict do nothing
"""
_FOUND = """
    select id from monitor_incident
    where key in (select 'subject/' || %(prefix)s || flight from generate_series(1, %(flights)s) as flight) order by id
"""
_STATEMENTS = (_EXPLAINED, _CUSTOMERS, _CONTACTS, _INCIDENTS, _FAILURES, _AFFECTED, _FOUND)
