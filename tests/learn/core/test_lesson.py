"""What a drafted lesson says, in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from amends.kernel.blueprint import Blueprint
from amends.kernel.lifecycle import IllegalMove
from amends.kernel.money import Money
from amends.kernel.taxonomy import Confidence, FailureKind, Responsible
from amends.kernel.text import Localised
from amends.learn.core import lesson_words
from amends.learn.core.lesson import LESSON, Draft, Evidence, Place, direction_of, draft

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def evidence(pack: Blueprint) -> Evidence:
    return Evidence(
        kind=pack.taxonomy.kinds["slow"],
        step=Localised(en="departure", zh="起飞"),
        responsible="process",
        failures=1204,
        controllable=1204,
        stable=301,
        customers=9876,
        cost=Money(Decimal("123456.70"), "USD"),
        confidence="low",
        share=Decimal("0.412"),
        since=datetime(2013, 1, 1, 5, tzinfo=UTC),
        until=datetime(2013, 2, 1, 5, tzinfo=UTC),
        places=(
            Place(code="EWR", name=Localised(en="Newark", zh="纽瓦克"), failures=700),
            Place(code="JFK", name=Localised(en="Kennedy", zh="肯尼迪"), failures=504),
        ),
        hours=(17, 18, 19),
        incidents=(31, 8),
        examples=(5, 6),
    )


def told(evidence: Evidence) -> Draft:
    return draft(evidence, zone=NEW_YORK)


def test_the_text_gives_the_numbers_places_hours_and_examples(evidence: Evidence) -> None:
    text = told(evidence).text
    assert "From 1 January 2013 to 31 January 2013" in text.en
    assert "happened 1,204 times and hit 9,876 customers" in text.en
    assert "about $123,000 (a rough estimate), 41% of all cost of failure" in text.en
    assert "We could have prevented all of it; in 25% of the failures the cause is one that comes back." in text.en
    assert "Newark (700) and Kennedy (504)" in text.en
    assert "The worst hours are 17:00–20:00." in text.en
    assert "Look at incident 31 and incident 8 first" in text.en


def test_the_chinese_text_says_the_same(evidence: Evidence) -> None:
    text = told(evidence).text.zh
    assert "2013年1月1日至2013年1月31日" in text
    for said in (
        "1,204 起",
        "9,876 人",
        "约123,000美元（粗略估算）",
        "41%",
        "纽瓦克（700 起）、肯尼迪（504 起）",
        "群体事件 31",
    ):
        assert said in text


def test_no_place_of_a_text_stays_unfilled(evidence: Evidence) -> None:
    words = told(evidence)
    for text in (words.title.en, words.title.zh, words.text.en, words.text.zh):
        assert not re.search(r"[{}]", text)


@pytest.mark.parametrize(
    ("amount", "confidence", "shown"),
    [
        ("1234567.89", "low", "about $1,230,000"),
        ("999.50", "low", "about $1,000"),
        ("12.34", "low", "about $12.30"),
        ("0.40", "low", "$0.40"),
        ("1234567.89", "medium", "$1,234,567.89"),
    ],
)
def test_a_rough_cost_is_shown_with_no_more_digits_than_it_deserves(
    evidence: Evidence, amount: str, confidence: Confidence, shown: str
) -> None:
    cost = Money(Decimal(amount), "USD")
    assert told(replace(evidence, cost=cost, confidence=confidence)).title.en.endswith(f" failures, {shown}")


def test_the_reason_on_record_is_quoted(evidence: Evidence) -> None:
    reason = Localised(en="The crew came late.", zh="机组到达较晚。")
    text = told(replace(evidence, reason=reason)).text
    assert "“The crew came late.”" in text.en
    assert "“机组到达较晚。”" in text.zh


def test_one_failure_of_one_customer_reads_as_one(evidence: Evidence) -> None:
    words = told(replace(evidence, failures=1, customers=1, controllable=1, stable=0))
    assert "happened once and hit 1 customer." in words.text.en
    assert "1 failure," in words.title.en


def test_without_incidents_single_failures_are_the_examples(evidence: Evidence) -> None:
    assert "Look at failure 5 and failure 6 first" in told(replace(evidence, incidents=())).text.en


def test_what_nobody_could_prevent_is_said_plainly(evidence: Evidence) -> None:
    text = told(replace(evidence, controllable=0, stable=0)).text
    assert "We could not have prevented any of it; the cause is a passing one." in text.en
    assert "这些失误都不是我们所能避免的，其原因是一时的。" in text.zh


def test_hours_that_follow_one_another_are_one_span(evidence: Evidence) -> None:
    assert "The worst hours are 07:00–09:00 and 23:00–24:00." in told(replace(evidence, hours=(7, 8, 23))).text.en


def test_what_is_not_known_is_not_spoken_of(evidence: Evidence) -> None:
    text = told(replace(evidence, places=(), hours=(), incidents=(), examples=())).text.en
    for unsaid in ("most often at", "worst hours are", "first.", "reason on record"):
        assert unsaid not in text.replace("change that first.", "")


def test_little_is_not_shown_as_nothing(evidence: Evidence) -> None:
    assert "<1% of all cost" in told(replace(evidence, share=Decimal("0.001"))).text.en


def test_the_direction_speaks_of_the_gap_and_of_who_is_responsible(pack: Blueprint) -> None:
    kind = pack.taxonomy.kinds["slow"]
    direction = direction_of(kind, "technology")
    assert lesson_words.BY_GAP[kind.gap].en in direction.en
    assert lesson_words.BY_RESPONSIBLE["technology"].zh in direction.zh


@pytest.mark.parametrize("responsible", ["external", "customer"])
def test_what_is_not_ours_is_no_gap_of_ours(pack: Blueprint, responsible: str) -> None:
    kind = pack.taxonomy.kinds["slow"]
    assert direction_of(kind, responsible) == lesson_words.BY_RESPONSIBLE[responsible]


def test_there_are_words_for_all_that_the_taxonomy_can_say() -> None:
    assert set(lesson_words.BY_GAP) == set(get_args(FailureKind.model_fields["gap"].annotation))
    assert set(lesson_words.BY_RESPONSIBLE) == set(lesson_words.RESPONSIBLE) == set(get_args(Responsible))


def test_the_same_cause_and_period_have_one_key(evidence: Evidence) -> None:
    assert told(evidence).key == told(replace(evidence, failures=7, places=())).key
    assert told(evidence).key != told(replace(evidence, responsible="person")).key


def test_a_rejected_lesson_is_not_confirmed_before_it_is_reconsidered() -> None:
    with pytest.raises(IllegalMove):
        LESSON.after("rejected", "confirm")
    assert LESSON.after(LESSON.after("rejected", "reconsider"), "confirm") == "confirmed"
