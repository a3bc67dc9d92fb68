"""Knowing the customer over the API: look-up, watch by subject, closer look, demands."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from amends.monitor.services import keep_roster
from amends.people.models import Customer
from amends.recover.models import Case
from amends.recover.services import watch_failed

from .test_access import Ask


@pytest.fixture
def case(ask: Ask, token: Any, customer: int) -> dict[str, Any]:
    """Mary complains of a lost bag."""
    body = {
        "customer": "C-1", "kind": "baggage_lost", "subject": "BAG1", "words": "It is gone.",
        "facts": {"loss_amount": 300},
    }  # fmt: skip
    answer = ask("POST", "/cases", token(), send=body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_caller_is_looked_up_with_what_matched(ask: Ask, token: Any, customer: int) -> None:
    (found,) = ask("GET", "/look-up?q=brow", token()).json()["items"]
    assert (found["reference"], found["watched"]) == ("C-1", False)
    assert found["matches"] == [{"what": "name", "value": "Mary Brown"}]
    assert ask("GET", "/look-up?q=nobody", token()).json() == {"items": []}


def test_whoever_a_roster_names_with_an_order_is_looked_up_by_its_beginning(
    ask: Ask, token: Any, customer: int
) -> None:
    line = {"subject": "UA1", "customer": "C-1", "facts": {"order": "K7QW2P"}}
    assert ask("POST", "/roster", token(), send={"entries": [line]}).json()["kept"] == 1
    (found,) = ask("GET", "/look-up?q=k7q", token()).json()["items"]
    assert (found["reference"], found["matches"]) == ("C-1", [{"what": "order", "value": "K7QW2P"}])


def test_another_system_asks_whom_on_this_flight_to_handle_with_care(ask: Ask, token: Any, case: Any) -> None:
    keep_roster([("UA1", "C-1", {}), ("UA2", "C-1", {})])
    assert ask("GET", "/watch?subject=UA1", token()).json()["items"] == []
    watch_failed([Case.objects.get().incident_id], now=timezone.now())
    (watched,) = ask("GET", "/watch?subject=UA1", token()).json()["items"]
    assert watched["reference"] == "C-1"
    assert watched["watch_why"]["en"]
    assert watched["watch_why"]["zh"]
    assert ask("GET", "/watch?customer=C-1", token()).json()["items"] == [watched]
    assert ask("GET", "/watch?subject=UA3", token()).json()["items"] == []
    assert ask("GET", "/watch", token()).status_code == 422
    shown = ask("GET", f"/customers/{watched['id']}", token()).json()
    assert (shown["watch_until"], shown["watch_why"]) == (watched["watch_until"], watched["watch_why"])
    (listed,) = ask("GET", "/customers", token()).json()["items"]
    assert listed["watch_why"] == watched["watch_why"]
    Customer.objects.update(watch_until=timezone.now() - timedelta(days=1))
    assert ask("GET", "/watch?subject=UA1", token()).json()["items"] == []


def test_a_closer_look_is_advice_and_goes_on_record(ask: Ask, token: Any, case: Any) -> None:
    path = f"/cases/{case['id']}/closer-look"
    assert ask("GET", path, token()).json()["advised"] is False
    answer = ask("POST", path, token(), send={"in_order": True, "note": "All fine."})
    assert answer.status_code == 201
    (look,) = answer.json()["looks"]
    assert (look["note"], look["in_order"], look["by"]) == ("All fine.", True, "manager")
    assert ask("POST", path, token(), send={"in_order": True, "note": "  "}).status_code == 422


def test_a_demand_adds_to_the_plan(ask: Ask, token: Any, case: Any) -> None:
    answer = ask("POST", f"/cases/{case['id']}/demand", token(), send={"asked": "A new car", "amount": "50000.00"})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["amount"], answer.json()["currency"]) == ("50000.00", "USD")
    whole = ask("GET", f"/cases/{case['id']}", token()).json()
    assert whole["plan"]["revision"] == case["plan"]["revision"] + 1
    assert {one["kind"] for one in whole["actions"]} >= {"call", "record"}
    assert ask("POST", f"/cases/{case['id']}/demand", token(), send={"asked": " "}).status_code == 422
    Case.objects.update(state="closed")
    assert ask("POST", f"/cases/{case['id']}/demand", token(), send={"asked": "More"}).status_code == 409
