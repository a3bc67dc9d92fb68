"""Notices reach whom they are for, once, and go when they were seen."""

import pytest
import stories

from amends.kernel.text import Localised
from amends.people.selectors import NotFound
from amends.recover.models import Case
from amends.recover.selectors import access_notice, notices_for
from amends.recover.selectors.waiting import waiting_for
from amends.recover.services import notify, open_cases, see_notices

NOW = stories.NOW
WORDS = Localised(en="Look at this.", zh="请看一下。")


@pytest.fixture
def case(company):
    open_cases(stories.broken_flights(company, seats=1), now=NOW)
    return Case.objects.get()


def test_a_notice_is_told_once_for_its_key_and_counted_until_it_is_seen(case):
    person = stories.staff("front_line")
    for _ in range(2):
        notify([person.pk], case, "mention", WORDS, now=NOW, key="note:7")
    assert waiting_for(person).notices == 1
    (notice,) = notices_for(person).rows
    assert (notice.what, notice.en, notice.zh, notice.case_id) == ("mention", WORDS.en, WORDS.zh, case.pk)
    assert see_notices(acting_user=person, now=NOW, notice_id=notice.pk) == 1
    assert see_notices(acting_user=person, now=NOW) == 0
    assert waiting_for(person).notices == 0
    assert notices_for(person, unseen=True).rows == []


def test_a_notice_is_its_readers_alone(case):
    person, other = stories.staff("front_line"), stories.staff("manager")
    notify([person.pk], case, "mention", WORDS, now=NOW)
    notice = notices_for(person).rows[0]
    assert notices_for(other).rows == []
    assert see_notices(acting_user=other, now=NOW, notice_id=notice.pk) == 0
    with pytest.raises(NotFound):
        access_notice(other, notice.pk)


def test_who_no_longer_reaches_the_unit_no_longer_reads_of_its_cases(company, case):
    person = stories.staff("front_line", unit=company.branch)
    notify([person.pk], case, "mention", WORDS, now=NOW)
    assert waiting_for(person).notices == 1
    case.unit = company.unit  # above the person's own
    case.save(update_fields=["unit"])
    assert (waiting_for(person).notices, notices_for(person).rows) == (0, [])


def test_nobody_is_told_of_what_has_no_word(case):
    with pytest.raises(ValueError, match="no such notice"):
        notify([stories.staff("manager").pk], case, "gossip", WORDS, now=NOW)
