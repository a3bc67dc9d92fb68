"""What a person sees of learning: figures by hand, and nothing from beyond their units."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from amends.kernel.money import Money
from tests.learn.worlds import NOW, START, populate

if TYPE_CHECKING:
    from collections.abc import Callable

    from amends.learn.selectors import By
    from tests.learn.worlds import World

DAY = timedelta(days=1)


def one_story(world: World) -> None:
    """A late departure at Newark hit two customers: one got a call and 120 dollars, one was not heard from."""
    incident = world.incident(unit="EWR")
    glad, silent = world.customer(value="1000"), world.customer()
    failure = world.failure(unit="EWR", hit=[glad, silent], incident=incident)
    world.failure(unit="JFK", stage="averted")
    case = world.case(glad, failure, state="made_good")
    world.action(case, kind="call", after=timedelta(hours=1))
    world.remedy(world.action(case, kind="compensation", performer="automatic", amount="120.00"))
    world.remedy(world.action(case, kind="compensation", performer="automatic", amount="30.00", currency="EUR"))
    world.outcome(case, accepted=True, satisfaction_before=1, satisfaction_after=5)
    world.case(silent, failure)
    world.message(f"case:{case.pk}", glad)
    world.message(f"incident:{incident.pk}", silent)


def test_the_ring_counts_what_happened(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import ring

    one_story(world)
    world.lesson()
    refresh(whole=True)
    figures = ring(world.staff())
    assert figures.as_of == NOW
    assert (figures.findings, figures.failures, figures.averted, figures.at_risk) == (2, 1, 1, 0)
    assert (figures.incidents, figures.affected, figures.cases, figures.plans) == (1, 2, 2, 2)
    assert (figures.cases_open, figures.cases_made_good, figures.cases_closed) == (1, 1, 0)
    assert (figures.actions, figures.actions_done, figures.messages, figures.remedies) == (3, 3, 2, 2)
    assert figures.remedy_totals == (Money(Decimal(30), "EUR"), Money(Decimal(120), "USD"))
    assert (figures.outcomes, figures.accepted, figures.simulated, figures.lessons) == (1, 1, 0, 1)
    assert (figures.satisfaction_before, figures.satisfaction_after) == (1.0, 5.0)
    assert figures.signals == 0


def test_an_incident_that_counts_in_another_is_none_of_its_own(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import ring
    from amends.monitor.models import Incident
    from amends.monitor.selectors import incidents_for

    taken_in, _, emptied = (world.incident() for _ in range(3))
    Incident.objects.filter(pk=taken_in.pk).update(state="merged")
    Incident.objects.filter(pk=emptied.pk).update(failures=0)
    refresh(whole=True)
    assert ring(world.staff()).incidents == len(incidents_for(world.staff()).rows) == 1


def test_what_was_withdrawn_is_neither_made_good_nor_waits_for_it(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import ring
    from amends.web.console.views.overview import ware_of

    for state in ("made_good", "closed", "in_progress", "withdrawn", "withdrawn", "merged"):
        case = world.case(world.customer(), world.failure(), state=state)
        if state in {"made_good", "withdrawn"}:
            world.outcome(case, accepted=True)
    refresh(whole=True)
    figures = ring(world.staff())
    ware = ware_of(figures)
    assert (figures.cases, ware.broken) == (5, 3)
    assert (ware.made_good, ware.in_hand, ware.open) == (1, 1, 1)


def test_only_a_customers_own_word_makes_a_case_good(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs, ring

    def answered(state: str, source: str, **said: Any) -> None:
        world.outcome(world.case(world.customer(), world.failure(), state=state), source=source, **said)

    answered("made_good", "customer", accepted=True, satisfaction_before=2, satisfaction_after=4)
    answered("made_good", "staff", accepted=True, satisfaction_before=1, satisfaction_after=5)
    answered("objected", "customer", accepted=True, satisfaction_after=2)  # an earlier yes
    answered("merged", "customer", accepted=True, satisfaction_after=5)  # of a case that is counted with another
    refresh(whole=True)
    figures = ring(world.staff())
    assert (figures.cases, figures.outcomes, figures.accepted, figures.accepted_by_staff) == (3, 3, 1, 1)
    assert (figures.satisfaction_before, figures.satisfaction_after) == (2.0, 3.0)
    # content: 1 - 0.70 / 0.80, unsatisfied: 1 - 0.50 / 0.80; of whom only staff speak: silent, 1 - 0.40 / 0.80
    assert costs(world.staff()).quantities.value_lost == 500 * (Decimal("0.10") + Decimal("0.30") + Decimal("0.40"))


def test_a_remedy_that_was_taken_back_is_none_that_was_given(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import demo_figures, ring

    case = world.case(world.customer(), world.failure())
    kept, wrong = (world.remedy(world.action(case, kind="compensation", amount=amount)) for amount in ("40", "60"))
    world.reversal(wrong)
    refresh(whole=True)
    figures = ring(world.staff())
    assert (figures.remedies, figures.remedy_totals) == (1, (Money(kept.amount, "USD"),))
    assert [demo_figures(START, NOW)[name] for name in ("remedies", "remedy_total")] == [1, {"USD": "40.00"}]


def test_each_cost_can_be_recomputed_by_hand(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs

    one_story(world)
    refresh(whole=True)
    found = costs(world.staff())
    assert {line.name: line.amount.amount for line in found.cost.lines} == {
        "remedies": Decimal("120.00"),
        "handling": Decimal("6.00"),  # 10 minutes at 30 an hour, two messages at 0.50
        # glad, lost 120, made good in an hour: 1000 x 0.80 x (1 - 0.72 / 0.80) = 80
        # silent, nothing lost: 500 x 0.80 x (1 - 0.40 / 0.80) = 200; both x 0.20 x 2 years
        "leaving": Decimal("112.00"),
        # only half of the silent speak ill: 0.5 x 10 x 0.01 x 500 x 0.20 x 2
        "word_of_mouth": Decimal("10.00"),
    }
    assert found.cost.total == Money(Decimal("248.00"), "USD")
    assert found.cost.confidence == "low"
    assert found.other_remedies == (Money(Decimal(30), "EUR"),)


def test_the_lightly_hit_are_not_expected_to_leave(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs

    world.failure(hit=[world.customer() for _ in range(20)], severity=1)
    refresh(whole=True)
    assert not costs(world.staff()).cost.total


def test_our_own_people_are_not_expected_to_leave_as_customers_do(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs
    from amends.people.models import Customer

    colleague = world.customer()
    Customer.every.filter(pk=colleague.pk).update(staff=world.staff())
    world.case(colleague, world.failure())
    refresh(whole=True)
    assert not costs(world.staff()).cost.total


def test_simulated_answers_lower_the_confidence(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs

    case = world.case(world.customer(value="100"), world.failure())
    refresh(whole=True)
    assert costs(world.staff()).cost.line("leaving").confidence == "medium"
    world.outcome(case, source="simulated", accepted=False)
    refresh(whole=True)
    assert costs(world.staff()).cost.line("leaving").confidence == "low"


def test_causes_are_ordered_by_cost_and_named_in_both_languages(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import pareto

    world.failure(kind="unavailable", unit="JFK", hit=[world.customer()])
    one_story(world)
    refresh(whole=True)
    boss = world.staff()
    kinds = pareto(boss)
    assert [(row.key, row.failures, row.customers) for row in kinds] == [("slow", 1, 2), ("unavailable", 1, 1)]
    assert (kinds[0].cost, kinds[0].share) == (Money(Decimal("248.00"), "USD"), Decimal(1))
    assert kinds[0].label == world.pack.taxonomy.kinds["slow"].name
    assert [(row.key, row.label.zh) for row in pareto(boss, by="unit")] == [("EWR", "单位EWR"), ("JFK", "单位JFK")]
    assert [row.key for row in pareto(boss, by="step")] == ["departure"]
    assert [row.other_remedies for row in kinds] == [(Money(Decimal(30), "EUR"),), ()]
    assert [row.label.zh for row in pareto(boss, by="responsible")] == ["流程"]


def test_what_cost_something_is_listed_though_nothing_failed_there_itself(
    world: World, refresh: Callable[..., Any]
) -> None:
    from amends.learn.models import SummaryCell
    from amends.learn.selectors import pareto

    world.failure(kind="unavailable", unit="JFK", hit=[])
    one_story(world)
    refresh(whole=True)
    SummaryCell.objects.update(failures=0)  # as where a case was handed to another unit
    (row,) = pareto(world.staff(), by="unit")
    assert (row.key, row.failures, row.cost.amount) == ("EWR", 0, Decimal("248.00"))


def test_remedies_in_other_currencies_stand_beside_each_cause(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs, pareto

    for unit, amount, currency in (
        ("EWR", "30", "EUR"),
        ("EWR", "5", "EUR"),
        ("JFK", "900", "CNY"),
        ("JFK", "7", "USD"),
    ):
        action = world.action(
            world.case(world.customer(), world.failure(unit=unit)), amount=amount, currency=currency, state="waiting"
        )
        world.remedy(action)
    taken_back = world.action(world.case(world.customer(), world.failure()), amount="8", currency="GBP")
    world.reversal(world.remedy(taken_back))
    refresh(whole=True)
    beside = {row.key: row.other_remedies for row in pareto(world.staff(), by="unit")}
    assert beside == {"EWR": (Money(Decimal(35), "EUR"),), "JFK": (Money(Decimal(900), "CNY"),)}
    assert costs(world.staff()).other_remedies == (Money(Decimal(900), "CNY"), Money(Decimal(35), "EUR"))
    assert costs(world.staff(unit="EWR")).other_remedies == (Money(Decimal(35), "EUR"),)
    assert costs(world.staff()).cost.line("remedies").amount == Money(Decimal(7), "USD")


@pytest.mark.parametrize("by", ["kind", "unit", "step", "responsible"])
def test_every_grouping_adds_up_to_the_same(world: World, refresh: Callable[..., Any], by: By) -> None:
    from amends.learn.selectors import costs, pareto, ring

    populate(world, Random(3))
    refresh(whole=True)
    boss = world.staff()
    rows = pareto(boss, by=by)
    assert sum(row.failures for row in rows) == ring(boss).failures
    apart, whole = sum(row.cost.amount for row in rows), costs(boss).cost.total.amount
    assert abs(apart - whole) <= Decimal("0.04") * len(rows)
    assert rows[-1].cumulative == pytest.approx(Decimal(1))


def test_a_period_takes_only_its_own_days(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs, pareto, ring

    for day in range(4):
        world.failure(at=START + day * DAY, hit=[world.customer()])
        world.incident(at=START + day * DAY)
    refresh(whole=True)
    boss = world.staff()
    parts = {"since": START + 1.5 * DAY, "until": START + 2.5 * DAY}
    assert (ring(boss, **parts).failures, ring(boss, **parts).incidents) == (2, 2)
    span = {"since": START + DAY, "until": START + 3 * DAY}
    assert ring(boss, **span).failures == 2
    assert pareto(boss, **span)[0].failures == 2
    assert costs(boss, **span).quantities.cases == 0
    assert ring(boss, **span).signals is None


def test_a_person_sees_only_what_lies_within_their_unit(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import hot_spots, lessons_for, pareto, ring

    world.failure(unit="EWR-IAH")
    world.failure(unit="JFK")
    world.failure(unit="")
    for unit in ("EWR-IAH", "HQ", "JFK", ""):
        world.lesson(unit=unit)
    refresh(whole=True)
    newark = world.staff(unit="EWR")
    assert ring(newark).failures == 1
    assert ring(newark).signals is None
    assert [row.key for row in pareto(newark, by="unit")] == ["EWR-IAH"]
    assert [spot.unit for spot in hot_spots(newark)] == ["EWR-IAH"]
    assert [lesson.unit.code for lesson in lessons_for(newark).rows] == ["EWR-IAH"]
    assert ring(world.staff(unit="HQ")).failures == 2
    assert ring(world.staff()).failures == 3
    assert len(lessons_for(world.staff()).rows) == 4


def test_a_lesson_of_another_unit_is_as_good_as_not_there(world: World) -> None:
    from amends.learn.selectors import access_lesson
    from amends.people.selectors import NotFound

    lesson = world.lesson(unit="JFK")
    assert access_lesson(world.staff(), lesson.pk) == lesson
    for missing in (lesson.pk, 10**9):
        with pytest.raises(NotFound):
            access_lesson(world.staff(unit="EWR"), missing)


@pytest.mark.parametrize("role", ["front_line", "administrator"])
def test_who_has_not_the_right_sees_nothing_of_learning(world: World, role: str) -> None:
    from amends.learn import selectors
    from amends.people.selectors import NotAllowed

    someone = world.staff(role)
    reads = (selectors.ring, selectors.costs, selectors.pareto, selectors.hot_spots, selectors.lessons_for)
    for read in reads:
        with pytest.raises(NotAllowed):
            read(someone)
    with pytest.raises(NotAllowed):
        selectors.access_lesson(someone, 1)


def test_lessons_come_page_by_page_from_the_dearest(world: World) -> None:
    from amends.learn.selectors import lessons_for

    for cost in ("10.00", "30.00", "20.00", "20.00"):
        world.lesson(cost=cost)
    boss, seen, after = world.staff(), [], None
    while True:
        page = lessons_for(boss, after=after, limit=2)
        seen += [str(lesson.cost) for lesson in page.rows]
        if (after := page.after) is None:
            break
    assert seen == ["30.00", "20.00", "20.00", "10.00"]
    assert lessons_for(boss, state="confirmed").rows == []


def test_a_spot_that_fails_day_after_day_is_hot_in_local_hours(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.selectors import hot_spots

    for day in range(20):
        for hour in (6, 9, 12, 18):
            for unit in ("EWR", "JFK", "HQ", "EWR-IAH"):
                for _ in range(3 if (unit, hour) == ("EWR", 12) else 1):
                    world.failure(unit=unit, at=START + timedelta(days=day, hours=hour - 1))
    refresh(whole=True)
    first, *rest = hot_spots(world.staff())
    assert (first.unit, first.hour, first.failures, first.per_day, first.hot) == ("EWR", 12, 60, 3.0, True)
    assert sum(spot.failures for spot in rest) == 300
    assert not any(spot.hot for spot in rest)


def test_spots_add_up_to_all_failures_however_many_there_are(world: World) -> None:
    from amends.learn.models import SummaryCell
    from amends.learn.selectors import hot_spots, ring
    from amends.learn.summary.statements import COUNTS

    SummaryCell.objects.bulk_create(
        SummaryCell(
            **dict.fromkeys(COUNTS, 0) | {"failures": 1, "unit": world.units["EWR"], "day": START.date()},
            hour=hour,
            kind="slow",
            step=f"step-{step}",
            responsible="process",
        )
        for step in range(220)
        for hour in range(24)
    )
    boss = world.staff()
    assert sum(spot.failures for spot in hot_spots(boss)) == ring(boss).failures == 220 * 24


def test_before_the_first_summary_there_is_nothing_to_see_and_nothing_fails(world: World) -> None:
    from amends.learn.selectors import costs, hot_spots, pareto, ring

    boss = world.staff()
    assert ring(boss).as_of is None
    assert (ring(boss).failures, pareto(boss), hot_spots(boss)) == (0, (), ())
    assert not costs(boss).cost.total


def test_a_demo_counts_only_what_was_opened_in_its_days(world: World) -> None:
    from amends.learn.selectors import demo_figures

    one_story(world)
    world.failure(at=START + 5 * DAY)
    world.lesson()
    assert demo_figures(START, START + DAY) == {
        "findings": 2,
        "failures": 2,
        "broken": 1,
        "averted": 1,
        "incidents": 1,
        "cases": 2,
        "plans": 2,
        "actions_done": 3,
        "messages": 2,
        "remedies": 2,
        "remedy_total": {"EUR": "30.00", "USD": "120.00"},
        "lessons": 0,
    }
    assert demo_figures(START, NOW)["lessons"] == 1
    assert demo_figures(START, NOW - DAY / 3)["lessons"] == 1  # of whole days
    assert demo_figures(START - DAY, START)["failures"] == 0
