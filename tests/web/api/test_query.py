"""Queries are read strictly, at every address."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.people.core.rights import ROLES, may
from amends.people.core.scopes import SCOPES

from .doors import DOORS, Door, description

Ask = Callable[..., Any]


def documented(door: Door) -> list[str]:
    """The query parameters of an address, as its description has them."""
    details = description()[door.template][door.method.lower()]
    return [one["name"] for one in details.get("parameters", []) if one["in"] == "query"]


def knock(ask: Ask, token: Callable[..., str], door: Door, name: str) -> Any:
    role = next(role for role in ROLES if may(role, SCOPES[door.scope]))
    mark = "&" if "?" in door.path else "?"
    return ask(door.method, f"{door.path}{mark}{name}", token(role, door.scope), send=door.send, form=door.form)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_parameter_that_is_not_documented_is_refused_by_name_with_those_that_are(
    ask: Ask, token: Callable[..., str], door: Door
) -> None:
    for slip in ("sverity=severe", "Limit=1", "limit[]=1", "状态=open", "x"):
        answer = knock(ask, token, door, slip)
        assert answer.status_code == 422, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        (error,) = answer.json()["errors"]
        assert error["where"] == f"query.{slip.split('=')[0]}"
        takes = ", ".join(documented(door)) or "none"
        assert error["what"] == f"There is no such parameter; this address takes {takes}."


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
def test_a_parameter_given_twice_is_refused(ask: Ask, token: Callable[..., str], door: Door) -> None:
    for name in documented(door):
        answer = knock(ask, token, door, f"{name}=1&{name}=2")
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"] == [{"where": f"query.{name}", "what": "It is there twice."}]


def test_every_slip_of_a_query_is_named(ask: Ask, token: Callable[..., str]) -> None:
    answer = ask("GET", "/cases?stat=open&own=1&severity=severe", token())
    assert [one["where"] for one in answer.json()["errors"]] == ["query.stat", "query.own"]


def test_without_a_token_nothing_is_said_of_the_query(ask: Ask, company: Any) -> None:
    assert ask("GET", "/cases?stat=open").status_code == 401
