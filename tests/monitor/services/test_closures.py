"""What was expected is on record with its reason and opens nothing; whom it hurts is looked after all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from amends.kernel.text import Localised
from amends.monitor.grouped import closures_for
from amends.monitor.models import Affected, Closure, Failure, Incident, IncidentAct
from amends.monitor.services import record_findings
from amends.monitor.services.closures import BadClosure, end_closure, enter_closure, held_closure, withdraw
from amends.monitor.services.incidents import correlate
from amends.people.models import Staff, Unit
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.models import BlueprintVersion
from tests.monitor.told import NOON, SUBJECT, finding
from tests.stories import staff

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORKS = Localised(en="The terminal is being rebuilt.", zh="航站楼改造。")


def closed(
    version: BlueprintVersion, person: Staff, *, unit: str = "", resource: str = "", **span: datetime
) -> Closure:
    """A closure from eleven to three."""
    return enter_closure(
        unit=Unit.objects.get(code=unit) if unit else None,
        resource=resource,
        reason=WORKS,
        version=version,
        acting_user=person,
        **{"starts_at": NOON - HOUR, "ends_at": NOON + 3 * HOUR, "now": NOON - 2 * HOUR, **span},
    )


def test_a_failure_in_a_closure_is_on_record_and_belongs_to_no_incident(version: BlueprintVersion) -> None:
    closure = closed(version, staff("manager"), unit="XX")  # the units below it are closed too
    recorded = record_findings([finding("late", NOON + 40 * MINUTE)], version=version, now=NOON)
    failure = Failure.objects.get()
    assert (failure.closure, failure.incident, recorded.incidents) == (closure, None, frozenset())
    later = finding("late", NOON + HOUR, standard="arrive-on-time", due=NOON + 4 * HOUR)
    record_findings([later], version=version, now=NOON)
    assert Incident.objects.get().failures == 1  # what was due after the closure is none of it


def test_whom_it_hits_gravely_is_looked_after_with_the_reason(
    version: BlueprintVersion, board: Callable[..., None]
) -> None:
    closed(version, staff("manager"), unit="XX-AAA")
    board({"connects": {"layover_minutes": 45}})
    recorded = record_findings([finding("breached", NOON + 15 * MINUTE)], version=version, now=NOON)
    assert recorded.incidents == frozenset()  # not grave yet
    recorded = record_findings([finding("late", NOON + 50 * MINUTE)], version=version, now=NOON)
    failure = Failure.objects.select_related("closure_why").get()
    assert failure.incident_id in recorded.incidents
    assert failure.closure_why is not None
    assert WORKS.zh.rstrip("。") in failure.closure_why.zh


def test_a_closed_resource_covers_what_hangs_on_it_and_only_that(
    version: BlueprintVersion, tell: Callable[..., None]
) -> None:
    closed(version, staff("manager"), resource="airport/AAA")
    tell("flight.scheduled", NOON - HOUR, origin="AAA")
    other = finding("late", NOON + 20 * MINUTE, subject="F2", opening_id="F2")
    record_findings([finding("late", NOON + 20 * MINUTE), other], version=version, now=NOON)
    assert Failure.objects.get(subject=SUBJECT).closure is not None
    assert Failure.objects.get(subject="F2").closure is None


def test_a_closure_that_was_wrong_gives_back_what_it_kept_and_one_that_ends_early_does_not(
    version: BlueprintVersion,
) -> None:
    boss = staff("manager")
    closure = closed(version, boss, unit="XX-AAA")
    record_findings([finding("late", NOON + 40 * MINUTE)], version=version, now=NOON)
    end_closure(closure.pk, acting_user=boss, now=NOON + HOUR)
    assert Failure.objects.get().closure == closure
    with pytest.raises(BadClosure):
        end_closure(closure.pk, acting_user=boss, now=NOON + 2 * HOUR)
    freed = withdraw(held_closure(closure.pk, acting_user=boss), acting_user=boss, now=NOON + 2 * HOUR)
    assert correlate(freed, version=version) == {Incident.objects.get().pk}
    assert withdraw(held_closure(closure.pk, acting_user=boss), acting_user=boss, now=NOON + 2 * HOUR) == []
    acts = list(IncidentAct.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["enter_closure", "end_closure", "withdraw_closure"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"unit": "XX-AAA", "resource": "airport/AAA"},
        {},
        {"resource": "teapot/1"},
        {"resource": "airport/ "},
        {"unit": "XX-AAA", "ends_at": NOON - 3 * HOUR},
        {"unit": "XX-AAA", "ends_at": NOON + timedelta(days=400)},
    ],
)
def test_nonsense_is_no_closure(version: BlueprintVersion, nonsense: dict[str, Any]) -> None:
    with pytest.raises(BadClosure):
        closed(version, staff("manager"), **nonsense)


def test_only_whoever_reaches_the_unit_closes_it_and_resources_belong_to_the_company(version: BlueprintVersion) -> None:
    near = staff("supervisor", unit=Unit.objects.get(code="XX-AAA"))
    closed(version, near, unit="XX-AAA")
    for other in ({"unit": "XX-BBB"}, {"resource": "airport/AAA"}):
        with pytest.raises(NotFound):
            closed(version, near, **other)
    with pytest.raises(NotAllowed):
        closed(version, staff("front_line"), unit="XX-AAA")
    far = staff("supervisor", unit=Unit.objects.get(code="XX-BBB"))
    with pytest.raises(NotFound):
        held_closure(Closure.objects.get().pk, acting_user=far)
    assert closures_for(far, now=NOON).rows == []
    assert [one.kept_back for one in closures_for(near, now=NOON).rows] == [0]


def test_whoever_tells_us_of_something_is_heard_in_a_closure_too(
    version: BlueprintVersion, board: Callable[..., None]
) -> None:
    closed(version, staff("manager"), unit="XX-AAA")
    board({"A": {}})
    record_findings([finding("late", NOON + 40 * MINUTE)], version=version, now=NOON)
    Failure.objects.update(stage="reported", closure=None)
    assert correlate([Failure.objects.get().pk], version=version)
    assert Affected.objects.count() == 1


def test_what_a_closure_keeps_back_is_counted_up_to_a_bound(
    version: BlueprintVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(version, boss := staff("manager"), unit="XX")
    closed(version, boss, unit="XX-BBB")
    many = [
        finding("late", NOON + 40 * MINUTE, subject=f"{SUBJECT}{number}", opening_id=f"{SUBJECT}{number}#scheduled")
        for number in range(4)
    ]
    record_findings(many, version=version, now=NOON)
    assert sorted(one.kept_back for one in closures_for(boss, now=NOON).rows) == [0, 4]
    monkeypatch.setattr("amends.monitor.grouped.MOST_COUNTED", 2)
    assert sorted(one.kept_back for one in closures_for(boss, now=NOON).rows) == [0, 3]  # one more than is counted
