"""Lessons: drafted once for each cause and period, and decided by people who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from amends.kernel.lifecycle import IllegalMove
from amends.kernel.money import Money
from tests.learn.worlds import NOW, START, populate

if TYPE_CHECKING:
    from amends.learn.models import Lesson
    from tests.learn.worlds import World

WEEK = timedelta(days=7)


@pytest.fixture
def drafted(world: World) -> Callable[..., Any]:
    from amends.learn.services import draft_lessons

    return lambda **options: draft_lessons(**{"since": START, "until": START + WEEK, "now": NOW, **options})


def lessons() -> list[Lesson]:
    from amends.learn.models import Lesson

    return list(Lesson.objects.order_by("-cost", "key"))


def test_a_lesson_carries_the_evidence_of_its_cause(world: World, drafted: Callable[..., Any]) -> None:
    big = world.incident(unit="EWR-IAH")
    people = [world.customer() for _ in range(3)]
    many = world.failure(unit="EWR-IAH", hit=people, incident=big, severity=3, stable=True)
    few = world.failure(unit="EWR", hit=people[:1], incident=world.incident())
    alone = world.failure(unit="EWR", at=START + timedelta(days=2, hours=4))
    other = world.failure(unit="JFK", kind="unavailable", hit=people)
    for failure in (many, few, other):
        world.case(people[0], failure)
    result = drafted()
    assert (result.new, result.updated, result.kept) == (2, 0, 0)
    lesson = next(one for one in lessons() if one.kind == "slow")
    assert (lesson.failures, lesson.customers, lesson.step, lesson.responsible) == (3, 3, "departure", "process")
    assert lesson.unit == world.units["EWR"]  # the lowest unit that holds all of it
    assert lesson.state == "drafted"
    told = lesson.evidence
    assert told["incidents"] == [big.pk, few.incident_id]
    assert told["examples"] == [many.pk, few.pk, alone.pk]
    assert told["places"] == [{"unit": "EWR", "failures": 2}, {"unit": "EWR-IAH", "failures": 1}]
    assert (told["controllable"], told["stable"], told["gap"]) == (3, 1, "delivery")
    assert told["hours"] == [1, 5]
    assert "at Unit EWR (2) and Unit EWR-IAH (1)" in lesson.text_en
    assert "单位EWR（2 起）" in lesson.text_zh


def test_a_lesson_stands_where_all_of_its_cost_lies(world: World, drafted: Callable[..., Any]) -> None:
    world.failure(unit="EWR", hit=[world.customer()])
    averted = world.failure(unit="JFK", stage="averted")
    world.remedy(world.action(world.case(world.customer(), averted), kind="compensation", amount="900"))
    world.failure(unit="JFK", kind="unavailable")
    world.failure(unit="EWR", kind="unavailable", stage="averted")  # cost nothing
    drafted()
    assert {one.kind: one.unit for one in lessons()} == {"slow": world.units["HQ"], "unavailable": world.units["JFK"]}


def test_a_lesson_tells_remedies_in_other_currencies_beside_its_cost(world: World, drafted: Callable[..., Any]) -> None:
    case = world.case(world.customer(), world.failure(unit="EWR"))
    for amount, currency in (("40", "USD"), ("30", "EUR")):
        world.remedy(world.action(case, kind="compensation", amount=amount, currency=currency))
    withdrawn = world.case(world.customer(), world.failure(unit="JFK", stage="averted"), state="withdrawn")
    world.remedy(world.action(withdrawn, kind="compensation", performer="automatic", amount="900", currency="CNY"))
    drafted()
    (lesson,) = lessons()
    assert lesson.evidence["lines"][0] == {"name": "remedies", "amount": "40.00", "confidence": "high"}
    assert lesson.other_remedies == [Money(Decimal(900), "CNY"), Money(Decimal(30), "EUR")]
    assert lesson.unit == world.units["HQ"]  # what it tells of another unit is not for who leads one of the two
    for text in (lesson.title_en, lesson.text_en):
        assert "¥900.00 and €30.00" in text
    assert "此外还以其他币种给予补偿：900.00元、30.00欧元。" in lesson.text_zh


def test_shares_are_of_all_that_failure_cost(world: World, drafted: Callable[..., Any]) -> None:
    from amends.learn.selectors import costs

    populate(world, Random(2))
    drafted(top=100)
    found = lessons()
    assert len(found) > 2
    whole = costs(world.staff()).cost.total.amount
    for one in found:
        assert Decimal(one.evidence["share"]) == pytest.approx(one.cost / whole, abs=Decimal("0.001"))
    # what nothing failed of itself has its cost, too, and no lesson: a case of a risk that was averted
    assert sum(one.cost for one in found) / whole > Decimal("0.7")
    for one in found:
        lines = sum(Decimal(line["amount"]) for line in one.evidence["lines"])
        assert lines == one.cost


def test_only_the_dearest_causes_get_a_lesson(world: World, drafted: Callable[..., Any]) -> None:
    populate(world, Random(2))
    drafted(top=100)
    everyone = [one.key for one in lessons()]
    from amends.learn.models import Lesson

    Lesson.objects.all().delete()
    assert drafted(top=2).new == 2
    assert [one.key for one in lessons()] == everyone[:2]


def test_drafting_again_makes_no_second_lesson_but_brings_the_draft_up_to_date(
    world: World, drafted: Callable[..., Any]
) -> None:
    world.failure(hit=[world.customer()])
    drafted()
    world.failure(hit=[world.customer()])
    result = drafted()
    assert (result.new, result.updated) == (0, 1)
    (lesson,) = lessons()
    assert (lesson.failures, lesson.customers) == (2, 2)
    assert "2 times" in lesson.text_en


def test_what_a_person_decided_about_is_not_written_over(world: World, drafted: Callable[..., Any]) -> None:
    from amends.learn.services import confirm_lesson

    world.failure()
    drafted()
    confirm_lesson(lessons()[0].pk, acting_user=world.staff(), now=NOW)
    world.failure()
    assert drafted().kept == 1
    assert [(one.state, one.failures) for one in lessons()] == [("confirmed", 1)]


def test_another_period_has_lessons_of_its_own(world: World, drafted: Callable[..., Any]) -> None:
    world.failure()
    drafted()
    assert drafted(until=START + 2 * WEEK).new == 1


def test_a_lesson_names_and_counts_the_same_whole_local_days(world: World, drafted: Callable[..., Any]) -> None:
    from amends.learn.selectors import ring

    hours = timedelta(hours=1)
    for at in (START - hours, START, START + 2 * WEEK - hours, START + 2 * WEEK):  # midnights in New York
        world.failure(at=at)
    drafted(since=START + 5 * hours, until=START + 2 * WEEK - 3 * hours)  # parts of the first and of the last day
    (lesson,) = lessons()
    assert (lesson.failures, lesson.since, lesson.until) == (2, START, START + 2 * WEEK)
    assert "From 7 January 2013 to 20 January 2013 (whole days)" in lesson.text_en
    assert "2013年1月7日至2013年1月20日（整日计）" in lesson.text_zh
    assert drafted(until=START + 2 * WEEK).updated == 1  # the same days are the same lesson
    boss, day = world.staff(), timedelta(days=1)
    inside = ((START - day, START, 0), (START + 2 * WEEK - hours, None, 1), (START + 2 * WEEK, None, 0))
    for since, until, found in inside:
        assert ring(boss, since=since, until=until).lessons == found


def test_of_equal_hours_and_places_none_is_called_the_worst(world: World, drafted: Callable[..., Any]) -> None:
    for hour, unit in enumerate(("EWR", "JFK", "EWR-IAH", "HQ")):
        world.failure(at=START + timedelta(hours=hour), unit=unit)
    drafted()
    (lesson,) = lessons()
    assert (lesson.evidence["hours"], lesson.evidence["places"]) == ([], [])
    assert "worst hours are" not in lesson.text_en
    assert "most often at" not in lesson.text_en
    world.failure(at=START + timedelta(hours=3), unit="HQ")
    drafted()
    (lesson,) = lessons()
    assert (lesson.evidence["hours"], lesson.evidence["places"]) == ([4], [{"unit": "HQ", "failures": 2}])


def test_of_two_reasons_as_frequent_none_is_the_most_frequent(world: World, drafted: Callable[..., Any]) -> None:
    from amends.kernel.text import Localised
    from amends.policy.services import Reason, keep_explanations

    reason = Reason(rule="other", text=Localised(en="Another.", zh="另一个。"))
    (other,) = keep_explanations([reason], version_id=world.version.pk).values()
    world.failure()
    world.failure(attribution_why_id=other)
    drafted()
    assert lessons()[0].evidence["reason"] is None
    world.failure(attribution_why_id=other)
    drafted()
    assert lessons()[0].evidence["reason"]["en"] == "Another."


def test_a_lesson_points_to_the_incidents_in_which_its_failures_count_now(
    world: World, drafted: Callable[..., Any]
) -> None:
    from amends.monitor.models import Incident

    people = [world.customer() for _ in range(4)]
    first, second, third, whole = (world.incident() for _ in range(4))
    for incident, hit, joined in ((first, 2, None), (second, 2, None), (third, 3, None), (third, 1, whole)):
        world.failure(hit=people[:hit], incident=incident, joined=joined)
    for merged, into in ((first, second), (second, whole)):
        Incident.objects.filter(pk=merged.pk).update(state="merged", merged_into=into)
    drafted()
    assert lessons()[0].evidence["incidents"] == [whole.pk, third.pk]


def test_risks_that_came_to_nothing_teach_no_lesson(world: World, drafted: Callable[..., Any]) -> None:
    world.failure(stage="averted")
    world.failure(stage="at_risk")
    assert drafted().new == 0


def test_a_decision_is_kept_with_who_when_and_why(world: World, drafted: Callable[..., Any]) -> None:
    from amends.learn.selectors import access_lesson
    from amends.learn.services import reconsider_lesson, reject_lesson

    world.failure()
    drafted()
    boss, pk = world.staff("quality_owner"), lessons()[0].pk
    assert reject_lesson(pk, acting_user=boss, now=NOW, note="One-off").state == "rejected"
    assert reconsider_lesson(pk, acting_user=boss, now=NOW).state == "drafted"
    kept = [(one.move, one.by, one.at, one.note) for one in access_lesson(boss, pk).decisions.order_by("id")]
    assert kept == [("reject", boss, NOW, "One-off"), ("reconsider", boss, NOW, "")]


def test_a_rejection_needs_a_reason(world: World) -> None:
    from amends.learn.services import reject_lesson

    lesson = world.lesson()
    with pytest.raises(ValueError, match="Say why"):
        reject_lesson(lesson.pk, acting_user=world.staff(), now=NOW, note=" ")


def test_a_decided_lesson_is_not_decided_again(world: World) -> None:
    from amends.learn.services import confirm_lesson

    lesson, boss = world.lesson(), world.staff()
    confirm_lesson(lesson.pk, acting_user=boss, now=NOW)
    with pytest.raises(IllegalMove):
        confirm_lesson(lesson.pk, acting_user=boss, now=NOW)
    assert lesson.decisions.count() == 1


def test_who_may_only_look_decides_nothing(world: World) -> None:
    from amends.learn.services import confirm_lesson
    from amends.people.selectors import NotAllowed, NotFound

    lesson = world.lesson(unit="JFK")
    with pytest.raises(NotAllowed):
        confirm_lesson(lesson.pk, acting_user=world.staff("supervisor"), now=NOW)
    with pytest.raises(NotFound):
        confirm_lesson(lesson.pk, acting_user=world.staff("manager", unit="EWR"), now=NOW)
    lesson.refresh_from_db()
    assert lesson.state == "drafted"
