"""Who is free and who is the nearest: nobody away is chosen while somebody free could decide."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amends.kernel.business_time import Calendar
from amends.people.core.duty import Candidate, Duty, Plan, by_nearness, duty_at, nearest
from amends.people.core.rights import ROLES

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
OFFICE = {"office": Calendar(tz="UTC", week={"mon-fri": ("09:00-12:30", "13:30-17:00")})}
HOUR = timedelta(hours=1)


def test_without_a_shift_or_an_absence_somebody_is_free_at_any_time():
    duty = duty_at(Plan(), NOW, OFFICE)
    assert duty.away is None
    assert NOW < duty.until <= NOW + timedelta(days=1)  # when it is looked at again


def test_an_absence_counts_from_its_first_moment_up_to_its_last():
    plan = Plan(absences=((NOW, NOW + HOUR),))
    assert duty_at(plan, NOW - timedelta(seconds=1), OFFICE).until == NOW
    assert duty_at(plan, NOW, OFFICE).away == "absent"
    assert duty_at(plan, NOW, OFFICE).until == NOW + HOUR
    assert duty_at(plan, NOW + HOUR, OFFICE).away is None


def test_a_shift_has_several_periods_a_day():
    plan = Plan(shifts=((date(2026, 1, 1), "office"),))
    assert duty_at(plan, NOW, OFFICE).until == NOW.replace(hour=12, minute=30)
    lunch = duty_at(plan, NOW.replace(hour=13), OFFICE)
    assert (lunch.away, lunch.until) == ("off_shift", NOW.replace(hour=13, minute=30))
    assert duty_at(plan, NOW.replace(hour=20), OFFICE).away == "off_shift"


def test_the_latest_shift_that_has_begun_counts_and_one_whose_calendar_is_gone_counts_as_none():
    plan = Plan(shifts=((date(2026, 1, 1), "office"), (date(2026, 3, 1), "always"), (date(2027, 1, 1), "office")))
    assert duty_at(plan, NOW.replace(hour=20), OFFICE).away is None
    assert duty_at(Plan(shifts=((date(2026, 1, 1), "gone"),)), NOW.replace(hour=20), OFFICE).away is None


def test_a_stand_in_counts_within_its_span_only():
    plan = Plan(stand_ins=((NOW, NOW + HOUR, 7),))
    assert duty_at(plan, NOW, OFFICE).stand_ins == (7,)
    assert duty_at(plan, NOW + HOUR, OFFICE).stand_ins == ()


def candidate(pk, *, role="supervisor", distance=0, waiting=0, away=None, stand_ins=()):
    duty = Duty(away=away, until=NOW + HOUR, stand_ins=tuple(stand_ins))
    return Candidate(id=pk, role=role, distance=distance, waiting=waiting, duty=duty)


def test_the_unit_comes_first_then_the_role_then_the_load_then_the_number():
    people = [
        candidate(1, distance=1),
        candidate(2, role="manager"),
        candidate(3, waiting=2),
        candidate(5, waiting=1),
        candidate(4, waiting=1),
    ]
    assert [one.id for one in by_nearness(people)] == [4, 5, 3, 2, 1]


def test_whoever_is_away_is_passed_over_and_said_to_be():
    choice = nearest([candidate(1, away="absent"), candidate(2, role="manager")])
    assert choice is not None
    assert (choice.id, choice.in_place_of, choice.passed_over) == (2, None, (1,))


def test_a_stand_in_comes_in_the_place_of_whom_they_stand_in_for():
    people = [candidate(1, away="absent", stand_ins=[3]), candidate(2, distance=1), candidate(3, distance=2)]
    choice = nearest(people)
    assert choice is not None
    assert (choice.id, choice.in_place_of) == (3, 1)


def test_a_stand_in_who_could_not_decide_by_themselves_or_is_excluded_is_none():
    people = [candidate(1, away="absent", stand_ins=[3]), candidate(2, distance=1)]
    assert nearest(people).id == 2
    assert nearest([*people, candidate(3, distance=2)], excluded={3}).id == 2


candidates = st.lists(
    st.builds(
        candidate,
        pk=st.integers(1, 8),
        role=st.sampled_from(ROLES),
        distance=st.integers(0, 3),
        waiting=st.integers(0, 3),
        away=st.sampled_from([None, "absent", "off_shift"]),
        stand_ins=st.lists(st.integers(1, 8), max_size=2),
    ),
    unique_by=lambda one: one.id,
    max_size=8,
)


@given(candidates, st.sets(st.integers(1, 8), max_size=4))
def test_somebody_free_is_found_exactly_if_there_is_one_and_never_one_who_is_excluded(people, excluded):
    choice = nearest(people, excluded=excluded)
    free = {one.id for one in people if one.duty.away is None} - excluded
    assert (choice is None) == (not free)
    if choice is not None:
        assert choice.id in free
        assert choice.in_place_of is None or choice.in_place_of not in excluded
