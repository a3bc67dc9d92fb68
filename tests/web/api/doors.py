"""Each operation of the API once, with a request that is good in form."""

from dataclasses import dataclass
from typing import Any

CLOUDEVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "ops",
    "type": "flight.departed",
    "subject": "UA1",
    "time": "2026-03-02T09:00:00Z",
}


@dataclass(frozen=True, kw_only=True)
class Door:
    """One operation: how to knock, the scope it needs, and what it answers while there are no rows."""

    method: str
    template: str
    scope: str
    send: Any = None
    form: str = ""
    query: str = ""
    when_empty: int = 200

    @property
    def path(self) -> str:
        place = self.template
        for name in ("failure", "incident", "case", "action", "approval", "customer"):
            place = place.replace(f"{{{name}_id}}", "424242")
        return place + self.query

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


DOORS = [
    Door(
        method="POST", template="/signals", scope="write:signals", send=CLOUDEVENT,
        form="application/cloudevents+json", when_empty=202,
    ),
    Door(
        method="POST", template="/roster", scope="write:roster",
        send={"entries": [{"subject": "UA1", "customer": "nobody"}]},
    ),
    Door(method="GET", template="/customers", scope="read:customers"),
    Door(method="GET", template="/customers/{customer_id}", scope="read:customers", when_empty=404),
    Door(
        method="PUT", template="/customers", scope="write:customers",
        send={"customers": [{"reference": "A", "name": "Ann"}]},
    ),
    Door(method="GET", template="/failures", scope="read:failures"),
    Door(method="GET", template="/failures/{failure_id}", scope="read:failures", when_empty=404),
    Door(method="GET", template="/incidents", scope="read:incidents"),
    Door(method="GET", template="/incidents/{incident_id}", scope="read:incidents", when_empty=404),
    Door(method="GET", template="/cases", scope="read:cases"),
    Door(method="GET", template="/cases/{case_id}", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases", scope="write:cases", when_empty=422,
        send={"customer": "nobody", "kind": "slow", "subject": "UA1"},
    ),
    Door(
        method="POST", template="/cases/{case_id}/promise", scope="write:cases", send={"by": "2026-03-02T20:00:00Z"},
        when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/wait", scope="write:cases", send={"needed": "the receipt"},
        when_empty=404,
    ),
    Door(method="POST", template="/cases/{case_id}/resume", scope="write:cases", when_empty=404),
    Door(method="GET", template="/actions", query="?case=424242", scope="read:actions", when_empty=404),
    Door(method="GET", template="/actions/{action_id}", scope="read:actions", when_empty=404),
    Door(method="POST", template="/actions/{action_id}/do", scope="write:actions", send={}, when_empty=404),
    Door(
        method="POST", template="/actions/{action_id}/skip", scope="write:actions", send={"note": "why"},
        when_empty=404,
    ),
    Door(method="GET", template="/approvals", scope="read:approvals"),
    Door(method="GET", template="/approvals/{approval_id}", scope="read:approvals", when_empty=404),
    Door(method="POST", template="/approvals/{approval_id}/grant", scope="write:approvals", send={}, when_empty=404),
    Door(
        method="POST", template="/approvals/{approval_id}/refuse", scope="write:approvals", send={"note": "why"},
        when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/outcome", scope="write:outcomes", send={"source": "staff"},
        when_empty=404,
    ),
]  # fmt: skip


def described() -> set[tuple[str, str]]:
    """Method and address of all that the API's description has."""
    from amends.web.api.application import api

    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}
