"""How a case is judged and planned, over the API; and claims on suppliers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from amends.people.services import keep_customers
from amends.policy.present import present
from amends.recover.models import Action, Case, RechargeClaim

from .conftest import NOW

Ask = Callable[..., Any]
LATE = {"minutes_late": 100, "distance_km": 2000, "cancelled": False}


@pytest.fixture
def case(ask: Ask, token: Callable[..., str], company: Any) -> int:
    keep_customers([{"reference": "C-1", "name": "Ann", "value": "10", "currency": "USD"}], now=NOW)
    sent = {"customer": "C-1", "kind": "slow", "subject": "UA1", "unit": "EWR", "facts": LATE, "words": "Why?"}
    answer = ask("POST", "/cases", token("front_line", unit="EWR"), send=sent)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


@pytest.fixture
def secret(token: Callable[..., str]) -> str:
    return token("manager", unit="EWR")


def test_a_case_is_judged_anew_and_every_change_is_told(ask: Ask, secret: str, case: int) -> None:
    before = ask("GET", f"/cases/{case}/assessment", secret).json()
    assert (before["severity"], before["party"], before["edits"], before["by_person"]) == ("moderate", "us", [], [])
    assert before["severity_why"]["en"]
    assert (before["kind_why"]["en"], before["gap_why"]["zh"][-4:]) == ("as it was reported", "通常如此")
    assert sum(part["points"] for part in before["priority_parts"]) == pytest.approx(before["priority"])
    sent = {"severity": "severe", "expected": "To be there at noon.", "reason": "They missed a funeral."}
    pressing = ask("POST", f"/cases/{case}/assessment", secret, send={"pressing": 100, "reason": "At the gate."}).json()
    assert (pressing["pressing"], pressing["priority"]) == (100, pytest.approx(before["priority"] + 100))
    ask("POST", f"/cases/{case}/assessment", secret, send={"pressing": 0, "reason": "They left."})
    after = ask("POST", f"/cases/{case}/assessment", secret, send=sent).json()
    assert (after["severity"], after["severity_why"], after["expected"]) == ("severe", None, "To be there at noon.")
    assert after["priority"] >= before["priority"] + 100  # and a graver case is dearer to leave, too
    assert sum(part["points"] for part in after["priority_parts"]) == pytest.approx(after["priority"])
    assert {(edit["aspect"], edit["reason"]) for edit in after["edits"][:2]} == {
        ("severity", "They missed a funeral."),
        ("expected", "They missed a funeral."),
    }


def test_a_plan_says_which_unknown_fact_keeps_something_out_of_it(ask: Ask, secret: str, case: int) -> None:
    assert ask("GET", f"/cases/{case}/plan", secret).json()["lacking"] == []
    sent = {"customer": "C-1", "kind": "unavailable", "subject": "UA2", "unit": "EWR", "facts": {"cancelled": True}}
    cancelled = ask("POST", "/cases", secret, send=sent).json()["id"]
    assert ask("GET", f"/cases/{cancelled}/plan", secret).json()["lacking"] == [
        {
            "fact": "fare",
            "name": {"en": "fare", "zh": "票价"},
            "leaves_out": {"en": "Refund of the fare", "zh": "退还票款"},
        }
    ]
    Case.objects.filter(pk=cancelled).update(is_open=False)
    assert ask("GET", f"/cases/{cancelled}/plan", secret).json()["lacking"] == []


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"severity": "dreadful", "reason": "x"}, "body.severity"),
        ({"kind": "no such", "reason": "x"}, "body.kind"),
        ({"pressing": 50, "reason": "x"}, "body.pressing"),
        ({"severity": "light"}, "body.reason"),
        ({"severity": "light", "reason": " "}, "body.reason"),
        ({"state": "closed", "reason": "x"}, "body.state"),
    ],
)
def test_a_judgement_that_does_not_fit_is_refused(
    ask: Ask, secret: str, case: int, sent: dict[str, str], where: str
) -> None:
    answer = ask("POST", f"/cases/{case}/assessment", secret, send=sent)
    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert Case.objects.get().severity == 2


def test_a_fact_is_corrected_and_the_case_judged_anew(ask: Ask, secret: str, case: int) -> None:
    sent = {"facts": {"minutes_late": 400, "cancelled": False}, "reason": "The log of the gate says so."}
    answer = ask("POST", f"/cases/{case}/facts", secret, send=sent, Idempotency_Key="gate-log")
    assert answer.status_code == 200, answer.content
    after = answer.json()
    assert (after["severity"], after["case"]) == ("severe", case)
    told = next(edit for edit in after["edits"] if edit["aspect"] == "fact")  # what stays as it was is no change
    assert told["before"] == {"name": "minutes_late", "value": 100}
    assert (told["after"]["value"], told["reason"]) == (400, sent["reason"])
    plan = ask("GET", f"/cases/{case}/plan", secret).json()
    assert after["replan_proposed"] is (plan["proposal"] is not None)
    again = ask("POST", f"/cases/{case}/facts", secret, send=sent, Idempotency_Key="gate-log")
    assert again.json() == after
    unknown = ask("POST", f"/cases/{case}/facts", secret, send={"facts": {"distance_km": None}, "reason": "Unsure."})
    assert unknown.json()["edits"][0]["after"] == {"name": "distance_km", "value": None}


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"facts": {"minutes_late": "long"}, "reason": "x"}, "body.facts.minutes_late"),
        ({"facts": {"no_such": 1}, "reason": "x"}, "body.facts.no_such"),
        ({"facts": {"tier": "gold"}, "reason": "x"}, "body.facts.tier"),
        ({"facts": {"minutes_late": 300}, "reason": " "}, "body.reason"),
        ({"facts": {"minutes_late": 300}}, "body.reason"),
        ({"facts": {}, "reason": "x"}, "body.facts"),
    ],
)
def test_a_correction_that_does_not_fit_names_the_fact_and_changes_nothing(
    ask: Ask, secret: str, case: int, sent: dict[str, Any], where: str
) -> None:
    answer = ask("POST", f"/cases/{case}/facts", secret, send=sent)
    assert answer.status_code == 422, answer.content
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert Case.objects.get().edits.count() == 0


def test_a_plan_says_what_it_covers_what_is_advised_and_what_the_playbook_gives_now(
    ask: Ask, secret: str, case: int
) -> None:
    plan = ask("GET", f"/cases/{case}/plan", secret).json()
    assert plan["proposal"] is None
    assert plan["strategy_in_words"]["zh"].startswith("提前干预")
    assert [one["justice"] for one in plan["coverage"]] == ["distributive", "procedural", "interactional"]
    assert "service-again" in {one["id"] for one in plan["advice"]}
    assert all(one["source"] and one["text"]["zh"] for one in plan["advice"])
    ask("POST", f"/cases/{case}/assessment", secret, send={"severity": "severe", "reason": "x"})
    proposed = ask("GET", f"/cases/{case}/plan", secret).json()["proposal"]
    assert proposed["playbook"] == "journey-broken-by-us"
    after = ask("POST", f"/cases/{case}/plan/replan", secret, send={"reason": "Agreed."}).json()
    assert (after["playbook"], after["proposal"]) == ("journey-broken-by-us", None)
    assert ask("POST", f"/cases/{case}/plan/replan", secret, send={"reason": "Again."}).status_code == 409


def test_a_repair_is_added_altered_and_done_within_authority(ask: Ask, secret: str, case: int) -> None:
    sent = {"repair": "voucher", "amount": "40.00", "reason": "A token."}
    added = ask("POST", f"/cases/{case}/plan/actions", secret, send=sent)
    assert added.status_code == 201, added.content
    action = added.json()
    assert (action["kind"], action["remedy"], action["amount"], action["performer"]) == (
        "compensation",
        "voucher",
        "40.00",
        "manager",
    )
    due = (present() + timedelta(days=2)).isoformat()
    altered = ask(
        "POST", f"/actions/{action['id']}/alter", secret, send={"amount": "9000", "due_at": due, "reason": "x"}
    )
    assert altered.json()["amount"] == "9000.00"
    done = ask("POST", f"/actions/{action['id']}/do", secret, send={}).json()
    assert done["state"] == "waiting_approval"
    assert ask("POST", f"/actions/{action['id']}/alter", secret, send={"amount": "1", "reason": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("sent", "where"),
    [
        ({"repair": "voucher", "reason": "x"}, "body.amount"),
        ({"repair": "voucher", "amount": "1e3", "reason": "x"}, "body.amount"),
        ({"repair": "voucher", "amount": "0", "reason": "x"}, "body.amount"),
        ({"repair": "carpet", "reason": "x"}, "body.repair"),
        ({"repair": "redo", "performer": "automatic", "reason": "x"}, "body.performer"),
        ({"repair": "listen", "due_at": "2020-01-01T00:00:00Z", "reason": "x"}, "body.due_at"),
        ({"repair": "listen", "due_at": "2090-01-01T00:00:00", "reason": "x"}, "body.due_at"),
    ],
)
def test_a_repair_that_does_not_fit_is_refused(
    ask: Ask, secret: str, case: int, sent: dict[str, str], where: str
) -> None:
    count = Action.objects.count()
    answer = ask("POST", f"/cases/{case}/plan/actions", secret, send=sent)
    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert Action.objects.count() == count


def test_what_has_to_be_done_is_not_handed_to_the_system(ask: Ask, secret: str, case: int) -> None:
    action = ask(
        "POST", f"/cases/{case}/plan/actions", secret, send={"repair": "redo", "reason": "As promised."}
    ).json()
    sent = {"performer": "automatic", "channel": "outbox", "reason": "Quicker."}
    Action.objects.filter(pk=action["id"]).update(step="correct", template="corrected")
    answer = ask("POST", f"/actions/{action['id']}/alter", secret, send=sent)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.performer")
    assert "done" in answer.content.decode()
    assert Action.objects.get(pk=action["id"]).performer == "manager"


def test_a_case_of_another_unit_is_neither_judged_nor_planned(ask: Ask, token: Callable[..., str], case: int) -> None:
    far = token("manager", unit="JFK")
    action = Action.objects.first()
    assert action is not None
    reason = {"reason": "x"}
    assert ask("GET", f"/cases/{case}/assessment", far).status_code == 404
    assert ask("GET", f"/cases/{case}/plan", far).status_code == 404
    assert ask("POST", f"/cases/{case}/assessment", far, send=reason | {"severity": "light"}).status_code == 404
    facts = {"facts": {"minutes_late": 300}}
    assert ask("POST", f"/cases/{case}/facts", far, send=reason | facts).status_code == 404
    assert ask("POST", f"/cases/{case}/plan/actions", far, send=reason | {"repair": "listen"}).status_code == 404
    assert ask("POST", f"/cases/{case}/plan/replan", far, send=reason).status_code == 404
    assert ask("POST", f"/actions/{action.pk}/alter", far, send=reason).status_code == 404


def test_a_suppliers_fault_is_claimed_back(ask: Ask, token: Callable[..., str], secret: str, case: int) -> None:
    sent = {"responsible": "supplier", "supplier": "catering", "reason": "Their report says so."}
    assert ask("POST", f"/cases/{case}/assessment", secret, send=sent).json()["party"] == "supplier"
    (claim,) = ask("GET", "/recharges?state=open", secret).json()["items"]
    assert (claim["case"], claim["supplier"], claim["state"], claim["unit"]) == (case, "catering", "open", "EWR")
    at = f"/recharges/{claim['id']}"
    assert ask("POST", f"{at}/move", secret, send={"move": "settle", "recovered": "1"}).status_code == 409
    assert ask("POST", f"{at}/move", secret, send={"move": "send"}).json()["state"] == "sent"
    assert ask("POST", f"{at}/move", secret, send={"move": "settle"}).status_code == 422
    assert ask("POST", f"{at}/move", secret, send={"move": "settle", "recovered": "0"}).json()["state"] == "settled"
    far = token("manager", unit="JFK")
    assert ask("GET", "/recharges", far).json()["items"] == []
    assert ask("GET", at, far).status_code == 404
    assert ask("POST", f"{at}/move", far, send={"move": "send"}).status_code == 404
    assert RechargeClaim.objects.get().state == "settled"
