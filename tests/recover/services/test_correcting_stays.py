"""What a person put right of a case stays right, whatever signals and rosters say afterwards, until it is corrected
again."""

from datetime import timedelta

import pytest
import stories

from amends.kernel.blueprint import load_shipped
from amends.monitor.models import Affected, Failure
from amends.monitor.services import keep_roster, record_findings
from amends.people.services import keep_customers
from amends.recover.models import Case
from amends.recover.services import correct_facts, open_cases
from tests.monitor.told import NOON, SUBJECT, finding

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
WHY = "Their ticket says so."


@pytest.fixture
def place():
    return stories.company(pack=load_shipped("airline"))


def hear(place, *findings) -> None:
    recorded = record_findings(list(findings), version=place.version, now=NOON)
    open_cases(sorted(recorded.incidents), now=NOON + 95 * MINUTE)


def board(**people) -> None:
    keep_customers([{"reference": name, "name": name, "locale": "en"} for name in people], now=NOON)
    keep_roster((SUBJECT, name, facts) for name, facts in people.items())


def correct(case: Case, **changes) -> Case:
    someone = stories.staff("front_line")
    correct_facts(case.pk, changes=changes, reason=WHY, acting_user=someone, now=NOON + 100 * MINUTE)
    return Case.objects.get(pk=case.pk)


def late(minutes: int, **more) -> dict:
    return finding("late", NOON + minutes * MINUTE, unit="EWR", **more)


def breached() -> dict:
    return finding("breached", NOON + 15 * MINUTE, unit="EWR")


def rows() -> list[dict]:
    seen = ("facts", "severity", "responsible", "what_happened_id")
    return [Failure.objects.values().get(), Affected.objects.values().get(), Case.objects.values(*seen).get()]


def test_a_later_signal_about_the_same_failure_leaves_it(place) -> None:
    board(alone={"layover_minutes": 45})
    hear(place, late(70))
    case = correct(Case.objects.get(), layover_minutes=300, minutes_late=61)
    assert (case.severity, case.facts["layover_minutes"]) == (2, 300)
    board(alone={"layover_minutes": 30})
    hear(place, late(90))
    hear(place, finding("never", NOON + 720 * MINUTE, unit="EWR"))
    failure, hurt = Failure.objects.get(), Affected.objects.get()
    assert failure.stage == "never"
    assert (failure.facts["layover_minutes"], failure.facts["minutes_late"]) == (300, 61)
    assert (hurt.facts["layover_minutes"], hurt.severity) == (300, failure.severity)
    after = Case.objects.get()
    assert (after.facts["layover_minutes"], after.facts["minutes_late"]) == (300, 61)
    case = correct(after, layover_minutes=30)
    assert Affected.objects.get().facts["layover_minutes"] == 30
    hear(place, late(95))
    assert Case.objects.get().facts["layover_minutes"] == 30


def test_with_others_on_board_only_the_one_is_put_right_and_the_others_follow_the_signals(place) -> None:
    board(one={"layover_minutes": 45}, other={"layover_minutes": 45})
    hear(place, breached())
    hear(place, late(70))
    assert set(Affected.objects.values_list("severity", flat=True)) == {3}
    correct(Case.objects.get(customer__reference="one"), layover_minutes=300)
    board(one={"layover_minutes": 40}, other={"layover_minutes": 40})
    hear(place, late(72))
    hit = {row.customer.reference: row for row in Affected.objects.select_related("customer")}
    assert (hit["one"].severity, hit["other"].severity) == (2, 3)
    assert hit["one"].facts["layover_minutes"] == 300
    assert hit["one"].severity_why.en != hit["other"].severity_why.en
    assert (Failure.objects.get().severity, Failure.objects.get().customers) == (3, 2)


def test_what_is_not_known_after_all_stays_unknown(place) -> None:
    board(one={"layover_minutes": 45}, other={})
    hear(place, late(70))
    case = correct(Case.objects.get(customer__reference="one"), layover_minutes=None)
    assert case.severity == 2
    hear(place, late(80))
    assert Affected.objects.get(customer__reference="one").severity == 2


def test_another_failure_of_the_same_case_does_not_bring_the_old_fact_back(place) -> None:
    board(one={"layover_minutes": 45})
    hear(place, late(70))
    case = correct(Case.objects.get(), layover_minutes=300)
    revision = case.plan.revision
    hear(place, finding("late", NOON + 500 * MINUTE, standard="arrive-on-time", unit="EWR", opening_id="arrival"))
    after = Case.objects.get()
    assert Failure.objects.count() == 2
    assert after.plan.revision >= revision
    assert after.facts["layover_minutes"] == 300


def test_found_again_as_it_was_changes_nothing(place) -> None:
    board(one={"layover_minutes": 45})
    hear(place, late(70))
    correct(Case.objects.get(), layover_minutes=300)
    before = rows()
    hear(place, late(70))
    assert rows() == before
