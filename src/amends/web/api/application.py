"""The API as a whole: its routers, its strict reading and its description as OpenAPI 3.1."""

from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from amends.people.core.scopes import SCOPES
from amends.web.api import (
    absences,
    actions,
    approvals,
    assessments,
    authority,
    case_work,
    cases,
    clocks,
    colleagues,
    customers,
    desk,
    failures,
    guidance,
    incident_acts,
    incidents,
    interventions,
    look_up,
    money,
    outcomes,
    plans,
    recharges,
    roster,
    signals,
    views,
)
from amends.web.api.answers import StrictParser
from amends.web.api.idempotency import HEADER, KEPT_FOR, LONGEST
from amends.web.api.problems import MEDIA_TYPE, answer_problems
from amends.web.api.query import knows_its_query
from amends.web.api.tokens import BearerToken

DESCRIPTION: Final = f"""\
Signals in; failures, incidents, cases, plans, actions, approvals, budgets, customers and outcomes in and out.

Each request carries `Authorization: Bearer amends_…`. A token belongs to a staff account: its scopes say which
addresses it may use, the account's role and unit say which rows. Scopes: {", ".join(f"`{scope}`" for scope in SCOPES)}.

Lists are pages: `limit` (at most 200) and `after`, the `next` of the page before. A query parameter that an address
does not document is refused (422). Times are RFC 3339 in UTC, money is a decimal string. Errors are `{MEDIA_TYPE}`
(RFC 9457). A write may carry `{HEADER}`: sent again within {KEPT_FOR.days * 24} hours it gets the same answer and is
not done twice; with another request it is refused (422), and while the first is being worked on, too (409). More
requests a minute than agreed get 429 with `Retry-After`.
"""

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"where": {"type": "string"}, "what": {"type": "string"}}},
        },
    },
}
ALWAYS: Final = {
    400: "The request can't be read.",
    401: "No token, or not a good one.",
    403: "The token's scope, role or authority does not go so far.",
    422: "The request is not as documented, or what it names is not there.",
    429: "Too many requests; see Retry-After.",
    503: "The database is not there, or nothing is set up yet.",
}
OF_WRITES: Final = {409: "Not possible from the present state.", 413: "Too large.", 415: "A body of another kind."}
MISSING: Final = {404: "It is not there, or this account may not see it."}


class Description(OpenAPISchema):
    """The description with what all operations share: problems, scopes, idempotency keys."""

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """One operation, as ninja describes it and with our additions."""
        details: dict[str, Any] = super().operation_details(operation)
        writes = "GET" not in operation.methods
        said = ALWAYS | (OF_WRITES if writes else {}) | MISSING
        for status, words in said.items():
            details["responses"].setdefault(
                status,
                {
                    "description": words,
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                },
            )
        self.schemas["Problem"] = PROBLEM
        scopes = [check.scope for check in operation.auth_callbacks if isinstance(check, BearerToken)]
        details["security"] = [{"BearerToken": scopes}]
        needed = f"Needs the scope `{', '.join(scopes)}`."
        details["description"] = f"{details.get('description', '').strip()}\n\n{needed}"
        if getattr(operation.view_func, "takes_idempotency_key", False):
            details["parameters"] = [*details["parameters"], _KEY]
        return details


_KEY: Final[dict[str, Any]] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
    "description": "A key of the sender's own for this write, such as a UUID.",
}


class Machines(NinjaAPI):
    """ninja's API with our description."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """OpenAPI 3.1."""
        return Description(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


api = Machines(
    title="Amends",
    version="1.0.0",
    description=DESCRIPTION,
    docs_url=None,  # ninja's pages need scripts that our content security policy does not allow
    urls_namespace="api-v1",
    parser=StrictParser(),
)
answer_problems(api)
api.add_decorator(knows_its_query, mode="view")
for prefix, part in (
    ("/signals", signals),
    ("/roster", roster),
    ("/customers", customers),
    ("/failures", failures),
    ("/incidents", incidents),
    ("/cases", cases),
    ("/cases", clocks),
    ("/actions", actions),
    ("/approvals", approvals),
    ("/recharges", recharges),
    ("", outcomes),
):
    api.add_router(prefix, part.router)
api.add_router("", money.router)
api.add_router("", look_up.router)
api.add_router("", case_work.router)
api.add_router("", guidance.router)
api.add_router("", desk.router)
api.add_router("", views.router)
api.add_router("", assessments.router)
api.add_router("", plans.router)
api.add_router("", authority.router)
api.add_router("", absences.router)
api.add_router("", colleagues.router)
api.add_router("", incident_acts.router)
api.add_router("", interventions.router)


@cache_control(max_age=3600)
def reference(request: HttpRequest) -> HttpResponse:
    """The description as a page to read: plain HTML, no script, nothing from elsewhere."""
    described = api.get_openapi_schema()
    operations = [
        {"method": method.upper(), "path": path, "body": _bodies(details), **details}
        for path, methods in described["paths"].items()
        for method, details in methods.items()
    ]
    schemas = [(name, _indented(schema)) for name, schema in sorted(described["components"]["schemas"].items())]
    return render(request, "api/reference.html", {"api": described, "operations": operations, "schemas": schemas})


def _bodies(details: dict[str, Any]) -> list[tuple[str, str]]:
    content = details.get("requestBody", {}).get("content", {})
    return [(form, _indented(said["schema"])) for form, said in content.items()]


def _indented(schema: dict[str, Any]) -> str:
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode()
