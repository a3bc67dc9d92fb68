"""A company whose API is asked: units, people with roles in them, tokens, and some rows to find."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.monitor.models import Failure
    from amends.people.models import Staff, Unit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    """Requests are counted in the cache, which outlives a test."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def company(db: None) -> dict[str, Unit]:
    """A set-up deployment; its units by code."""
    from tests.web.api.company import company

    return company()


@pytest.fixture
def hire(company: dict[str, Unit]) -> Callable[..., Staff]:
    """A person of a role, in a unit or (None) with the whole company; the same one when asked again."""

    def hired(role: str, unit: str | None = None) -> Staff:
        from amends.people.models import Staff
        from amends.people.services import create_staff

        email = f"{role}.{unit or 'all'}@example.test".lower()
        found = Staff.objects.select_related("unit").filter(email=email).first()
        place = company[unit] if unit else None
        return found or create_staff(email=email, name=role, role=role, unit=place, now=NOW, acting_user=None)

    return hired


@pytest.fixture
def token(hire: Callable[..., Staff]) -> Callable[..., str]:
    """A token's secret; without scopes named it has all that its role allows."""

    def made(role: str = "manager", *scopes: str, unit: str | None = None) -> str:
        from django.utils import timezone

        from amends.people.core.rights import may
        from amends.people.core.scopes import SCOPES
        from amends.people.services import create_api_token

        wanted = scopes or [scope for scope, right in SCOPES.items() if may(role, right)]
        _, secret = create_api_token(hire(role, unit), name="test", scopes=wanted, now=timezone.now())
        return secret

    return made


@pytest.fixture
def ask(client: Client) -> Callable[..., Any]:
    """One request; `send` is sent as JSON, `body` as it is. The client turns a server's exception into a 500."""
    client.raise_request_exception = False

    def asked(
        method: str,
        path: str,
        secret: str = "",
        *,
        send: Any = None,
        body: bytes | str = b"",
        form: str = "",
        **more: Any,
    ) -> Any:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        data = json.dumps(send) if send is not None else body
        kind = form or "application/json"
        return client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=headers)

    return asked


@pytest.fixture
def customer(company: dict[str, Unit]) -> int:
    """Mary's id."""
    from amends.people.models import Customer
    from amends.people.services import keep_customers

    keep_customers([{"reference": "C-1", "name": "Mary Brown", "email": "mary@example.test"}], now=NOW)
    return Customer.objects.get(reference="C-1").pk


@pytest.fixture
def failure(company: dict[str, Unit]) -> Failure:
    """One failure with its incident in the unit EWR."""
    from amends.kernel.text import Localised
    from amends.monitor.models import Failure, Incident
    from amends.policy.selectors import version_in_force
    from amends.policy.services import Reason, keep_explanations

    version = version_in_force("airline")
    reason = Reason(rule="test", text=Localised(en="because", zh="因为"))
    (why,) = keep_explanations([reason], version_id=version.pk).values()
    shared = {
        "kind": "slow", "subject": "UA1", "unit": company["EWR"], "severity": 2, "responsible": "process",
        "controllable": True, "blueprint": version,
    }  # fmt: skip
    incident = Incident.objects.create(
        key="UA1", state="open", started_at=NOW, last_at=NOW, explanation_id=why, failures=1, **shared
    )
    return Failure.objects.create(
        promise_key="depart-on-time|UA1", standard="depart-on-time", step="departure", stage="breached", found_at=NOW,
        stage_at=NOW, opened_at=NOW, due=NOW, severity_why_id=why, attribution_why_id=why, stable=False,
        incident=incident, **shared,
    )  # fmt: skip
