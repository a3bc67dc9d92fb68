"""Early interventions over the API, as in the console: the dearest first, within reach, each act on record."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.monitor.models import IncidentAct, Intervention
from tests.web.console.foreseen import a_model, interventions

Ask = Callable[..., Any]


@pytest.fixture
def raised(company: Any) -> list[Intervention]:
    return interventions(a_model(), of=("EWR", "JFK"))


def test_they_come_with_their_reasons_the_greatest_expected_cost_first(
    ask: Ask, token: Callable[..., str], raised: list[Intervention]
) -> None:
    secret = token("manager")
    told = ask("GET", "/interventions", secret).json()["items"]
    assert [one["id"] for one in told] == [one.pk for one in raised]
    first = told[0]
    assert (first["expected_cost"], first["currency"], first["chance"]) == ("18420.00", "USD", 0.83)
    assert "48" in first["why"][0]["zh"]
    assert ask("GET", f"/interventions/{first['id']}", secret).json() == first
    paged = ask("GET", "/interventions?limit=1", secret).json()
    assert [one["id"] for one in paged["items"]] == [raised[0].pk]
    rest = ask("GET", f"/interventions?limit=1&after={paged['next']}", secret).json()
    assert [one["id"] for one in rest["items"]] == [raised[1].pk]


def test_one_is_taken_on_and_done_once(ask: Ask, token: Callable[..., str], raised: list[Intervention]) -> None:
    secret, path = token("manager"), f"/interventions/{raised[0].pk}/move"
    taken = ask("POST", path, secret, send={"act": "take"}).json()
    assert (taken["state"], taken["taken_at"] is not None) == ("taken", True)
    done = ask("POST", path, secret, send={"act": "do", "note": "another aircraft"}).json()
    assert (done["state"], done["ended_at"] is not None) == ("done", True)
    assert ask("POST", path, secret, send={"act": "leave"}).status_code == 409
    acts = IncidentAct.objects.order_by("pk").values_list("act", "note")
    assert list(acts) == [("take_intervention", ""), ("do_intervention", "another aircraft")]
    assert [one["id"] for one in ask("GET", "/interventions?state=done", secret).json()["items"]] == [raised[0].pk]
    assert [one["id"] for one in ask("GET", "/interventions", secret).json()["items"]] == [raised[1].pk]


def test_those_of_other_units_are_not_there(ask: Ask, token: Callable[..., str], raised: list[Intervention]) -> None:
    secret, beyond = token("manager", unit="EWR"), raised[1].pk
    assert [one["id"] for one in ask("GET", "/interventions", secret).json()["items"]] == [raised[0].pk]
    assert ask("GET", f"/interventions/{beyond}", secret).status_code == 404
    assert ask("POST", f"/interventions/{beyond}/move", secret, send={"act": "take"}).status_code == 404
    raised[1].refresh_from_db()
    assert raised[1].state == "open"
