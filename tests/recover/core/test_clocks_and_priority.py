"""Clocks in business time, and the order in which cases are worked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import ClockRule, load_shipped
from amends.kernel.blueprint.parts import DueRule
from amends.kernel.business_time import ALWAYS, Calendar
from amends.recover.core.clocks import (
    CLOCK_KINDS,
    deadlines,
    due_again,
    due_time,
    left,
    next_news,
    pauses,
    warn_time,
)
from amends.recover.core.priority import priority

PACK = load_shipped("airline")
FRIDAY = datetime(2026, 2, 27, 16, 30, tzinfo=UTC)
OFFICE = {"office": Calendar(tz="UTC", week={"mon-fri": ("09:00-17:00",)})}


def test_every_promise_has_its_clock_with_an_owner_and_someone_to_escalate_to():
    for playbook in PACK.playbooks:
        found = deadlines(playbook.clocks, FRIDAY, PACK.calendars)
        assert tuple(one.kind for one in found) == CLOCK_KINDS
        assert all(one.owner and one.escalate_to and one.due_at >= FRIDAY for one in found)


def test_business_time_stands_still_over_the_weekend():
    rule = DueRule(within=timedelta(hours=1), calendar="office")
    assert due_time(rule, FRIDAY, OFFICE) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_round_the_clock_time_needs_no_calendar():
    assert due_time(DueRule(within=timedelta(hours=1)), FRIDAY, {}) == FRIDAY + timedelta(hours=1)


@given(st.decimals(0, 1_000_000, places=2), st.decimals(0, 1_000_000, places=2), st.integers(1, 2))
def test_value_moves_nobody_past_a_graver_failure(value, other, severity):
    lighter = priority(severity=severity, vulnerable=False, watched=False, prior_failures=0, value=value)
    graver = priority(severity=severity + 1, vulnerable=False, watched=False, prior_failures=0, value=other)
    assert lighter < graver


def test_the_formula_adds_up_by_hand():
    assert priority(severity=2, vulnerable=True, watched=True, prior_failures=9, value=Decimal(999)) == 325.0


# around both clock changes of New York and London, and the turn of the year with its holidays
ZONES = {
    "office": Calendar(
        tz="America/New_York",
        week={"mon-fri": ("09:00-12:30", "13:00-17:30"), "sat": ("10:00-12:00",)},
        holidays=(date(2025, 12, 25), date(2026, 1, 1)),
    ),
    "night": Calendar(tz="Europe/London", week={"sat-mon": ("00:00-04:00", "22:00-24:00")}),
    "always": ALWAYS,
}
moments = st.sampled_from(
    [
        datetime(2026, 3, 6, tzinfo=UTC),
        datetime(2026, 3, 28, tzinfo=UTC),
        datetime(2026, 10, 23, tzinfo=UTC),
        datetime(2026, 10, 30, tzinfo=UTC),
        datetime(2025, 12, 23, tzinfo=UTC),
    ]
).flatmap(lambda start: st.integers(0, 10 * 24 * 60).map(lambda minutes: start + timedelta(minutes=minutes)))
spans = st.integers(1, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))
zones = st.sampled_from(sorted(ZONES))


@given(zones, moments, spans, spans, spans)
def test_a_pause_takes_no_business_time_and_gives_none(name, start, within, ran, waited):
    """Whenever it is paused and however long, all in all a clock runs for what was promised, and not a minute more."""
    calendar = ZONES[name]
    due = calendar.add(start, within)
    paused = min(start + ran, due)
    kept = left(paused, due, calendar)
    resumed = paused + waited
    again = due_again(kept, resumed, calendar)
    assert calendar.elapsed(start, paused) + calendar.elapsed(resumed, again) == within
    assert again >= due


@given(zones, moments, spans, spans)
def test_a_pause_of_no_length_changes_nothing(name, start, within, ran):
    calendar = ZONES[name]
    due = calendar.add(start, within)
    paused = min(start + ran, due)
    assert due_again(left(paused, due, calendar), paused, calendar) in {due, paused}
    assert calendar.elapsed(due_again(left(paused, due, calendar), paused, calendar), due) == timedelta(0)


@given(zones, moments, spans, st.none() | spans)
def test_a_warning_comes_between_the_start_and_the_end(name, start, within, warn):
    calendar = ZONES[name]
    due = calendar.add(start, within)
    at = warn_time(start, due, calendar, warn=warn)
    assert start <= at <= due
    before = warn if warn is not None and warn < within else within / 4
    assert calendar.elapsed(at, due) == before


@given(zones, moments, spans)
def test_a_promise_that_falls_into_a_time_when_nobody_works_warns_no_later_than_it_is_due(name, start, span):
    assert start <= warn_time(start, start + span, ZONES[name]) <= start + span


def test_acknowledging_and_informing_go_on_while_we_wait_unless_the_pack_says_otherwise():
    rule = ClockRule(within=timedelta(hours=1), owner="front_line", escalate_to="supervisor")
    assert [pauses(kind, rule) for kind in CLOCK_KINDS] == [False, False, True, True]
    assert pauses("inform", rule.model_copy(update={"pauses": True}))
    assert not pauses("resolve", rule.model_copy(update={"pauses": False}))
    assert pauses("ladder", None)


def test_the_next_news_are_promised_in_business_time():
    rule = ClockRule(
        within=timedelta(hours=1),
        again=timedelta(hours=1),
        calendar="office",
        owner="front_line",
        escalate_to="manager",
    )
    assert next_news(rule, FRIDAY, OFFICE) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert next_news(rule.model_copy(update={"again": None}), FRIDAY, OFFICE) is None
