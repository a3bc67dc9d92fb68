"""Customers through the API: found, read, written in batches."""

from collections.abc import Callable
from typing import Any

from amends.kernel.blueprint import load_shipped
from amends.people.models import Customer
from amends.people.services import keep_customers
from amends.policy.models import Deployment
from amends.policy.services import publish_blueprint

from .conftest import NOW

Ask = Callable[..., Any]


def test_pages_join_and_end(ask: Ask, token: Callable[..., str]) -> None:
    keep_customers([{"reference": f"R{i:02}", "name": "Pat"} for i in range(7)], now=NOW)
    secret, seen, after = token(), [], ""
    for _ in range(4):
        said = ask("GET", f"/customers?limit=3{after}", secret).json()
        seen += [one["reference"] for one in said["items"]]
        if said["next"] is None:
            break
        after = f"&after={said['next']}"
    assert seen == [f"R{i:02}" for i in range(7)]


def test_a_customer_is_shown_with_contacts_and_without_the_reason_of_a_weakness(
    ask: Ask, token: Callable[..., str], customer: int
) -> None:
    Customer.objects.update(vulnerable=True, vulnerable_reason="medical_condition")
    answer = ask("GET", f"/customers/{customer}", token())
    assert answer.json()["contact_points"] == [{"kind": "email", "address": "mary@example.test", "rank": 0}]
    assert answer.json()["vulnerable"] is True
    assert b"medical" not in answer.content
    assert b"medical" not in ask("GET", "/customers?search=mary", token()).content


def test_a_batch_adds_updates_and_rejects(ask: Ask, token: Callable[..., str], customer: int) -> None:
    batch = [
        {"reference": "C-1", "tier": "gold"},
        {"reference": "C-2", "name": "王小明", "locale": "zh-CN", "value": 12.5},
        {"reference": "C-3", "name": "X", "locale": "klingon"},
        {"name": "nobody"},
    ]
    said = ask("PUT", "/customers", token(), send={"customers": batch}).json()
    assert (said["new"], said["updated"], said["rejected"]) == (1, 1, 2)
    assert [(one["index"], one["reference"]) for one in said["rejections"]] == [(2, "C-3"), (3, None)]
    assert Customer.objects.get(reference="C-1").tier == "gold"


def test_a_value_without_a_currency_is_in_that_of_the_pack_in_force(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    publish_blueprint(load_shipped("telecom"), name="telecom", now=NOW, acting_user="tests")
    Deployment.objects.update(blueprint_name="telecom")
    batch = [{"reference": "C-9", "name": "王小明", "value": 5000}]
    assert ask("PUT", "/customers", secret, send={"customers": batch}).json()["new"] == 1
    assert Customer.objects.get(reference="C-9").currency == "CNY"


def test_an_account_with_a_unit_writes_no_customers_and_no_rosters(
    ask: Ask, token: Callable[..., str], customer: int
) -> None:
    secret = token("manager", unit="EWR")
    line = {"subject": "UA1", "customer": "C-1"}
    assert ask("PUT", "/customers", secret, send={"customers": [{"reference": "C-1"}]}).status_code == 403
    assert ask("POST", "/roster", secret, send={"entries": [line]}).status_code == 403


def test_a_roster_keeps_the_last_word_on_each_and_rejects_strangers(
    ask: Ask, token: Callable[..., str], customer: int
) -> None:
    from amends.monitor.models import RosterEntry

    entries = [
        {"subject": "UA1", "customer": "C-1", "facts": {"fare": 100}},
        {"subject": "UA1", "customer": "nobody"},
        {"subject": "UA1", "customer": "C-1", "facts": {"fare": 120.5, "cabin": "first", "connection": None}},
    ]
    said = ask("POST", "/roster", token(), send={"entries": entries}).json()
    assert (said["kept"], said["rejected"], said["rejections"][0]["index"]) == (1, 1, 1)
    assert RosterEntry.objects.get().facts == {"fare": 120.5, "cabin": "first", "connection": None}
