"""The description is right: OpenAPI 3.1, and what the API answers is as described, whatever is sent."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from amends.people.core.scopes import SCOPES
from amends.site.wsgi import application

pytestmark = pytest.mark.django_db


def test_the_description_is_openapi_3_1_and_names_every_scope(client: Client, company: Any) -> None:
    said = client.get("/api/v1/openapi.json")
    assert said.status_code == 200
    described = said.json()
    assert described["openapi"].startswith("3.1")
    operations = [details for methods in described["paths"].values() for details in methods.values()]
    scopes = {scope for one in operations for scope in one["security"][0]["BearerToken"]}
    assert scopes == set(SCOPES) - {"read:metrics"}  # that one is for /metrics
    assert all(one["summary"] and one["description"] for one in operations)
    writes = [one for methods in described["paths"].values() for method, one in methods.items() if method != "get"]
    assert all("Idempotency-Key" in {parameter["name"] for parameter in one["parameters"]} for one in writes)


def test_the_page_to_read_has_every_operation_and_nothing_from_elsewhere(client: Client, company: Any) -> None:
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<script" not in text
    assert "`" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert "<code>Idempotency-Key</code>" in text
    assert "style=" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert "script-src 'self'" in page["Content-Security-Policy"]
    for path in client.get("/api/v1/openapi.json").json()["paths"]:
        assert path in text


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A served request ends with closing what is open; here all of them share the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.early
def test_whatever_is_sent_the_answer_is_as_described(
    token: Callable[..., str], settings: Any, one_connection: None
) -> None:
    settings.API_REQUESTS_A_MINUTE = 10**9
    settings.ALLOWED_HOSTS = ["localhost"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    headers = {"Authorization": f"Bearer {token('manager')}"}
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 15

    for operation in operations:
        _try_out(operation, headers)


def _try_out(operation: Any, headers: dict[str, str]) -> None:
    # The first takes our header for one of its own (see test_access); the second expects that a customer who is not
    # there can have a case; and an event that is no event is counted in an answer of 202.
    excluded = [ignored_auth, positive_data_acceptance]
    excluded += [negative_data_rejection] if operation.path.endswith("/signals") else []
    strategy = st.one_of(
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def send(case: Any) -> None:
        response = case.call(headers=headers)
        # Where the wrong part was a header, ours has put it right, and what is left may well be taken.
        header = case.meta.components.get(ParameterLocation.HEADER)
        righted = [negative_data_rejection] if header is not None and header.mode.is_negative else []
        case.validate_response(response, excluded_checks=excluded + righted)

    send()
