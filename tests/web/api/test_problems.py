"""What goes wrong is said as RFC 9457 has it, whoever notices."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from psycopg.errors import DiskFull

from amends.people.models import ApiToken
from amends.policy.models import Deployment

Ask = Callable[..., Any]


def check(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert {"type", "title", "detail"} <= set(said)
    return said


def test_an_address_that_is_not_there(ask: Ask, company: Any) -> None:
    check(ask("GET", "/nothing"), 404)
    check(ask("GET", "/cases/x"), 404)


def test_a_method_that_is_not_taken(ask: Ask, token: Callable[..., str]) -> None:
    answer = ask("DELETE", "/customers", token())
    check(answer, 405)
    assert {"GET", "PUT"} <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic YTpi", "Bearer 令牌", "Bearer " + "x" * 5000, "Bearer a\x00b"]
)
def test_without_a_good_token_one_is_asked_for_one(ask: Ask, company: Any, header: str) -> None:
    more = {"Authorization": header} if header else {}
    answer = ask("GET", "/customers", **more)
    check(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("change", ["expired", "revoked", "closed"])
def test_a_token_that_has_ended_is_no_token(ask: Ask, token: Callable[..., str], change: str) -> None:
    secret = token()
    assert ask("GET", "/customers", secret).status_code == 200
    found = ApiToken.objects.select_related("staff").get()
    past = timezone.now() - timedelta(seconds=1)
    match change:
        case "expired":
            ApiToken.objects.update(expires_at=past)
        case "revoked":
            ApiToken.objects.update(revoked_at=past)
        case "closed":
            found.staff.is_active = False
            found.staff.save()
    check(ask("GET", "/customers", secret), 401)


def test_a_request_that_is_not_as_documented_names_the_places(ask: Ask, token: Callable[..., str]) -> None:
    said = check(ask("GET", "/customers?limit=0", token()), 422)
    assert said["errors"][0]["where"] == "query.limit"


def test_a_place_in_the_body_is_named_as_the_body_has_it(ask: Ask, token: Callable[..., str]) -> None:
    said = check(ask("POST", "/actions/1/skip", token("front_line", unit="EWR"), send={"note": 1}), 422)
    assert [one["where"] for one in said["errors"]] == ["body.note"]


@pytest.mark.parametrize("path", ["/cases", "/incidents"])
def test_a_filter_by_a_unit_that_is_not_there_or_not_within_reach_is_named(
    ask: Ask, token: Callable[..., str], path: str
) -> None:
    secret = token("manager", unit="EWR")
    assert ask("GET", f"{path}?unit=EWR", secret).status_code == 200
    for unit in ("ZZZ", "JFK"):
        said = check(ask("GET", f"{path}?unit={unit}", secret), 422)
        assert said["errors"] == [{"where": "query.unit", "what": f"There is no unit '{unit}' here."}]


@pytest.mark.parametrize(
    ("path", "name", "good"),
    [
        ("/cases", "state", "made_good"),
        ("/incidents", "state", "responding"),
        ("/approvals", "state", "granted"),
        ("/failures", "stage", "at_risk"),
    ],
)
def test_a_filter_by_a_word_that_is_none_of_ours_is_named(
    ask: Ask, token: Callable[..., str], path: str, name: str, good: str
) -> None:
    secret = token()
    said = check(ask("GET", f"{path}?{name}=xx", secret), 422)
    assert said["errors"][0]["where"] == f"query.{name}"
    assert good in said["errors"][0]["what"]
    for kept in (good, ""):
        assert ask("GET", f"{path}?{name}={kept}", secret).status_code == 200


def test_a_page_key_that_is_none_of_ours(ask: Ask, token: Callable[..., str]) -> None:
    for key in ("x", "bnVsbA", "W10", "WyJ4Il0", "W251bGxd"):
        assert ask("GET", f"/customers?after={key}", token()).status_code in {400, 422}


def test_a_nul_in_the_query_or_the_body(ask: Ask, token: Callable[..., str]) -> None:
    check(ask("GET", "/customers?search=a%00b", token()), 422)
    check(ask("PUT", "/customers", token(), body='{"customers":[{"reference":"A","name":"a\\u0000b"}]}'), 400)


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '{"customers": NaN}', '{"customers": [1]}', b"\xff"])
def test_a_body_that_is_no_such_json(ask: Ask, token: Callable[..., str], body: Any) -> None:
    answer = ask("PUT", "/customers", token(), body=body)
    assert answer.status_code in {400, 422}, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_more_requests_than_agreed(ask: Ask, token: Callable[..., str], settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = 2
    secret = token()
    seen = [ask("GET", "/customers", secret) for _ in range(5)]  # five, as a minute may turn between two
    check(next(answer for answer in seen if answer.status_code != 200), 429)
    assert 0 < int(next(answer for answer in seen if answer.status_code == 429)["Retry-After"]) <= 60
    assert ask("GET", "/customers", token()).status_code == 200  # another token has a count of its own


def test_where_nothing_is_set_up(ask: Ask, token: Callable[..., str]) -> None:
    secret = token()
    Deployment.objects.all().delete()
    check(ask("GET", "/customers", secret), 503)


def test_a_database_that_is_gone_and_a_fault_of_ours(
    ask: Ask, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = token()

    def break_with(error: Exception) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise error

        monkeypatch.setattr("amends.web.api.customers.customers_seen_by", broken)

    break_with(OperationalError("the socket /secret/place is gone"))
    assert "secret" not in check(ask("GET", "/customers", secret), 503)["detail"]
    full = OperationalError("could not extend file /secret/place")
    full.__cause__ = DiskFull()
    break_with(full)
    assert "disk of the database is full" in check(ask("GET", "/customers", secret), 503)["detail"]
    break_with(ZeroDivisionError("secret"))
    assert "secret" not in check(ask("GET", "/customers", secret), 500)["detail"]
    assert "ZeroDivisionError" in caplog.text
