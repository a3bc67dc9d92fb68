"""A small airline in trouble, made through the services: a cancelled flight, a late one, cases, approvals, lessons."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from amends.kernel.blueprint import load_shipped
from amends.kernel.text import Localised
from amends.learn.services import draft_lessons
from amends.monitor.core.signal import SignalIn
from amends.monitor.models import Failure, Incident
from amends.monitor.services import accept_signals, keep_roster, record_findings
from amends.people.models import Staff, Unit
from amends.people.services import create_staff, keep_customers, plant_units
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint, set_present, set_up_deployment
from amends.recover.models import Action, Case, Outcome
from amends.recover.services import carry_out, open_cases
from amends.recover.services.answering import Answered, record_answers
from tests.kept import Kept

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # noon in New York
NOW = NOON + timedelta(hours=3)
CANCELLED, LATE = "XX1/2026-03-02/JFK-SFO", "XX2/2026-03-02/EWR-ORD"
ROLES = ("front_line", "supervisor", "manager", "quality_owner", "executive", "administrator")

PASSENGERS = (
    # reference, name, locale, tier, vulnerable, flight, facts of the roster
    ("C-1", "Ada Moreno", "en", "gold", False, CANCELLED, {"fare": 420.0, "tier": "gold"}),
    ("C-2", "王小明", "zh-CN", "", False, CANCELLED, {"fare": 380.0}),
    ("C-3", "Rosa Klein", "en", "", True, LATE, {"fare": 120.0}),
    ("C-4", "Ben Otieno", "en", "silver", False, LATE, {"fare": 140.0, "layover_minutes": 60}),
    ("C-5", "Ida Holm", "en", "", False, LATE, {"fare": 90.0}),
)


@dataclass(frozen=True, kw_only=True)
class World:
    """What the tests speak of."""

    staff: dict[str, Staff]
    elsewhere: Staff  # a supervisor of another branch
    case_to_approve: Case
    case_to_call: Case
    incident: Incident
    failure: Failure


def build(kind: Deployment.Kind = Deployment.Kind.DEMO, *, crowd: int = 0) -> World:
    """Turn the ring once, by hand; with a crowd of further passengers, most of whom have answered by now."""
    set_up_deployment(
        kind=kind,
        blueprint_name="airline",
        company=Localised(en="Test Air", zh="测试航空"),
        timezone="America/New_York",
    )
    set_present(now=NOW, machine_now=timezone.now())
    version = publish_blueprint(load_shipped("airline"), name="airline", now=NOON, acting_user="test")
    plant_units(
        [
            ("XX", None, "Test Air", "测试航空"),
            ("XX-JFK", "XX", "Test Air, New York JFK", "测试航空肯尼迪机场站"),
            ("XX-EWR", "XX", "Test Air, Newark", "测试航空纽瓦克机场站"),
            ("XX-LGA", "XX", "Test Air, LaGuardia", "测试航空拉瓜迪亚机场站"),
        ]
    )
    _passengers(crowd)
    _signals()
    recorded = record_findings([*cancellation(), *_delay()], version=version, now=NOW)
    open_cases(sorted(recorded.incidents), now=NOW)
    ids = Action.objects.order_by("id").values_list("id", flat=True)
    carry_out(ids[0], ids.last() or 0, now=NOW, as_of_ready=True)
    _answers()
    units = {unit.code: unit for unit in Unit.objects.all()}
    staff = {role: _hire(role, units["XX"], name) for role, name in zip(ROLES, NAMES, strict=True)}
    draft_lessons(since=NOON - timedelta(days=1), until=NOW, now=NOW)
    return World(
        staff=staff,
        elsewhere=_hire("supervisor", units["XX-LGA"], "Lou Garcia", "lou"),
        case_to_approve=Case.objects.filter(approvals__state="waiting").order_by("customer__reference")[0],
        case_to_call=Case.objects.filter(actions__performer="front_line", actions__state="ready").order_by("id")[0],
        incident=Incident.objects.order_by("-severity", "id")[0],
        failure=Failure.objects.order_by("-severity", "id")[0],
    )


_small, _crowded = Kept(build), Kept(partial(build, crowd=72))


def airline(*, crowded: bool = False) -> World:
    """The demo's world as `build` makes it, in a moment; `crowded` with 72 further passengers."""
    world = (_crowded if crowded else _small)()
    set_present(now=NOW, machine_now=timezone.now())
    return world


NAMES = ("Mei Lin", "Sam Carter", "Fang Wang", "Ingrid Olsen", "Min Zhao", "Alex Reyes")


def _hire(role: str, unit: Unit, name: str, account: str = "") -> Staff:
    return create_staff(
        email=f"{account or role}@example.test", name=name, role=role, unit=unit, now=NOON, acting_user=None
    )


def _crowd(size: int) -> Iterator[tuple[str, str, str, str, bool, str, dict[str, Any]]]:
    given = ("Noor", "Jonas", "Lucía", "Tomás", "Aiko", "Elif", "Samir", "Greta", "Kofi")
    family = ("Haddad", "Berg", "Ortega", "Novak", "Sato", "Demir", "Rahman", "Lind")
    for at in range(size):
        flight = CANCELLED if at % 3 == 0 else LATE
        yield f"D-{at}", f"{given[at % 9]} {family[at % 8]}", "en", "", False, flight, {"fare": 100.0 + 3 * at}


def _answers() -> None:
    """Four in five of the crowd's customers answer; most of those are content."""
    waiting = Case.objects.filter(state="awaiting_customer", customer__reference__startswith="D-").order_by("id")
    record_answers(
        [
            Answered(
                case_id=case.pk,
                accepted=at % 7 != 0,
                satisfaction_before=2,
                satisfaction_after=4,
                stays=at % 7 != 0,
                at=NOW,
            )
            for at, case in enumerate(waiting)
            if at % 5
        ],
        source=Outcome.Source.SIMULATED,
    )


def _passengers(crowd: int) -> None:
    passengers = (*PASSENGERS, *_crowd(crowd))
    people = [
        {
            "reference": reference,
            "name": name,
            "locale": locale,
            "tier": tier,
            "vulnerable": vulnerable,
            "value": "900.00",
            "currency": "USD",
            "email": f"{reference.lower()}@example.test",
            "synthetic": True,
        }
        for reference, name, locale, tier, vulnerable, *_ in passengers
    ]
    assert keep_customers(people, now=NOON).rejected == []
    keep_roster((flight, reference, facts) for reference, *_, flight, facts in passengers)


def _signals() -> None:
    known: dict[str, Any] = {"distance_km": 1_720, "domestic": True}
    for flight in (CANCELLED, LATE):
        scheduled = SignalIn(
            id=f"{flight}#scheduled", source="test", type="flight.scheduled", subject=flight, time=NOON, data=known
        )
        accept_signals([scheduled], now=NOON)


def finding(what: str, standard: str, subject: str, unit: str, at: datetime) -> dict[str, Any]:
    violated = what == "violated"
    return {
        "standard": standard,
        "subject": subject,
        "what": what,
        "at": at,
        "due": None if violated else NOON + timedelta(minutes=15),
        "opened_at": None if violated else NOON - timedelta(days=1),
        "opening_id": f"{subject}#{'cancelled' if violated else 'scheduled'}",
        "opening_source": "test",
        "customer": None,
        "unit": unit,
    }


def cancellation() -> list[dict[str, Any]]:
    """What the monitor finds about the cancelled flight."""
    return [finding("violated", "not-cancelled", CANCELLED, "XX-JFK", NOON - timedelta(hours=1))]


def _delay() -> list[dict[str, Any]]:
    steps = (("at_risk", timedelta(0)), ("breached", timedelta(minutes=15)), ("late", timedelta(minutes=150)))
    return [finding(what, "depart-on-time", LATE, "XX-EWR", NOON + after) for what, after in steps]
