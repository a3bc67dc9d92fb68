"""What time does to a clock: each thing once, however often and however late somebody looks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.blueprint import load_shipped
from amends.kernel.blueprint.parts import EscalationLevel
from amends.recover.core.calling import Colleague, called
from amends.recover.core.waking import AT_ONCE, Ticking, levels_of, woken

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEVELS = tuple(EscalationLevel(after=after * HOUR, to=("manager",)) for after in (0, 2, 5, 9, 24))

moments = st.lists(st.integers(0, 60).map(lambda hours: START + hours * HOUR), max_size=12).map(sorted)


@given(moments, st.integers(1, 20), st.integers(0, 20))
def test_however_often_one_looks_each_thing_comes_once_and_in_order(looks, due_in, warn_before):
    due = START + due_in * HOUR
    warn = max(START, due - warn_before * HOUR)
    missed = at_risk = False
    level, came = 0, []
    for now in looks:
        waking = woken(Ticking(missed=missed, due_at=due, warn_at=warn, at_risk=at_risk, level=level), LEVELS, now=now)
        came += ["risk"] * waking.at_risk + ["missed"] * waking.missed + list(waking.levels)
        missed, at_risk, level = missed or waking.missed, at_risk or waking.at_risk, max(waking.levels, default=level)
    last = looks[-1] if looks else START
    expected = ["risk"] * (warn < last or due < last) + ["missed"] * (due < last)
    expected += [number for number, step in enumerate(LEVELS, 1) if due < last and due + step.after < last]
    assert sorted(map(str, came)) == sorted(map(str, expected))
    numbers = [one for one in came if isinstance(one, int)]
    assert numbers == sorted(numbers)


@given(st.integers(0, 60), st.integers(1, 20), st.booleans(), st.integers(0, 5))
def test_a_clock_never_sleeps_through_what_is_to_come(now_in, due_in, at_risk, level):
    """Between now and its waking nothing comes of it."""
    now, due = START + now_in * HOUR, START + due_in * HOUR
    clock = Ticking(missed=due < now, due_at=due, warn_at=START + HOUR / 2, at_risk=at_risk, level=level * (due < now))
    first = woken(clock, LEVELS, now=now)
    after = Ticking(
        missed=clock.missed or first.missed,
        due_at=due,
        warn_at=clock.warn_at,
        at_risk=at_risk or first.at_risk,
        level=max(first.levels, default=clock.level),
    )
    until = first.wakes_at or START + timedelta(days=99)
    second = woken(after, LEVELS, now=until)
    assert (second.at_risk, second.missed, second.levels) == (False, False, ())


def test_a_clock_met_at_the_very_moment_it_is_due_is_not_missed_yet():
    clock = Ticking(missed=False, due_at=START, warn_at=START, at_risk=True, level=0)
    assert woken(clock, LEVELS, now=START).missed is False


def test_without_a_word_of_the_pack_a_clock_calls_whom_it_names_at_once():
    assert levels_of("inform", ()) == AT_ONCE
    assert len(levels_of("resolve", load_shipped("airline").escalations)) == 5


def test_the_nearest_are_called_looking_upwards_only():
    people = [
        Colleague(id=1, role="supervisor", path="/HQ/EWR/"),
        Colleague(id=2, role="supervisor", path="/HQ/"),
        Colleague(id=3, role="manager", path=""),
        Colleague(id=4, role="supervisor", path="/HQ/JFK/"),
        Colleague(id=5, role="front_line", path="/HQ/EWR/"),
    ]

    def call(*to, path="/HQ/EWR/", owner=5):
        return called(to, people, path=path, owner=owner, named="supervisor")

    assert call("named") == [1]
    assert call("named", path="/HQ/LGA/") == [2]
    assert call("manager") == [3]
    assert call("unit_head") == [1]
    assert call("unit_head", path="") == [3]
    assert call("owner", "named", "supervisor") == [5, 1]
    assert call("owner", owner=None) == []
    assert call("owner", owner=77) == []  # who has left is called no more
    assert call("executive") == []


def test_who_leads_a_unit_is_its_manager_before_its_supervisor():
    people = [Colleague(id=1, role="supervisor", path="/HQ/"), Colleague(id=2, role="manager", path="/HQ/")]
    assert called(["unit_head"], people, path="/HQ/EWR/", owner=None, named="manager") == [2]
