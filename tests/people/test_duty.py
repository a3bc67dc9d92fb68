"""Absences, shifts and stand-ins: whose one may enter, and which accounts are one person."""

from datetime import timedelta

import pytest

from amends.people.duty import (
    BadSpan,
    absences_for,
    acting_for,
    duties_of,
    enter_absence,
    may_stand_in,
    name_stand_in,
    people_planned_by,
    set_acting_for,
    set_shift,
    withdraw_absence,
)
from amends.people.models import StandIn
from amends.people.selectors import NotAllowed, NotFound

from .conftest import NOW

DAY = timedelta(days=1)


def away(who, by=None, **more):
    return enter_absence(who.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=by or who, now=NOW, **more)


def is_away(who, at=NOW):
    return duties_of([who.pk], at=at, calendars={})[who.pk].away is not None


def test_everybody_enters_their_own_absence(units, hire):
    someone = hire("front_line", unit=units["EWR"])
    away(someone, note="leave")
    assert is_away(someone)
    assert not is_away(someone, NOW + DAY)
    assert [row.note for row in absences_for(someone, now=NOW)] == ["leave"]


def test_a_lead_enters_those_of_their_own_people_and_of_nobody_else(units, hire):
    lead = hire("supervisor", unit=units["EWR"])
    clerk, elsewhere = hire("front_line", unit=units["EWR-IAH"]), hire("front_line", unit=units["JFK"])
    above = hire("manager", unit=units["EWR"])
    away(clerk, by=lead)
    assert is_away(clerk)
    for other in (elsewhere, above):
        with pytest.raises(NotFound):
            away(other, by=lead)
    with pytest.raises(NotFound):
        away(lead, by=clerk)
    assert {one.pk for one in people_planned_by(lead)} == {lead.pk, clerk.pk}


def test_an_absence_that_makes_no_sense_is_refused(units, hire):
    someone = hire("front_line", unit=units["EWR"])
    for start, end in ((NOW, NOW), (NOW - 2 * DAY, NOW - DAY), (NOW, NOW + 1_000 * DAY)):
        with pytest.raises(BadSpan):
            enter_absence(someone.pk, starts_at=start, ends_at=end, acting_user=someone, now=NOW)


def test_an_absence_withdrawn_takes_its_stand_in_along(units, hire):
    someone, other = hire("supervisor", unit=units["EWR"]), hire("supervisor", unit=units["HQ"])
    made = away(someone, stand_in_id=other.pk)
    assert duties_of([someone.pk], at=NOW, calendars={})[someone.pk].stand_ins == (other.pk,)
    withdraw_absence(made.pk, acting_user=someone, now=NOW)
    assert not is_away(someone)
    assert not StandIn.objects.filter(withdrawn_at=None).exists()
    with pytest.raises(NotFound):
        withdraw_absence(made.pk, acting_user=someone, now=NOW)


def test_a_stand_in_reaches_the_same_units_and_ranks_no_lower(units, hire):
    someone = hire("supervisor", unit=units["EWR"])
    clerk, beside = hire("front_line", unit=units["HQ"]), hire("supervisor", unit=units["JFK"])
    below, good = hire("supervisor", unit=units["EWR-IAH"]), hire("manager", unit=units["HQ"])
    for other in (clerk, beside, below, someone):
        with pytest.raises(NotAllowed):
            name_stand_in(
                someone.pk, stand_in_id=other.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=someone, now=NOW
            )
    assert [one.pk for one in may_stand_in(someone)] == [good.pk]


def test_a_shift_is_a_calendar_that_there_is(units, hire):
    someone = hire("supervisor", unit=units["EWR"])
    with pytest.raises(ValueError, match="no calendar"):
        set_shift(someone.pk, calendar="moon", from_day=NOW.date(), calendars=["office"], acting_user=someone, now=NOW)
    set_shift(someone.pk, calendar="office", from_day=NOW.date(), calendars=["office"], acting_user=someone, now=NOW)
    assert someone.shifts.get().calendar == "office"


def test_a_second_account_a_stand_in_and_a_second_address_of_one_mailbox_act_for_a_person(units, hire):
    someone = hire("supervisor", unit=units["HQ"], email="sam@example.test")
    second, other = hire("manager", unit=units["HQ"]), hire("supervisor", unit=units["EWR"])
    tagged = hire("executive", unit=units["HQ"], email="sam+approvals@example.test")
    standing = hire("manager", unit=None)
    set_acting_for(second.pk, owner_id=someone.pk, acting_user=None)
    name_stand_in(someone.pk, stand_in_id=standing.pk, starts_at=NOW, ends_at=NOW + DAY, acting_user=someone, now=NOW)
    assert acting_for([someone.pk], at=NOW) == {second.pk, tagged.pk, standing.pk}
    assert acting_for([someone.pk], at=NOW + DAY) == {second.pk, tagged.pk}
    assert acting_for([second.pk], at=NOW) == {someone.pk}
    assert acting_for([other.pk], at=NOW) == frozenset()


def test_whose_second_account_one_is_says_an_administrator_who_reaches_both(units, hire):
    boss, someone = hire("administrator", unit=units["EWR"]), hire("supervisor", unit=units["EWR"])
    second = hire("front_line", unit=units["EWR-IAH"])
    beside, above = hire("front_line", unit=units["JFK"]), hire("executive")
    for other in (beside, above):
        for which, owner in ((other.pk, someone.pk), (someone.pk, other.pk), (other.pk, None)):
            with pytest.raises(NotFound):
                set_acting_for(which, owner_id=owner, acting_user=boss)
    with pytest.raises(NotAllowed):
        set_acting_for(second.pk, owner_id=someone.pk, acting_user=someone)
    assert acting_for([someone.pk], at=NOW) == frozenset()
    set_acting_for(second.pk, owner_id=someone.pk, acting_user=boss)
    assert acting_for([someone.pk], at=NOW) == {second.pk}
    set_acting_for(second.pk, owner_id=above.pk, acting_user=hire("administrator"))
    assert acting_for([above.pk], at=NOW) == {second.pk}
