"""A small world of failures, cases and what came of them, written row by row; and the economics that price it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, get_args

from amends.kernel.blueprint import ActionKind, Blueprint
from amends.kernel.blueprint.economics import Economics

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.channels.models import Message
    from amends.learn.models import Lesson
    from amends.monitor.models import Failure, Incident
    from amends.people.models import Customer, Staff, Unit
    from amends.recover.models import Action, Case, Outcome, Remedy

START = datetime(2013, 1, 7, 5, 0, tzinfo=UTC)  # midnight in New York
NOW = START + timedelta(days=40)


def figure(value: str, confidence: str = "medium") -> dict[str, str]:
    return {"value": value, "unit": "units", "source": "a test", "confidence": confidence}


MINUTES = {**dict.fromkeys(get_args(ActionKind), 2), "call": 10, "compensation": 4}
ECONOMICS = Economics.model_validate(
    {
        "wage_per_hour": figure("30"),
        "handling_minutes": {kind: figure(str(minutes)) for kind, minutes in MINUTES.items()},
        "message_cost": figure("0.50"),
        "margin_share": figure("0.20"),
        "yearly_value": figure("500"),
        "horizon_years": figure("2"),
        "loyalty": {
            "source": "a test",
            "confidence": "medium",
            "rows": [
                {
                    "loss_from": "0",
                    "did_not_complain": "0.40",
                    "complained_unsatisfied": "0.50",
                    "satisfied": "0.70",
                    "satisfied_quickly": "0.80",
                },
                {
                    "loss_from": "100",
                    "did_not_complain": "0.10",
                    "complained_unsatisfied": "0.20",
                    "satisfied": "0.60",
                    "satisfied_quickly": "0.72",
                },
            ],
        },
        "word_of_mouth": {
            "told_when_dissatisfied": figure("10", "low"),
            "told_when_satisfied": figure("5", "low"),
            "loss_per_person_told": figure("0.01", "low"),
        },
        "delay_cost": {
            "source": "a test",
            "confidence": "low",
            "points": [{"within": "PT4H", "factor": "1"}, {"factor": "10"}],
        },
    }
)


class World:
    """Makes rows; whatever is not said takes a plain value."""

    def __init__(self, pack: Blueprint) -> None:
        from amends.kernel.text import Localised
        from amends.people.models import Unit
        from amends.policy.models import Deployment
        from amends.policy.services import Reason, keep_explanations, publish_blueprint, set_up_deployment

        self.pack = pack
        self.version = publish_blueprint(pack, name="airline", now=START, acting_user="test")
        set_up_deployment(
            kind=Deployment.Kind.COMPANY,
            blueprint_name="airline",
            company=Localised(en="Test Air", zh="测试航空"),
            timezone="America/New_York",
        )
        reason = Reason(rule="test", text=Localised(en="Because.", zh="因为。"))
        (self.why,) = keep_explanations([reason], version_id=self.version.pk).values()
        self.numbers = count(1)
        self.units: dict[str, Unit] = {}
        for code, parent in (("HQ", None), ("EWR", "HQ"), ("JFK", "HQ"), ("EWR-IAH", "EWR")):
            above = self.units.get(parent or "")
            path = f"{above.path if above else '/'}{code}/"
            self.units[code] = Unit.objects.create(
                code=code, name_en=f"Unit {code}", name_zh=f"单位{code}", parent=above, path=path
            )

    def customer(self, *, value: str = "0", currency: str = "USD") -> Customer:
        from amends.people.models import Customer

        reference = f"C{next(self.numbers)}"
        return Customer.objects.create(
            reference=reference, name=reference, value=Decimal(value), currency=currency, created_at=START
        )

    def staff(self, role: str = "manager", unit: str = "") -> Staff:
        from amends.people.models import Staff

        email = f"{role}{next(self.numbers)}@example.test"
        place = self.units[unit] if unit else None
        return Staff.objects.create(email=email, name=role, role=role, unit=place, created_at=START)

    def incident(self, *, unit: str = "EWR", at: datetime = START) -> Incident:
        from amends.monitor.models import Incident

        return Incident.objects.create(
            key=f"incident-{next(self.numbers)}",
            state="open",
            kind="slow",
            unit=self.units[unit],
            severity=2,
            responsible="process",
            controllable=True,
            started_at=at,
            last_at=at,
            failures=1,
            blueprint=self.version,
        )

    def failure(
        self,
        *,
        at: datetime = START,
        due_after: timedelta = timedelta(hours=1),
        unit: str = "EWR",
        kind: str = "slow",
        step: str = "departure",
        responsible: str = "process",
        stage: str = "late",
        severity: int = 2,
        hit: list[Customer] | None = None,
        incident: Incident | None = None,
        **fields: Any,
    ) -> Failure:
        from amends.monitor.models import Affected, Failure, Finding

        failure = Failure.objects.create(
            **{
                "promise_key": f"promise-{next(self.numbers)}",
                "kind": kind,
                "step": step,
                "subject": "flight",
                "unit": self.units[unit] if unit else None,
                "stage": stage,
                "found_at": at + due_after,
                "stage_at": at + due_after,
                "opened_at": at,
                "due": at + due_after,
                "severity": severity,
                "severity_why_id": self.why,
                "responsible": responsible,
                "controllable": responsible not in {"external", "customer"},
                "stable": False,
                "attribution_why_id": self.why,
                "customers": len(hit or []),
                "incident": incident,
                "blueprint": self.version,
                **fields,
            }
        )
        Finding.objects.create(failure=failure, what=stage[:8], at=failure.found_at)
        for customer in hit or []:
            Affected.objects.create(failure=failure, customer=customer, severity=severity, severity_why_id=self.why)
        return failure

    def case(
        self, customer: Customer, *failures: Failure, opened_at: datetime | None = None, state: str = "in_progress"
    ) -> Case:
        from amends.recover.models import Case, CaseFailure, Plan

        first = failures[0]
        case = Case.objects.create(
            customer=customer,
            unit=first.unit,
            subject=first.subject,
            kind=first.kind,
            severity=first.severity,
            responsible=first.responsible,
            controllable=first.controllable,
            what_happened_id=self.why,
            cause_id=self.why,
            state=state,
            is_open=state not in {"closed", "withdrawn", "merged"},
            opened_at=opened_at or first.found_at,
            blueprint=self.version,
        )
        for failure in failures:
            CaseFailure.objects.create(case=case, failure=failure)
        Plan.objects.create(
            case=case,
            playbook="delay",
            strategy="case_by_case",
            why_id=self.why,
            created_at=case.opened_at,
            blueprint=self.version,
        )
        return case

    def action(
        self,
        case: Case,
        *,
        kind: str = "call",
        performer: str = "front_line",
        state: str = "done",
        after: timedelta = timedelta(hours=2),
        amount: str | None = None,
        currency: str = "USD",
        phase: str = "immediate",
        step: str = "",
    ) -> Action:
        from amends.recover.models import Action

        return Action.objects.create(
            plan=case.plan,
            case=case,
            step=step or f"step-{next(self.numbers)}",
            kind=kind,
            phase=phase,
            performer=performer,
            remedy="voucher" if amount else "",
            amount=Decimal(amount) if amount else None,
            currency=currency if amount else "",
            justice=["procedural"],
            why_id=self.why,
            state=state,
            ready_at=case.opened_at,
            due_at=case.opened_at + timedelta(days=1),
            done_at=case.opened_at + after if state == "done" else None,
        )

    def remedy(self, action: Action) -> Remedy:
        from amends.recover.models import Remedy

        return Remedy.objects.create(
            key=f"remedy-{next(self.numbers)}",
            case=action.case,
            customer=action.case.customer,
            action=action,
            kind="voucher",
            amount=action.amount,
            currency=action.currency,
            granted_at=action.due_at,
            level="automatic",
            blueprint=self.version,
        )

    def reversal(self, line: Remedy) -> Remedy:
        from amends.recover.models import Remedy

        return Remedy.objects.create(
            key=f"reversal:{line.pk}",
            case=line.case,
            customer=line.customer,
            action=line.action,
            kind=line.kind,
            amount=-line.amount,
            currency=line.currency,
            granted_at=line.granted_at,
            level=line.level,
            blueprint=self.version,
            reverses=line,
        )

    def outcome(self, case: Case, *, source: str = "customer", **said: Any) -> Outcome:
        from amends.recover.models import Outcome

        return Outcome.objects.create(case=case, source=source, recorded_at=NOW, **said)

    def message(self, thread: str, customer: Customer, *, state: str = "sent", direction: str = "out") -> Message:
        from amends.channels.models import Message

        return Message.objects.create(
            key=f"message-{next(self.numbers)}",
            thread=thread,
            customer=customer,
            direction=direction,
            channel="outbox",
            locale="en",
            subject="About your flight",
            body="…",
            state=state,
            created_at=START,
        )

    def lesson(self, *, unit: str = "", cost: str = "100.00") -> Lesson:
        from amends.learn.models import Lesson

        number = next(self.numbers)
        return Lesson.objects.create(
            key=f"lesson-{number}",
            state="drafted",
            kind="slow",
            step="departure",
            responsible="process",
            unit=self.units[unit] if unit else None,
            since=START,
            until=NOW,
            failures=1,
            customers=1,
            cost=Decimal(cost),
            currency="USD",
            title_en=f"Lesson {number}",
            title_zh=f"教训{number}",
            text_en="…",
            text_zh="…",
            created_at=NOW,
            blueprint=self.version,
        )


def populate(world: World, random: Random, *, failures: int = 25, customers: int = 12) -> None:
    """Failures of a week, cases of some whom they hit, and what came of them; customers come again and again."""
    people = [world.customer(value=random.choice(["0", "800", "90.5"])) for _ in range(customers)]
    people.append(world.customer(value="700", currency="EUR"))
    for _ in range(failures):
        incident = world.incident(unit=random.choice(["EWR", "JFK"])) if random.random() < 0.5 else None
        members = [
            world.failure(
                at=START + timedelta(minutes=random.randrange(7 * 24 * 60)),
                due_after=timedelta(hours=random.randrange(30)),
                unit=random.choice(["EWR", "JFK", "EWR-IAH", ""]),
                kind=random.choice(["slow", "unavailable"]),
                responsible=random.choice(["process", "external"]),
                stage=random.choice(["late", "never", "violated", "averted", "at_risk"]),
                severity=random.choice([1, 2, 3]),
                hit=random.sample(people, random.randrange(4)),
                incident=incident,
                stable=random.random() < 0.3,
                **({"opened_at": None} if random.random() < 0.2 else {}),
            )
            for _ in range(random.choice([1, 1, 2]) if incident else 1)
        ]
        for customer in random.sample(people, random.randrange(4)):
            state = random.choice(["in_progress", "made_good", "closed", "withdrawn", "planned", "merged"])
            recover(world, random, world.case(customer, *members, state=state))
        if incident:
            for _ in range(random.randrange(3)):
                world.message(f"incident:{incident.pk}", people[0], state=random.choice(["sent", "failed"]))


def recover(world: World, random: Random, case: Case) -> None:
    for _ in range(random.randrange(4)):
        action = world.action(
            case,
            kind=random.choice(["call", "compensation", "employee_support"]),
            performer=random.choice(["automatic", "front_line"]),
            state=random.choice(["done", "done", "ready", "refused"]),
            after=timedelta(hours=random.choice([1, 3, 4, 6])),
            amount=random.choice([None, "40", "100.50"]),
            currency=random.choice(["USD", "USD", "EUR"]),
            phase=random.choice(["immediate", "follow_up"]),
        )
        if action.amount and action.state == "done":
            line = world.remedy(action)
            if random.random() < 0.2:
                world.reversal(line)
    for _ in range(random.randrange(2)):
        world.message(f"case:{case.pk}", case.customer, state=random.choice(["sent", "queued", "failed"]))
        world.message(f"case:{case.pk}", case.customer, direction="in", state="received")
    if random.random() < 0.6:
        world.outcome(
            case,
            source=random.choice(["customer", "simulated", "staff"]),
            accepted=random.choice([True, False, None]),
            satisfaction_before=random.choice([1, 2, None]),
            satisfaction_after=random.choice([1, 3, 4, 5, None]),
            stays=random.choice([True, False, None, None]),
            told_others=random.choice([True, False, None, None]),
        )
