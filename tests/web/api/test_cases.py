"""A case through the API: opened by hand, its actions done, its approvals decided, its outcome recorded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from amends.people.models import Staff
from amends.people.services import create_api_token, keep_customers
from amends.recover.models import Action, Approval, Case, Remedy

from .conftest import NOW

Ask = Callable[..., Any]
LATE = {"minutes_late": 600, "distance_km": 2000, "cancelled": False}


def opened(ask: Ask, secret: str, **changes: Any) -> Any:
    sent = {"customer": "C-1", "kind": "slow", "subject": "UA1", "unit": "EWR", "facts": LATE, "words": "Four hours!"}
    return ask("POST", "/cases", secret, send=sent | changes)


@pytest.fixture
def case(ask: Ask, token: Callable[..., str], customer: int) -> dict[str, Any]:
    answer = opened(ask, token("front_line", unit="EWR"))
    assert answer.status_code == 201, answer.content
    said: dict[str, Any] = answer.json()
    assert answer["Location"] == f"/api/v1/cases/{said['id']}"
    return said


def test_a_case_opened_by_hand_has_its_plan_actions_and_clocks(case: dict[str, Any]) -> None:
    assert case["customer"]["reference"] == "C-1"
    assert (case["unit"], case["subject"], case["kind"]) == ("EWR", "UA1", "slow")
    assert case["plan"]["why"]["en"]
    assert case["plan"]["why"]["zh"]
    assert case["actions"]
    assert case["clocks"]


def test_it_is_found_in_the_list_and_read_again(ask: Ask, token: Callable[..., str], case: dict[str, Any]) -> None:
    secret = token("front_line", unit="EWR")
    for query in (
        "",
        "?sort=leaving",
        "?sort=due",
        "?sort=opened",
        "?search=C-1",
        f"?customer={case['customer']['id']}",
    ):
        assert [one["id"] for one in ask("GET", f"/cases{query}", secret).json()["items"]] == [case["id"]]
    assert ask("GET", f"/cases/{case['id']}", secret).json()["plan"] == case["plan"]
    assert ask("GET", f"/actions?case={case['id']}", secret).json()["items"] == case["actions"]


def test_from_another_unit_it_is_not_there_and_nothing_can_be_done_to_it(
    ask: Ask, token: Callable[..., str], case: dict[str, Any]
) -> None:
    secret = token("supervisor", unit="JFK")
    assert ask("GET", "/cases", secret).json()["items"] == []
    assert ask("GET", f"/cases/{case['id']}", secret).status_code == 404
    assert ask("GET", f"/actions?case={case['id']}", secret).status_code == 404
    assert ask("POST", f"/cases/{case['id']}/outcome", secret, send={"source": "staff"}).status_code == 404
    for action in case["actions"]:
        assert ask("GET", f"/actions/{action['id']}", secret).status_code == 404
        assert ask("POST", f"/actions/{action['id']}/do", secret, send={}).status_code == 404
    for approval in Approval.objects.filter(case=case["id"]):
        assert ask("GET", f"/approvals/{approval.pk}", secret).status_code == 404
        assert ask("POST", f"/approvals/{approval.pk}/grant", secret, send={}).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"customer": "nobody"}, 422),
        ({"kind": "no such kind"}, 422),
        ({"unit": "JFK"}, 422),
        ({"unit": "NOWHERE"}, 422),
        ({"subject": ""}, 422),
        ({"surprise": 1}, 422),
        ({"facts": {"minutes_late": {"no": "nesting"}}}, 422),
        ({"facts": {"x" * 101: 1}}, 422),
        ({"facts": {"minutes_late": 10**30}}, 422),
    ],
)
def test_a_case_that_can_not_be_opened(
    ask: Ask, token: Callable[..., str], customer: int, change: dict[str, Any], status: int
) -> None:
    answer = opened(ask, token("front_line", unit="EWR"), **change)
    assert answer.status_code == status, answer.content
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"minutes_late": "very"},
        {"minutes_late": None},
        {"minutes_late": -5},
        {"minutes_late": True},
        {"vulnerable": "very"},
        {"minutes_late": 1e15, "distance_km": -1e15},
        {"cancelled": "yes"},
        {"cancelled": 7},
        {"fare": "a lot"},
        {"unknown fact": "{injected} {0} {minutes_late.__class__}"},
    ],
)
def test_odd_facts_open_a_case_or_are_refused_in_words(
    ask: Ask, token: Callable[..., str], customer: int, facts: dict[str, Any]
) -> None:
    answer = opened(ask, token("front_line", unit="EWR"), facts=facts)
    assert answer.status_code in {201, 422}, answer.content
    assert Case.objects.count() == (answer.status_code == 201)


def test_a_case_is_opened_once_for_its_key(ask: Ask, token: Callable[..., str], customer: int) -> None:
    secret = token("front_line", unit="EWR")
    sent = {"customer": "C-1", "kind": "slow", "subject": "UA1", "facts": LATE}
    first, again = (ask("POST", "/cases", secret, send=sent, Idempotency_Key="c1") for _ in range(2))
    assert (first.content, first["Location"]) == (again.content, again["Location"])
    assert Case.objects.count() == 1


@pytest.fixture
def by_hand(case: dict[str, Any]) -> Action:
    """The case's compensation, to be given by the front line and no longer by the system."""
    action = Action.objects.get(case=case["id"], step="compensation", state="ready")
    Action.objects.filter(pk=action.pk).update(performer="front_line", amount=300)
    return action


def test_an_action_is_done_once_and_not_twice(ask: Ask, token: Callable[..., str], by_hand: Action) -> None:
    secret = token("front_line", unit="EWR")
    done = ask("POST", f"/actions/{by_hand.pk}/do", secret, send={"note": "called them"})
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["note"]) == ("done", "called them")
    again = ask("POST", f"/actions/{by_hand.pk}/do", secret, send={})
    assert again.status_code == 409
    assert again["Content-Type"] == "application/problem+json"
    assert Remedy.objects.filter(action=by_hand).count() == 1
    remedies = ask("GET", f"/cases/{by_hand.case_id}", secret).json()["remedies"]
    assert [(one["amount"], one["currency"]) for one in remedies] == [("300.00", "USD")]


def test_beyond_ones_authority_one_asks_and_another_decides(
    ask: Ask, token: Callable[..., str], hire: Callable[..., Staff], by_hand: Action
) -> None:
    Action.objects.filter(pk=by_hand.pk).update(amount=900)
    asker, boss = token("front_line", unit="EWR"), token("manager", unit="HQ")
    asked = ask("POST", f"/actions/{by_hand.pk}/do", asker, send={})
    assert asked.json()["state"] == "waiting_approval"
    (waiting,) = ask("GET", "/approvals", boss).json()["items"]
    assert (waiting["action"], waiting["amount"], waiting["asked_by"]) == (
        by_hand.pk, "900.00", hire("front_line", "EWR").pk,
    )  # fmt: skip
    at = f"/approvals/{waiting['id']}"
    assert ask("POST", f"{at}/grant", asker, send={}).status_code == 403  # no such scope
    Staff.objects.filter(pk=hire("front_line", "EWR").pk).update(role="manager")  # promoted: still the same person
    same = Staff.objects.get(email="front_line.ewr@example.test")
    _, promoted = create_api_token(same, name="x", scopes=["write:approvals"], now=NOW)
    assert ask("POST", f"{at}/grant", promoted, send={}).status_code == 403
    assert not Remedy.objects.filter(action=by_hand).exists()
    granted = ask("POST", f"{at}/grant", boss, send={"note": "yes"})
    assert (granted.status_code, granted.json()["state"], granted.json()["note"]) == (200, "granted", "yes")
    assert ask("POST", f"{at}/grant", boss, send={}).status_code == 409
    assert Remedy.objects.filter(action=by_hand).count() == 1
    assert ask("GET", "/approvals", boss).json()["items"] == []
    assert len(ask("GET", "/approvals?state=granted", boss).json()["items"]) == 1


def test_whoever_opened_a_case_gives_no_leave_for_it(
    ask: Ask, token: Callable[..., str], customer: int, hire: Callable[..., Staff]
) -> None:
    teller, boss = token("manager", unit="EWR"), token("manager", unit="HQ")
    made = opened(ask, teller, kind="denied_boarding", facts={"fare": 500.0}).json()
    assert ask("POST", f"/cases/{made['id']}/complaint", boss, send={"words": "x"}).status_code == 200
    action = Action.objects.filter(case=made["id"], state="waiting_approval").first()
    assert action is not None
    answer = ask("POST", f"/approvals/{action.approval.pk}/grant", teller, send={})
    assert answer.status_code == 403
    assert "put on record" in answer.json()["detail"]
    assert not Remedy.objects.filter(action=action).exists()


def test_a_refusal_says_why_and_gives_nothing(ask: Ask, token: Callable[..., str], by_hand: Action) -> None:
    Action.objects.filter(pk=by_hand.pk).update(amount=900)
    ask("POST", f"/actions/{by_hand.pk}/do", token("front_line", unit="EWR"), send={})
    boss = token("manager")
    at = f"/approvals/{Approval.objects.get().pk}"
    assert ask("POST", f"{at}/refuse", boss, send={"note": ""}).status_code == 422
    assert ask("POST", f"{at}/refuse", boss, send={"note": "too much"}).json()["state"] == "refused"
    assert not Remedy.objects.filter(action=by_hand).exists()


def test_a_skipped_action_says_why(ask: Ask, token: Callable[..., str], case: dict[str, Any]) -> None:
    secret = token("front_line", unit="EWR")
    ready = next(one for one in case["actions"] if one["state"] == "ready")
    assert ask("POST", f"/actions/{ready['id']}/skip", secret, send={"note": ""}).status_code == 422
    said = ask("POST", f"/actions/{ready['id']}/skip", secret, send={"note": "not wanted"}).json()
    assert (said["state"], said["note"]) == ("skipped", "not wanted")


def test_an_outcome_is_recorded(ask: Ask, token: Callable[..., str], case: dict[str, Any]) -> None:
    secret = token("front_line", unit="EWR")
    for action in Action.objects.filter(case=case["id"]).exclude(state="done"):
        ask("POST", f"/actions/{action.pk}/skip", secret, send={"note": "test"})
    sent = {"accepted": True, "satisfaction_before": 1, "satisfaction_after": 4, "stays": True, "source": "customer"}
    answer = ask("POST", f"/cases/{case['id']}/outcome", secret, send=sent)
    assert answer.status_code in {200, 409}, answer.content
    if answer.status_code == 200:
        assert answer.json()["satisfaction_after"] == 4


@pytest.mark.parametrize(("field", "value"), [("unit", "ZZZ"), ("unit", "JFK"), ("customer", "C-9"), ("kind", "odd")])
def test_a_case_of_what_is_not_there_is_refused_by_the_name_of_the_field(
    ask: Ask, token: Callable[..., str], customer: int, field: str, value: str
) -> None:
    answer = opened(ask, token("front_line", unit="EWR"), **{field: value})
    assert answer.status_code == 422
    said = answer.json()
    assert [one["where"] for one in said["errors"]] == [f"body.{field}"]
    assert value in said["detail"]


@pytest.mark.parametrize("change", [{"source": "simulated"}, {"satisfaction_after": 6}, {"source": None}, {"more": 1}])
def test_an_outcome_that_is_none(
    ask: Ask, token: Callable[..., str], case: dict[str, Any], change: dict[str, Any]
) -> None:
    sent = {"accepted": True, "source": "customer"} | change
    assert ask("POST", f"/cases/{case['id']}/outcome", token("front_line", unit="EWR"), send=sent).status_code == 422


def test_the_list_takes_a_bounded_number_of_queries(
    ask: Ask, token: Callable[..., str], case: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    secret = token("front_line", unit="EWR")
    keep_customers([{"reference": f"P-{number}", "name": "Pat"} for number in range(5)], now=NOW)
    for number in range(5):
        assert opened(ask, secret, customer=f"P-{number}").status_code == 201
    with django_assert_max_num_queries(9):
        assert len(ask("GET", "/cases", secret).json()["items"]) == 6


def test_the_next_update_is_promised_and_a_wait_begins_and_ends(
    ask: Ask, token: Callable[..., str], case: dict[str, Any]
) -> None:
    secret, place = token("front_line", unit="EWR"), f"/cases/{case['id']}"
    by = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    said = ask("POST", f"{place}/promise", secret, send={"by": by}).json()
    promised = [clock for clock in said["clocks"] if clock["kind"] == "inform" and clock["number"] == 2]
    assert [clock["state"] for clock in promised] == ["running"]
    past = ask("POST", f"{place}/promise", secret, send={"by": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["where"]) == (422, "body.by")
    assert ask("POST", f"{place}/promise", secret, send={"by": "2030-01-01T00:00:00"}).status_code == 422  # no zone
    said = ask("POST", f"{place}/wait", secret, send={"needed": "The receipt, please."}).json()
    assert said["state"] == "paused"
    assert [hold["needed"] for hold in said["holds"]] == ["The receipt, please."]
    assert [clock["remaining"] for clock in said["clocks"] if clock["kind"] == "resolve"] != [None]
    assert ask("POST", f"{place}/wait", secret, send={"needed": "again"}).status_code == 409
    said = ask("POST", f"{place}/resume", secret).json()
    assert said["state"] == "in_progress"
    assert said["ladder_step"] == 1


def test_cases_are_listed_by_the_strategy_of_their_plans(
    ask: Ask, token: Callable[..., str], case: dict[str, Any]
) -> None:
    secret, strategy = token("front_line", unit="EWR"), case["plan"]["strategy"]
    listed = ask("GET", f"/cases?strategy={strategy}", secret).json()["items"]
    assert [one["id"] for one in listed] == [case["id"]]
    other = "systematic"
    assert ask("GET", f"/cases?strategy={other}", secret).json()["items"] == []
    assert ask("GET", "/cases?strategy=pigeon", secret).status_code == 422
