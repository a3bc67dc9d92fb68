"""Authority through the API: who may decide, gestures, complaints in writing, budgets, absences."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.people.models import Staff
from amends.recover.models import Case, WrittenComplaint

from .test_cases import opened

Ask = Callable[..., Any]


@pytest.fixture
def case(ask: Ask, token: Callable[..., str], customer: int) -> int:
    assert opened(ask, token("front_line", unit="EWR")).status_code == 201
    return Case.objects.get().pk


def test_who_may_decide_is_said_with_levels_and_people(
    ask: Ask, token: Callable[..., str], hire: Callable[..., Staff], case: int
) -> None:
    hire("supervisor", "EWR")
    secret = token("front_line", unit="EWR")
    small = ask("GET", f"/cases/{case}/authority?amount=10", secret).json()
    assert (small["at_once"], small["somebody_may"], small["why_not"]) == (True, True, None)
    assert [one["id"] for one in small["gestures"]] == ["small-voucher"]
    large = ask("GET", f"/cases/{case}/authority?amount=800", secret).json()
    assert not large["at_once"]
    assert "限额" in large["why_not"]["zh"]
    assert [(one["role"], one["nearest"]) for one in large["gives_leave"]] == [("supervisor", True)]
    assert {level["level"] for level in large["levels"]} >= {"front-line", "supervisor", "manager"}
    huge = ask("GET", f"/cases/{case}/authority?amount=2500", secret).json()
    assert not huge["somebody_may"]
    assert "in writing" in huge["in_writing"]["en"]
    assert ask("GET", f"/cases/{case}/authority?amount=1&kind=bribe", secret).status_code == 422
    assert ask("GET", f"/cases/{case}/authority?amount=lots", secret).status_code == 422
    assert ask("GET", f"/cases/{case}/authority?amount=1", token("supervisor", unit="JFK")).status_code == 404


def test_a_gesture_is_made_once(ask: Ask, token: Callable[..., str], case: int) -> None:
    secret = token("front_line", unit="EWR")
    made = ask("POST", f"/cases/{case}/gesture", secret, send={"gesture": "small-voucher"})
    assert (made.status_code, made.json()["state"], made.json()["amount"]) == (200, "done", "25.00")
    assert ask("POST", f"/cases/{case}/gesture", secret, send={"gesture": "small-voucher"}).status_code == 409
    assert ask("POST", f"/cases/{case}/gesture", secret, send={"gesture": "a-car"}).status_code == 404
    other = token("supervisor", unit="JFK")
    assert ask("POST", f"/cases/{case}/gesture", other, send={"gesture": "small-voucher"}).status_code == 404


def test_a_complaint_in_writing_is_kept_once(ask: Ask, token: Callable[..., str], case: int) -> None:
    secret = token("front_line", unit="EWR")
    for _ in range(2):
        answer = ask("POST", f"/cases/{case}/complaint", secret, send={"words": "四个小时！"})
        assert (answer.status_code, answer.json()["source"]) == (200, "machine")
    assert WrittenComplaint.objects.get().words == "四个小时！"
    assert ask("POST", f"/cases/{case}/complaint", secret, send={"words": "  "}).status_code == 422


def test_budgets_are_set_and_listed_within_reach(ask: Ask, token: Callable[..., str], case: int) -> None:
    given = {
        "unit": "EWR", "amount": "500", "currency": "USD", "from_day": "2026-03-01", "to_day": "2099-12-31",
    }  # fmt: skip
    made = ask("PUT", "/budgets", token("manager"), send=given)
    assert (made.status_code, made.json()["left"]) == (200, "500.00")
    assert [one["unit"] for one in ask("GET", "/budgets", token("supervisor", unit="EWR")).json()["items"]] == ["EWR"]
    assert ask("GET", "/budgets", token("supervisor", unit="JFK")).json()["items"] == []
    assert ask("PUT", "/budgets", token("manager", unit="JFK"), send=given).status_code == 422
    assert ask("PUT", "/budgets", token("manager"), send=given | {"currency": "XXY"}).status_code == 422
    assert ask("PUT", "/budgets", token("manager"), send=given | {"to_day": "2020-01-01"}).status_code == 422
    assert ask("PUT", "/budgets", token("supervisor"), send=given).status_code == 403


def test_absences_are_entered_and_withdrawn_by_whoever_leads(
    ask: Ask, token: Callable[..., str], hire: Callable[..., Staff]
) -> None:
    clerk, boss = hire("supervisor", "EWR"), hire("manager")
    span = {"staff": clerk.email, "starts_at": "2099-03-02T09:00:00Z", "ends_at": "2099-03-03T09:00:00Z"}
    made = ask("POST", "/absences", token("manager"), send={**span, "stand_in": boss.email})
    assert made.status_code == 200, made.content
    listed = ask("GET", "/absences", token("manager")).json()
    assert [one["staff"] for one in listed["items"]] == [clerk.email]
    assert [one["stand_in"] for one in listed["stand_ins"]] == [boss.email]
    elsewhere = token("manager", unit="JFK")
    assert ask("GET", "/absences", elsewhere).json()["items"] == []
    assert ask("POST", "/absences", elsewhere, send=span).status_code == 422
    assert ask("DELETE", f"/absences/{made.json()['id']}", elsewhere).status_code == 404
    assert ask("POST", "/absences", token("manager"), send={**span, "stand_in": "no@where.test"}).status_code == 422
    assert ask("POST", "/absences", token("manager"), send={**span, "ends_at": span["starts_at"]}).status_code == 422
    assert ask("DELETE", f"/absences/{made.json()['id']}", token("manager")).status_code == 200
    assert ask("GET", "/absences", token("manager")).json() == {"items": [], "stand_ins": []}
