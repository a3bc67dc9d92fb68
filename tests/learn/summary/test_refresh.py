"""The summary against a naive count, row by row, of random worlds; and made in parts against made whole."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from amends.kernel.blueprint import Blueprint
from amends.learn.core.loyalty import Answer, baseline, row_for, weight_of
from tests.learn.worlds import MINUTES, NOW, START, populate, recover

if TYPE_CHECKING:
    from collections.abc import Callable

    from amends.recover.models import Case
    from tests.learn.worlds import World

NEW_YORK = ZoneInfo("America/New_York")
Cells = dict[tuple[Any, ...], dict[str, float]]


def naive_cells(world: World) -> Cells:
    """The same summary, one row after the other."""
    from amends.channels.models import Message
    from amends.monitor.models import Failure, Incident
    from amends.recover.models import Case

    cells: Cells = defaultdict(lambda: defaultdict(float))

    def cell(failure: Failure) -> dict[str, float]:
        day = (failure.opened_at or failure.found_at).astimezone(NEW_YORK).date()
        hour = (failure.due or failure.found_at).astimezone(NEW_YORK).hour
        return cells[day, hour, failure.unit_id, failure.kind, failure.step, failure.responsible]

    def gravest(failures: list[Failure]) -> Failure:
        return min(failures, key=lambda one: (-one.severity, one.found_at, one.pk))

    def sent(thread: str) -> int:
        return Message.objects.filter(thread=thread, direction="out").exclude(state="failed").count()

    for failure in Failure.objects.all():
        here = cell(failure)
        broken = failure.stage not in {"at_risk", "averted"}
        here["findings"] += failure.findings.count()
        here["failures"] += broken
        here["at_risk"] += failure.stage == "at_risk"
        here["averted"] += failure.stage == "averted"
        here["controllable"] += broken and failure.controllable
        here["stable"] += broken and failure.stable
        here["affected"] += failure.affected.count() if broken else 0
    for incident in Incident.objects.all():
        if messages := sent(f"incident:{incident.pk}"):
            cell(gravest([*incident.members.all(), *incident.joiners.all()]))["messages"] += messages
    still_here: dict[int, float] = defaultdict(lambda: 1.0)
    for case in Case.objects.order_by("opened_at", "id"):
        here = cell(gravest([one.failure for one in case.case_failures.all()]))
        count_case(here, case, sent(f"case:{case.pk}"))
        if case.state not in {"withdrawn", "merged"}:
            weigh(world, here, case, still_here)
    return cells


def count_case(here: dict[str, float], case: Case, messages: int) -> None:
    own = case.state != "merged"  # else it is counted with the case that it was merged into
    here["cases"] += own
    here["cases_open"] += case.state in {"in_progress", "planned"}
    here["cases_made_good"] += case.state == "made_good"
    here["cases_closed"] += case.state == "closed"
    here["plans"] += own
    here["messages"] += messages
    recorded = [entry.minutes for entry in case.time_spent.all()]
    here["minutes"] += sum(recorded)
    for action in case.actions.all():
        here["actions"] += own or action.state == "done"
        here["actions_done"] += action.state == "done"
        if action.state == "done" and action.performer != "automatic" and not recorded:
            here["minutes"] += MINUTES[action.kind]
    for remedy in case.remedies.all():
        here["remedies"] += remedy.reverses is None and not remedy.reversals.exists()
        here["remedy_amount"] += float(remedy.amount) if remedy.currency == "USD" else 0
    outcome = getattr(case, "outcome", None)
    if outcome and own:
        told, stands = outcome.source != "staff", case.state in {"made_good", "closed"}
        here["outcomes"] += 1
        here["simulated"] += outcome.source == "simulated"
        here["accepted"] += outcome.accepted is True and told and stands
        here["accepted_by_staff"] += outcome.accepted is True and not told and stands
        for name in ("before", "after"):
            said = getattr(outcome, f"satisfaction_{name}") if told else None
            here[f"{name}_sum"] += said or 0
            here[f"{name}_count"] += said is not None


def weigh(world: World, here: dict[str, float], case: Case, still_here: dict[int, float]) -> None:
    loyalty = world.pack.economics.loyalty
    actions = list(case.actions.all())
    loss = sum((one.amount for one in actions if one.amount and one.currency == "USD"), Decimal(0))
    ends = [one.done_at for one in actions if one.phase == "immediate" and one.done_at]
    owed = any(one.phase == "immediate" and one.state == "ready" for one in actions)
    outcome = getattr(case, "outcome", None)
    outcome = outcome if outcome and outcome.source != "staff" else None
    said = {} if outcome is None else {name: getattr(outcome, name) for name in ("accepted", "stays", "told_others")}
    answer = Answer(
        **said,
        satisfaction=outcome.satisfaction_after if outcome else None,
        quickly=bool(ends) and not owed and max(ends) - case.opened_at <= timedelta(hours=4),
    )
    weight = weight_of(loyalty, row_for(loyalty, loss), answer)
    customer = case.customer
    own = float(customer.value) if customer.value and customer.currency == "USD" else None
    there = still_here[customer.pk]
    here["value_lost"] += (own or 500) * float(baseline(loyalty)) * float(weight.leaves) * there
    here["tellers"] += float(weight.dissatisfied) * there
    here["weighed"] += 1
    here["valued_by_default"] += own is None
    still_here[customer.pk] = there * (1 - float(weight.leaves))


def summary_cells() -> Cells:
    from amends.learn.models import SummaryCell
    from amends.learn.summary.statements import CELL, COUNTS

    rows = list(SummaryCell.objects.values())
    cells = {tuple(row[name] for name in CELL.split(", ")): {n: float(row[n]) for n in COUNTS} for row in rows}
    assert len(cells) == len(rows)  # each cell comes once
    return cells


def assert_same(cells: Cells, expected: Cells) -> None:
    assert set(cells) == set(expected)
    for key, counts in cells.items():
        for name, value in counts.items():
            assert value == pytest.approx(expected[key].get(name, 0.0), abs=1e-6), (key, name)


@pytest.mark.parametrize("seed", range(4))
def test_the_summary_agrees_with_a_naive_count(world: World, refresh: Callable[..., Any], seed: int) -> None:
    populate(world, Random(seed))
    assert refresh(whole=True).whole
    assert summary_cells()
    assert_same(summary_cells(), naive_cells(world))


@pytest.mark.parametrize("seed", range(2))
def test_taking_in_what_is_new_gives_what_making_it_whole_gives(
    world: World, refresh: Callable[..., Any], seed: int
) -> None:
    from amends.recover.models import Case

    random = Random(100 + seed)
    populate(world, random)
    settle(refresh)
    populate(world, random, failures=2)
    changed = random.choice(list(Case.objects.filter(outcome=None)))
    recover(world, random, changed)
    Case.objects.filter(pk=changed.pk).update(state="made_good")
    assert not refresh().whole
    assert_same(summary_cells(), naive_cells(world))


def settle(refresh: Callable[..., Any]) -> None:
    """Make the summary whole and let its marks grow old enough to be trusted."""
    from amends.learn.services import refresh_summary

    refresh(whole=True)
    for minutes in (20, 40, 60):
        refresh_summary(now=NOW + timedelta(minutes=minutes))


def test_only_the_days_that_were_touched_are_made_again(world: World, refresh: Callable[..., Any]) -> None:
    for day in range(5):
        world.failure(at=START + timedelta(days=day))
    settle(refresh)
    assert refresh().days == ()
    world.failure(at=START + timedelta(days=3, hours=2))
    assert [day.isoformat() for day in refresh().days] == ["2013-01-10"]


def test_a_message_of_an_incident_touches_the_days_of_its_failures(world: World, refresh: Callable[..., Any]) -> None:
    incident = world.incident()
    world.failure(at=START, incident=incident)
    settle(refresh)
    world.message(f"incident:{incident.pk}", world.customer())
    refresh()
    assert_same(summary_cells(), naive_cells(world))


def test_a_message_of_an_incident_that_was_split_off_counts_where_what_joined_it_stands(
    world: World, refresh: Callable[..., Any]
) -> None:
    born, split_off = world.incident(), world.incident()
    world.failure(at=START, incident=born, severity=3)
    world.failure(at=START + timedelta(days=1), incident=born, joined=split_off)
    settle(refresh)
    for incident in (born, split_off, split_off):
        world.message(f"incident:{incident.pk}", world.customer())
    assert not refresh().whole
    assert_same(summary_cells(), naive_cells(world))
    assert {key[0].isoformat(): cell["messages"] for key, cell in summary_cells().items()} == {
        "2013-01-07": 1,
        "2013-01-08": 2,
    }


def test_an_earlier_case_that_changes_touches_the_later_ones_of_the_customer(
    world: World, refresh: Callable[..., Any]
) -> None:
    customer = world.customer()
    early = world.case(customer, world.failure(at=START))
    world.case(customer, world.failure(at=START + timedelta(days=4)))
    settle(refresh)
    world.outcome(early, accepted=True, satisfaction_after=5, stays=True)
    assert [day.isoformat() for day in refresh().days] == ["2013-01-07", "2013-01-11"]
    assert_same(summary_cells(), naive_cells(world))


def test_a_merged_case_is_none_of_its_own_yet_what_was_given_in_it_counts(
    world: World, refresh: Callable[..., Any]
) -> None:
    from amends.recover.models import Case

    customer, failure = world.customer(), world.failure()
    kept, merged = world.case(customer, failure), world.case(customer, failure)
    for case in (kept, merged):
        world.remedy(world.action(case, kind="compensation", amount="40"))
    world.action(merged, kind="call", state="skipped")
    settle(refresh)
    Case.objects.filter(pk=merged.pk).update(state="merged", is_open=False)
    refresh(whole=True)
    (cell,) = summary_cells().values()
    assert (cell["cases"], cell["plans"], cell["actions"], cell["weighed"]) == (1, 1, 2, 1)
    assert (cell["actions_done"], cell["remedies"], cell["remedy_amount"]) == (2, 2, 80)


@pytest.mark.parametrize(("state", "lost"), [("ready", 100), ("waiting_approval", 100), ("skipped", 0), ("done", 0)])
def test_nobody_is_satisfied_quickly_while_something_immediate_is_owed(
    world: World, refresh: Callable[..., Any], state: str, lost: int
) -> None:
    case = world.case(world.customer(value="1000"), world.failure())
    world.action(case, kind="call", after=timedelta(minutes=5))
    world.action(case, kind="compensation", amount="60", state=state)
    world.outcome(case, satisfaction_after=4)
    refresh(whole=True)
    (cell,) = summary_cells().values()
    assert cell["value_lost"] == pytest.approx(lost)


@pytest.mark.parametrize(
    ("steps", "lost"),
    [
        ({"gift": "skipped"}, 400),  # a loss of 60
        ({"gift": "skipped", "gift@2": "done"}, 400),
        ({"gift": "refused", "gift@2": "skipped", "gift@3": "refused"}, 400),
        ({"gift": "done", "gift@2": "ready"}, 700),  # of 120: two cases about two harms were merged
    ],
)
def test_a_step_that_was_begun_anew_is_worth_what_it_is_worth_once(
    world: World, refresh: Callable[..., Any], steps: dict[str, str], lost: int
) -> None:
    case = world.case(world.customer(value="1000"), world.failure())
    for step, state in steps.items():
        world.action(case, kind="compensation", amount="60", step=step, state=state)
    refresh(whole=True)
    (cell,) = summary_cells().values()
    assert cell["value_lost"] == pytest.approx(lost)


def test_recorded_minutes_stand_for_those_that_the_pack_assumes_as_soon_as_they_are_recorded(
    world: World, refresh: Callable[..., Any]
) -> None:
    from amends.recover.models import TimeSpent

    case = world.case(world.customer(), world.failure())
    world.action(case, kind="call", performer="front_line")
    other = world.case(world.customer(), world.failure(at=START + timedelta(days=2)))
    world.action(other, kind="call", performer="front_line")
    settle(refresh)
    assert sorted(cell["minutes"] for cell in summary_cells().values()) == [10, 10]
    for minutes in (25, 7):
        TimeSpent.objects.create(case=case, staff=world.staff(), minutes=minutes, at=NOW)
    refresh()
    assert sorted(cell["minutes"] for cell in summary_cells().values()) == [10, 32]


def test_a_row_whose_transaction_was_slow_is_still_taken_in(world: World, refresh: Callable[..., Any]) -> None:
    """Its id is lower than the highest one seen; it counts as long as its transaction is younger than the mark."""
    from amends.monitor.models import Finding

    world.failure(at=START)
    settle(refresh)
    slow = world.failure(at=START + timedelta(days=1))
    finding = slow.findings.get()
    Finding.objects.filter(pk=finding.pk).delete()  # not visible yet
    world.failure(at=START + timedelta(days=2))
    refresh()
    Finding.objects.bulk_create([finding])
    assert "2013-01-08" in [day.isoformat() for day in refresh().days]


def test_a_customer_can_be_lost_only_once(world: World, refresh: Callable[..., Any]) -> None:
    from amends.learn.models import SummaryCell

    customer = world.customer(value="1000")
    for day in range(30):
        world.case(customer, world.failure(at=START + timedelta(days=day)))
    refresh(whole=True)
    lost = sum(SummaryCell.objects.values_list("value_lost", flat=True))
    assert 0.79 * 1000 < lost <= 0.80 * 1000  # all who would have stayed, and no more


def test_a_new_blueprint_makes_the_summary_whole(world: World, refresh: Callable[..., Any]) -> None:
    from amends.kernel.blueprint.economics import Economics
    from amends.policy.services import publish_blueprint
    from tests.learn.worlds import ECONOMICS, figure

    case = world.case(world.customer(), world.failure())
    world.action(case, kind="call")
    settle(refresh)
    dearer = Economics.model_validate(
        {**ECONOMICS.model_dump(), "handling_minutes": {**dict.fromkeys(MINUTES, figure("2")), "call": figure("25")}}
    )
    pack = Blueprint.from_content({**world.pack.content(), "economics": dearer.model_dump(mode="json")})
    publish_blueprint(pack, name="airline", now=NOW, acting_user="test")
    assert refresh().whole
    assert sum(cell["minutes"] for cell in summary_cells().values()) == 25


def test_making_it_twice_changes_nothing(world: World, refresh: Callable[..., Any]) -> None:
    populate(world, Random(5))
    refresh(whole=True)
    before = summary_cells()
    refresh(whole=True)
    refresh()
    assert summary_cells() == before


def test_an_empty_database_has_an_empty_summary(world: World, refresh: Callable[..., Any]) -> None:
    assert refresh(whole=True).cells == 0
