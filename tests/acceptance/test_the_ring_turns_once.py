"""The ring turns once on a day of real flights: everything that the contract promises is there, and adds up."""

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance import demo

RING = (
    "signals",
    "findings",
    "failures",
    "incidents",
    "cases",
    "plans",
    "actions_done",
    "messages",
    "remedies",
    "lessons",
)


pytestmark = pytest.mark.early(turn=2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ring")


@pytest.fixture(scope="module")
def figures(home: Path) -> dict[str, Any]:
    return demo.finished(demo.start(home, *demo.QUIET))


def test_each_station_of_the_ring_has_figures(figures: dict[str, Any]) -> None:
    assert {name: figures[name] > 0 for name in RING} == dict.fromkeys(RING, True)
    assert figures["remedy_total"] > 0
    assert {name: figures[name] for name in demo.QUIET_DAY} == demo.QUIET_DAY


def test_what_was_found_reached_the_customers_and_the_ledger(home: Path, figures: dict[str, Any]) -> None:
    counts = dict(
        demo.rows(
            home,
            """
            select 'cases', count(*) from recover_case
            union all select 'messages', count(*) from channels_message where state = 'sent'
            union all select 'remedies', count(*) from recover_remedy
            union all select 'twice', count(*) - count(distinct action_id) from recover_remedy
            union all select 'without a clock', count(*) from recover_case
                where id not in (select case_id from recover_clock)
            union all select 'never told', count(*) from monitor_affected
                where customer_id not in (select customer_id from channels_message)
                and failure_id in (select id from monitor_failure where stage not in ('at_risk', 'averted'))
            union all select 'simulated', count(*) from recover_outcome where source <> 'simulated'
            union all select 'beyond', count(*) from recover_remedy
                where approval_id is null and amount > 650
            """,
        )
    )
    assert counts["cases"] == figures["cases"]
    assert counts["messages"] == figures["messages"]
    assert counts["remedies"] == figures["remedies"]
    nobody = {"twice": 0, "without a clock": 0, "never told": 0, "simulated": 0, "beyond": 0}
    assert {name: counts[name] for name in nobody} == nobody


def test_every_message_was_delivered_once(home: Path, figures: dict[str, Any]) -> None:
    lines = [line for file in (home / "outbox").rglob("*.ndjson") for line in file.read_text().splitlines()]
    assert len(lines) == len(set(lines)) == figures["messages"]


def test_the_ledger_adds_up_to_the_total(home: Path, figures: dict[str, Any]) -> None:
    ((total,),) = demo.rows(home, "select sum(amount) from recover_remedy")
    assert float(total) == pytest.approx(figures["remedy_total"])


def test_the_audit_trail_of_every_case_is_whole(home: Path, figures: dict[str, Any]) -> None:
    broken = demo.rows(
        home,
        """
        select case_id from (
            select case_id, number, previous, lag(digest) over (partition by case_id order by number) as before,
                row_number() over (partition by case_id order by number) as place
            from recover_trailentry
        ) as chained where number <> place or previous is distinct from before limit 5
        """,
    )
    assert broken == []


def test_turning_it_again_changes_nothing(home: Path, figures: dict[str, Any]) -> None:
    present = "select behind from policy_deployment"
    stands = demo.rows(home, present)
    again = demo.finished(demo.start(home, *demo.QUIET))
    assert {**again, "seconds": 0} == {**figures, "seconds": 0}
    assert demo.rows(home, present) == stands  # time goes on from where people have worked
