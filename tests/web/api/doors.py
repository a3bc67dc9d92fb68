"""Each operation of the API once, with a request that is good in form."""

import re
from dataclasses import dataclass
from functools import cache
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
        return re.sub(r"{\w+_id}", "424242", self.template) + self.query

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
    Door(method="GET", template="/look-up", query="?q=ann", scope="read:customers"),
    Door(method="GET", template="/watch", query="?subject=UA1", scope="read:customers"),
    Door(method="GET", template="/cases/{case_id}/closer-look", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/closer-look", scope="write:cases",
        send={"in_order": True, "note": "fine"}, when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/demand", scope="write:cases", send={"asked": "more"}, when_empty=404,
    ),
    Door(method="GET", template="/failures", scope="read:failures"),
    Door(method="GET", template="/failures/{failure_id}", scope="read:failures", when_empty=404),
    Door(method="GET", template="/incidents", scope="read:incidents"),
    Door(method="GET", template="/incidents/{incident_id}", scope="read:incidents", when_empty=404),
    Door(
        method="POST", template="/incidents/{incident_id}/move", scope="write:incidents", send={"act": "end"},
        when_empty=404,
    ),
    Door(method="GET", template="/incident-candidates", scope="read:incidents"),
    Door(method="GET", template="/incident-candidates/{candidate_id}", scope="read:incidents", when_empty=404),
    Door(
        method="POST", template="/incident-candidates/{candidate_id}/move", scope="write:incidents",
        send={"act": "dismiss"}, when_empty=404,
    ),
    Door(method="GET", template="/interventions", scope="read:incidents"),
    Door(method="GET", template="/interventions/{intervention_id}", scope="read:incidents", when_empty=404),
    Door(
        method="POST", template="/interventions/{intervention_id}/move", scope="write:incidents",
        send={"act": "take"}, when_empty=404,
    ),
    Door(method="GET", template="/closures", scope="read:incidents"),
    Door(
        method="POST", template="/closures", scope="write:incidents", when_empty=404,
        send={
            "unit": "nowhere", "starts_at": "2026-03-02T09:00:00Z", "ends_at": "2026-03-02T10:00:00Z",
            "reason_en": "Works.", "reason_zh": "施工。",
        },
    ),
    Door(
        method="POST", template="/closures/{closure_id}/move", scope="write:incidents", send={"act": "end"},
        when_empty=404,
    ),
    Door(method="GET", template="/held-standards", scope="write:standards"),
    Door(
        method="POST", template="/held-standards/{standard_id}/resume", scope="write:standards",
        send={"take": False}, when_empty=404,
    ),
    Door(method="GET", template="/cases", scope="read:cases"),
    Door(method="GET", template="/cases/{case_id}", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases", scope="write:cases", when_empty=422,
        send={"customer": "nobody", "kind": "slow", "subject": "UA1"},
    ),
    Door(method="GET", template="/cases/{case_id}/assessment", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/assessment", scope="write:cases", when_empty=404,
        send={"severity": "severe", "reason": "why"},
    ),
    Door(
        method="POST", template="/cases/{case_id}/facts", scope="write:cases", when_empty=404,
        send={"facts": {"minutes_late": 200}, "reason": "why"},
    ),
    Door(method="GET", template="/cases/{case_id}/plan", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/plan/actions", scope="write:actions", when_empty=404,
        send={"repair": "listen", "reason": "why"},
    ),
    Door(
        method="POST", template="/cases/{case_id}/plan/replan", scope="write:actions", when_empty=404,
        send={"reason": "why"},
    ),
    Door(
        method="POST", template="/actions/{action_id}/alter", scope="write:actions", when_empty=404,
        send={"performer": "supervisor", "reason": "why"},
    ),
    Door(method="GET", template="/payouts", scope="read:money"),
    Door(
        method="POST", template="/payouts/results", scope="write:money",
        send={"results": [{"reference": "P1-1", "outcome": "paid"}]},
    ),
    Door(
        method="POST", template="/vouchers/redeem", scope="write:vouchers", send={"code": "0000-0001"}, when_empty=404,
    ),
    Door(method="GET", template="/ledger/reconciliations", scope="read:money"),
    Door(method="POST", template="/ledger/reconciliations", scope="write:money", send={}),
    Door(method="GET", template="/recharges", scope="read:recharges"),
    Door(method="GET", template="/recharges/{claim_id}", scope="read:recharges", when_empty=404),
    Door(
        method="POST", template="/recharges/{claim_id}/move", scope="write:recharges", when_empty=404,
        send={"move": "send"},
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
        method="POST", template="/cases/{case_id}/merge", scope="write:cases", send={"into": 1}, when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/split", scope="write:cases", send={"failures": [1]}, when_empty=404,
    ),
    Door(method="GET", template="/cases/{case_id}/links", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/links", scope="write:cases",
        send={"other": 1, "kind": "related"}, when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/hand-over", scope="write:cases",
        send={"to_staff": 1, "note": "why"}, when_empty=404,
    ),
    Door(method="POST", template="/cases/{case_id}/assign", scope="write:cases", send={}, when_empty=404),
    Door(method="POST", template="/bulk", scope="write:cases", send={"act": "take", "cases": [1]}, when_empty=409),
    Door(method="GET", template="/bulk/{run_id}", scope="read:cases", when_empty=404),
    Door(method="POST", template="/bulk/{run_id}/run", scope="write:cases", when_empty=404),
    Door(method="POST", template="/bulk/{run_id}/cancel", scope="write:cases", when_empty=404),
    Door(
        method="GET", template="/cases/{case_id}/authority", query="?amount=5", scope="read:cases", when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/gesture", scope="write:actions", send={"gesture": "small-voucher"},
        when_empty=404,
    ),
    Door(
        method="POST", template="/cases/{case_id}/complaint", scope="write:cases", send={"words": "It was late."},
        when_empty=404,
    ),
    Door(method="GET", template="/budgets", scope="read:budgets"),
    Door(
        method="PUT", template="/budgets", scope="write:budgets", when_empty=422,
        send={
            "unit": "nowhere", "amount": "5", "currency": "USD", "from_day": "2026-03-01", "to_day": "2026-03-31",
        },
    ),
    Door(method="GET", template="/views", scope="read:cases"),
    Door(method="POST", template="/views", scope="write:cases", send={"name": "late", "query": "sort=due"}),
    Door(method="DELETE", template="/views/{view_id}", scope="write:cases", when_empty=404),
    Door(method="GET", template="/absences", scope="read:absences"),
    Door(
        method="POST", template="/absences", scope="write:absences", when_empty=422,
        send={"staff": "nobody@example.test", "starts_at": "2026-03-02T09:00:00Z", "ends_at": "2026-03-03T09:00:00Z"},
    ),
    Door(method="DELETE", template="/absences/{absence_id}", scope="write:absences", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/outcome", scope="write:outcomes", send={"source": "staff"},
        when_empty=404,
    ),
    Door(method="GET", template="/cases/{case_id}/notes", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/notes", scope="write:cases", send={"body": "words"}, when_empty=404
    ),
    Door(method="GET", template="/cases/{case_id}/attachments", scope="read:cases", when_empty=404),
    Door(
        method="POST", template="/cases/{case_id}/attachments", query="?name=a.txt", scope="write:cases", send="words",
        form="application/octet-stream", when_empty=404,
    ),
    Door(method="GET", template="/attachments/{attachment_id}", scope="read:cases", when_empty=404),
    Door(method="GET", template="/cases/{case_id}/checklist", scope="read:cases", when_empty=404),
    Door(
        method="PUT", template="/cases/{case_id}/checklist/{item}", scope="write:cases", send={"ticked": True},
        when_empty=404,
    ),
    Door(method="GET", template="/cases/{case_id}/guidance", scope="read:cases", when_empty=404),
    Door(
        method="PUT", template="/cases/{case_id}/guidance", scope="write:cases", send={"stage": "explain"},
        when_empty=404,
    ),
    Door(method="GET", template="/cases/{case_id}/time", scope="read:cases", when_empty=404),
    Door(method="POST", template="/cases/{case_id}/time", scope="write:cases", send={"minutes": 5}, when_empty=404),
    Door(method="GET", template="/inside", scope="read:cases"),
    Door(method="POST", template="/inside", scope="write:cases", send={"kind": "roster_late"}, when_empty=409),
    Door(method="GET", template="/support", scope="read:cases"),
    Door(method="POST", template="/support", scope="write:cases", send={"kind": "talk"}, when_empty=201),
    Door(
        method="POST", template="/support/{support_id}/move", scope="write:cases", send={"move": "do"}, when_empty=404,
    ),
]  # fmt: skip


@cache
def description() -> dict[str, dict[str, Any]]:
    """By address and method what the API's description says of it."""
    from amends.web.api.application import api

    paths: dict[str, dict[str, Any]] = api.get_openapi_schema(path_prefix="/")["paths"]
    return paths


def described() -> set[tuple[str, str]]:
    """Method and address of all that the API's description has."""
    return {(method.upper(), path) for path, methods in description().items() for method in methods}
