"""Who gets through which door: every operation by token, scope, role and unit. Rows out of reach are not there."""

from collections.abc import Callable
from typing import Any

import pytest

from amends.people.core.rights import ROLES, may
from amends.people.core.scopes import SCOPES
from amends.people.models import Staff
from amends.people.services import create_api_token

from .conftest import NOW
from .doors import DOORS, Door, described

Ask = Callable[..., Any]


def knock(ask: Ask, door: Door, secret: str) -> Any:
    return ask(door.method, door.path, secret, send=door.send, form=door.form)


def test_every_documented_operation_has_its_door_here() -> None:
    assert {(door.method, door.template) for door in DOORS} == described()


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_without_a_token_no_door_opens(ask: Ask, company: Any, door: Door) -> None:
    assert knock(ask, door, "").status_code == 401


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_token_with_all_other_scopes_does_not_open_it(ask: Ask, hire: Callable[..., Staff], door: Door) -> None:
    role = next(role for role in ROLES if may(role, SCOPES[door.scope]))
    others = [scope for scope, right in SCOPES.items() if scope != door.scope and may(role, right)]
    _, secret = create_api_token(hire(role), name="others", scopes=others, now=NOW)
    answer = knock(ask, door, secret)
    assert answer.status_code == 403
    assert door.scope in answer.json()["detail"]


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_role_that_lost_the_right_finds_it_shut_though_the_token_has_the_scope(
    ask: Ask, hire: Callable[..., Staff], token: Callable[..., str], door: Door
) -> None:
    roles = [role for role in ROLES if may(role, SCOPES[door.scope])]
    secret = token(roles[0], door.scope)
    without = next((role for role in ROLES if not may(role, SCOPES[door.scope])), None)
    assert without is not None
    Staff.objects.update(role=without)
    assert knock(ask, door, secret).status_code == 403


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_with_its_scope_a_door_opens_and_what_is_not_there_is_404(
    ask: Ask, token: Callable[..., str], door: Door
) -> None:
    role = next(role for role in ROLES if may(role, SCOPES[door.scope]))
    answer = knock(ask, door, token(role, door.scope))
    assert answer.status_code == door.when_empty, answer.content


@pytest.mark.parametrize(
    ("path", "items"),
    [("/failures", True), ("/incidents", True), ("/failures/{failure}", False), ("/incidents/{incident}", False)],
)
def test_a_row_of_another_unit_is_not_there(
    ask: Ask, token: Callable[..., str], failure: Any, path: str, items: bool
) -> None:
    at = path.format(failure=failure.pk, incident=failure.incident_id)
    own, above, beside = (ask("GET", at, token("manager", unit=unit)) for unit in ("EWR", "HQ", "JFK"))
    if items:
        assert [len(answer.json()["items"]) for answer in (own, above, beside)] == [1, 1, 0]
    else:
        assert [answer.status_code for answer in (own, above, beside)] == [200, 200, 404]
        missing = ask("GET", at.replace(at.rsplit("/", 1)[-1], "999999"), token("manager", unit="JFK"))
        assert missing.json().keys() == beside.json().keys()


@pytest.mark.parametrize("path", ["/failures?incident={incident}", "/cases?incident={incident}"])
def test_a_filter_by_a_row_of_another_unit_is_404(ask: Ask, token: Callable[..., str], failure: Any, path: str) -> None:
    at = path.format(incident=failure.incident_id)
    assert ask("GET", at, token("manager", unit="EWR")).status_code == 200
    assert ask("GET", at, token("manager", unit="JFK")).status_code == 404
