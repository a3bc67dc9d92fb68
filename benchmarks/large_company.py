"""A company with very many cases, made set-wise for measuring: units in a tree, customers, cases with all their rows.

What is drawn is drawn by hashing a row's number, so that each run has the same rows. Carriers differ much in size, and
the smallest has as many units as the others: who is limited to it has many units with few cases among very many.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

NOW: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CARRIERS: Final = ("NA", "NB", "NC", "ND")  # of every 1,000 cases 600, 300, 98 and 2
BASES, STATIONS = 20, 5  # a carrier's, and a base's: with the root 485 units
SMALL: Final = 15  # further units of the smallest carrier, which have next to nothing
CUSTOMERS: Final = 250_000
SEATS: Final = 50  # cases to an incident
COLLEAGUES: Final = 200
GIVEN = "Ada Ben Carla David Elif Frank Grace Hassan Ida Jonas Kofi Lucia Mary Noor Omar Paula Quinn Rosa Samir Tomas"
FAMILY = (
    "Adler Berg Carter Demir Evans Fischer Garcia Holm Ivanov Jones Klein Lind Moreno Novak Otieno Patel Quist Rahman "
    "Sato Smith Taylor Ueda Vega Wilson Young Zhang Haddad Ortega Brown Meyer"
)
SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
SIGNS: Final = "小明伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华建文玲辉玉兰红云志慧子俊宇浩欣怡佳雪梦琪晨思雨"
OPEN_STATES: Final = ("planned", "in_progress", "awaiting_customer", "made_good", "objected")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whose pages are measured."""

    name: str
    unit: str | None  # code
    role: str
    locale: str


PEOPLE: Final = (
    Person(name="whole company", unit=None, role="manager", locale="en"),
    Person(name="large carrier", unit="NA", role="supervisor", locale="en"),
    Person(name="sparse carrier", unit="ND", role="supervisor", locale="zh-CN"),
    Person(name="small station", unit="ND-01-1", role="front_line", locale="en"),
)


def found(cases: int) -> dict[str, Any]:
    """Make the company; gives its people by name."""
    from django.db import connection

    from amends.kernel.blueprint import load_shipped
    from amends.kernel.text import Localised
    from amends.people.models import Unit
    from amends.people.services import create_staff, plant_units
    from amends.policy.models import Deployment
    from amends.policy.services import publish_blueprint, set_up_deployment
    from amends.recover.search import PAIRS, WORDS

    set_up_deployment(
        kind=Deployment.Kind.COMPANY, blueprint_name="airline", company=Localised(en="Air", zh="航空"), timezone="UTC"
    )
    version = publish_blueprint(load_shipped("airline"), name="airline", now=NOW, acting_user="benchmark")
    plant_units(_units())
    staff = {
        person.name: create_staff(
            email=f"{place}@example.test",
            name=person.name,
            role=person.role,
            unit=person.unit and Unit.objects.get(code=person.unit),
            locale=person.locale,
            now=NOW,
            acting_user=None,
        )
        for place, person in enumerate(PEOPLE)
    }
    values = {
        "version": version.pk,
        "now": NOW,
        "incidents": max(1, cases // SEATS),
        "seats": SEATS,
        "customers": max(SEATS, min(CUSTOMERS, cases // 4)),
        "colleagues": COLLEAGUES,
        "given": GIVEN.split(),
        "family": FAMILY.split(),
        "surnames": SURNAMES,
        "signs": SIGNS,
        "open_states": list(OPEN_STATES),
        "people": [member.pk for member in staff.values()],
    }
    with connection.cursor() as cursor:
        # the rows' keys are right by how they are made, and their trails are made below: neither is worth hours here
        cursor.execute("set session_replication_role = replica")
        cursor.execute(
            "select indexname, indexdef from pg_indexes where tablename in ('recover_case', 'recover_casesearch')"
            " and indexname like 'case\\_%' and indexname <> 'case_once'"
        )
        names, definitions = zip(*cursor.fetchall(), strict=True)
        cursor.execute(f"drop index {', '.join(names)}")  # built anew at the end, which is much faster
        words = {"{WORDS}": WORDS.format(text=_TEXT), "{PAIRS}": PAIRS.format(text=_NAMED)}
        for template in _STATEMENTS:
            statement = template
            for name, expression in words.items():
                statement = statement.replace(name, expression)
            cursor.execute(statement, values)
        cursor.execute("reset session_replication_role")
        for definition in definitions:
            cursor.execute(definition)
        cursor.execute("vacuum analyze")
    return staff


def _units() -> list[tuple[str, str | None, str, str]]:
    rows: list[tuple[str, str | None, str, str]] = [("HQ", None, "Whole company", "全公司")]
    for carrier in CARRIERS:
        rows.append((carrier, "HQ", f"Carrier {carrier}", f"承运人{carrier}"))
        for number in range(1, BASES + 1):
            base = f"{carrier}-{number:02}"
            rows.append((base, carrier, f"Base {base}", f"基地{base}"))
            rows += [
                (f"{base}-{at}", base, f"Station {base}-{at}", f"航站{base}-{at}") for at in range(1, STATIONS + 1)
            ]
    return rows + [(f"ND-X{at:02}", "ND", f"Desk {at}", f"柜台{at}") for at in range(1, SMALL + 1)]


def _drawn(number: str, salt: int, below: str | int) -> str:
    """A whole number from 0, the same for the same row."""
    return f"(abs(hashint8extended({number}, {salt}) %% 1000003) %% ({below}))"


_ONE_OF_GIVEN = f"(%(given)s::text[])[1 + {_drawn('c', 1, 20)}]"
_ONE_OF_FAMILY = f"(%(family)s::text[])[1 + {_drawn('c', 2, 30)}]"
# a fifth of the surnames' weight lies on the first three, as in life
_SURNAME = f"substr(%(surnames)s, 1 + least({_drawn('c', 3, 20)}, {_drawn('c', 4, 20)})::int, 1)"
_TEXT = "concat_ws(' ', customer.reference, customer.name, incident.subject)"
_NAMED = "concat_ws(' ', customer.name, incident.subject)"
_BEFORE = "(%(now)s - interval '3 years' * (1 - i / %(incidents)s::float8) - interval '2 hours')"

_STATEMENTS: Final = (
    """
    insert into policy_explanation (digest, rule, inputs, en, zh, blueprint_id)
    select 'measured ' || word, 'test', '{}', 'Because of the ' || word || '.', '说明 ' || word || '。', %(version)s
    from unnest(array['severity', 'cause', 'plan']) as word
    """,
    """
    insert into people_staff (password, email, name, role, authority_level, unit_id, locale, is_active, created_at)
    select '', 'colleague' || n || '@example.test', 'Colleague ' || n, 'front_line', '', null, 'en', true, %(now)s
    from generate_series(1, %(colleagues)s) as n
    """,
    f"""
    insert into people_customer (reference, kind, name, locale, tier, value, currency, vulnerable, vulnerable_reason,
        consent_contact, watch_reason, synthetic, created_at)
    select 'C-' || lpad(c::text, 7, '0'), 'external',
        case when c %% 5 < 2 then {_SURNAME} || substr(%(signs)s, 1 + {_drawn("c", 5, 50)}::int, 1)
            || case when c %% 3 = 0 then '' else substr(%(signs)s, 1 + {_drawn("c", 6, 50)}::int, 1) end
        else {_ONE_OF_GIVEN} || ' ' || {_ONE_OF_FAMILY} end,
        case when c %% 5 < 2 then 'zh-CN' else 'en' end, (array['', '', 'silver', 'gold', 'platinum'])[1 + c %% 5],
        {_drawn("c", 7, 20000)}, 'USD', {_drawn("c", 8, 50)} = 0, '', true, '', true, %(now)s - interval '4 years'
    from generate_series(1, %(customers)s) as c
    """,
    """
    insert into people_contactpoint (customer_id, kind, address, rank)
    select id, 'email', lower(reference) || '@example.com', 0 from people_customer
    """,
    f"""
    insert into monitor_incident (id, key, state, kind, subject, unit_id, severity, responsible, controllable,
        explanation_id, started_at, last_at, failures, customers, blueprint_id)
    select i, 'subject/' || i, 'open', case when i %% 4 = 0 then 'unavailable' else 'slow' end,
        carrier || {_drawn("i", 12, 900)} + 100 || '/' || ({_BEFORE})::date || '/'
            || (array['JFK', 'EWR', 'SFO', 'LAX', 'ORD', 'ATL', 'PEK', 'PVG'])[1 + {_drawn("i", 13, 8)}] || '-'
            || (array['BOS', 'MIA', 'SEA', 'DEN', 'IAH', 'CAN', 'HKG', 'LHR'])[1 + {_drawn("i", 14, 8)}],
        unit.id, 1 + {_drawn("i", 15, 3)}, 'process', true, null, {_BEFORE}, {_BEFORE}, 1, %(seats)s, %(version)s
    from generate_series(1, %(incidents)s) as i
    cross join lateral (select {_drawn("i", 10, 1000)} as share, {_drawn("i", 11, 100)} as place) as drawn
    cross join lateral (select case when share < 600 then 'NA' when share < 900 then 'NB' when share < 998 then 'NC'
        else 'ND' end as carrier) as whose
    join people_unit as unit on unit.code = case
        when i in (%(incidents)s / 2, %(incidents)s - 1) then 'ND-01-1'
        else carrier || '-' || lpad((1 + place / 5)::text, 2, '0') || '-' || 1 + place %% 5 end
    """,
    """
    insert into monitor_failure (id, promise_key, standard, kind, step, subject, unit_id, stage, found_at, stage_at,
        opened_at, due, severity, severity_why_id, responsible, controllable, stable, attribution_why_id, facts,
        customers, incident_id, blueprint_id)
    select incident.id, key, '', incident.kind, 'departure', subject, unit_id, 'late', started_at, started_at,
        started_at, started_at, incident.severity, why.id, 'process', true, true, why.id,
        jsonb_build_object('minutes_late', 150, 'distance_km', 2000, 'domestic', true), customers, incident.id,
        %(version)s
    from monitor_incident as incident, policy_explanation as why where why.digest = 'measured severity'
    """,
    """
    insert into monitor_finding (failure_id, what, at) select id, 'late', found_at from monitor_failure
    """,
    f"""
    insert into recover_case (id, customer_id, incident_id, unit_id, subject, kind, severity, responsible, controllable,
        facts, what_happened_id, cause_id, state, is_open, priority, opened_at, closed_at, next_due, owner_id, version,
        blueprint_id, leaving)
    select n, customer.id, incident.id, incident.unit_id, incident.subject, incident.kind, incident.severity, 'process',
        true, jsonb_build_object('minutes_late', 150 + n %% 90, 'distance_km', 2000, 'domestic', true,
            'fare', n %% 700),
        severity.id, cause.id,
        case when is_open then (%(open_states)s::text[])[1 + {_drawn("n", 21, 5)}]
            when {_drawn("n", 22, 20)} = 0 then 'withdrawn' else 'closed' end,
        is_open,
        100 * incident.severity + 40 * customer.vulnerable::int + 15 * {_drawn("n", 23, 4)}
            + 5 * log(1 + customer.value) + case when is_open then 60 * log(1 + waiting.leaving) else 0 end,
        incident.started_at, case when not is_open then incident.started_at + interval '9 days' end,
        case when is_open and n %% 10 > 0 then %(now)s + interval '1 minute' * ({_drawn("n", 24, 10000)} - 2000) end,
        case when is_open and n %% 2 = 0 then
            case when n %% 100 = 0 then (%(people)s::int[])[1 + n / 100 %% 4]
                else own.first + {_drawn("n", 25, 200)} end end,
        1, %(version)s, case when is_open then waiting.leaving else 0 end
    from generate_series(1, %(incidents)s * %(seats)s) as n
    join monitor_incident as incident on incident.id = 1 + (n - 1) / %(seats)s
    join people_customer as customer on customer.id = 1 + n::bigint * 7919 %% %(customers)s
    cross join lateral (select n > %(incidents)s * %(seats)s * 0.88 and {_drawn("n", 20, 10)} < 9
        or {_drawn("n", 20, 20)} = 0 as is_open) as still
    cross join lateral (select 5 + {_drawn("n", 26, 400)} as leaving) as waiting
    cross join (select min(id) as first from people_staff where email like 'colleague%%') as own
    join policy_explanation as severity on severity.digest = 'measured severity'
    join policy_explanation as cause on cause.digest = 'measured cause'
    """,
    """
    insert into recover_casesearch (case_id, words)
    select case_.id, array_to_tsvector({WORDS} || {PAIRS} || case_.id::text)
    from recover_case as case_ join people_customer as customer on customer.id = case_.customer_id
    join monitor_incident as incident on incident.id = case_.incident_id
    """,
    "insert into recover_casefailure (case_id, failure_id) select id, incident_id from recover_case",
    """
    insert into monitor_affected (failure_id, customer_id, severity, severity_why_id, facts)
    select incident_id, customer_id, severity, what_happened_id, '{}' from recover_case
    """,
    """
    insert into recover_plan (id, case_id, playbook, strategy, revision, why_id, created_at, blueprint_id)
    select recover_case.id, recover_case.id, 'delay-by-us',
        case when recover_case.id %% 20 = 0 then 'substitute' when recover_case.id %% 3 = 0 then 'case_by_case'
            else 'early_intervention' end, 1, why.id, opened_at, %(version)s
    from recover_case, policy_explanation as why where why.digest = 'measured plan'
    """,
    """
    insert into recover_action (plan_id, case_id, step, kind, phase, performer, channel, template, remedy, amount,
        currency, tariff, authority, justice, why_id, state, ready_at, due_at, done_at, note)
    select one.id, one.id, step.name, step.kind, 'immediate', performer, channel, '', remedy, amount, currency, '', '',
        array['interactional'], why.id, case when is_open and step.kind = 'call' then 'ready' else 'done' end,
        opened_at,
        opened_at + interval '1 day',
        case when not (is_open and step.kind = 'call') then opened_at + interval '1 hour' end, ''
    from recover_case as one
    join (values ('message', 'apology', 'automatic', 'outbox', '', null, ''),
        ('voucher', 'compensation', 'automatic', 'outbox', 'voucher', 50, 'USD'),
        ('call', 'call', 'front_line', 'phone', '', null, '')
    ) as step (name, kind, performer, channel, remedy, amount, currency) on step.name <> 'call' or one.severity = 3
    join policy_explanation as why on why.digest = 'measured plan'
    """,
    """
    insert into recover_clock (case_id, kind, state, started_at, due_at, wake_at, ended_at, owner, escalate_to)
    select id, clock, case when is_open then 'running' else 'met' end, opened_at, coalesce(next_due, opened_at),
        case when is_open then coalesce(next_due, opened_at) end,
        case when not is_open then opened_at end, 'front_line', 'supervisor'
    from recover_case, unnest(array['acknowledge', 'resolve']) as clock
    """,
    """
    insert into recover_remedy (key, case_id, customer_id, action_id, kind, amount, currency, granted_at, level,
        blueprint_id)
    select 'action/' || action.id, case_id, customer_id, action.id, 'voucher', 50, 'USD', action.done_at, 'automatic',
        %(version)s
    from recover_action as action join recover_case as one on one.id = case_id where action.kind = 'compensation'
    """,
    """
    insert into recover_trailentry (case_id, number, at, actor, act, rows, changes, previous, digest)
    select id, 1, opened_at, 'automatic', 'open_cases', 'recover_case', '[]', null, sha256(convert_to(id::text, 'UTF8'))
    from recover_case
    """,
    """
    insert into channels_message (key, thread, customer_id, direction, channel, address, locale, subject, body, state,
        created_at, receipt, error)
    select 'case/' || id, 'case:' || id, customer_id, 'out', 'outbox', '', 'en', 'We are sorry', 'It was our mistake.',
        'sent', opened_at, '', '' from recover_case
    """,
    """
    select setval(pg_get_serial_sequence(name, 'id'), greatest((select max(id) from recover_case), 1))
    from unnest(array['recover_case', 'recover_plan', 'monitor_incident', 'monitor_failure']) as name
    """,
)
