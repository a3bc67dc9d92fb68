"""Clocks in business time, and the order in which cases are worked."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.parts import DueRule
from amends.kernel.business_time import Calendar
from amends.recover.core.clocks import CLOCK_KINDS, deadlines, due_time
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
