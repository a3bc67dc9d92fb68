"""Errors as `application/problem+json` (RFC 9457), whoever raises them: our code, the framework, or the router."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from psycopg.errors import DiskFull

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.services.grouping import NotSo
from amends.people.core.authority import BeyondAuthority, SelfApproval
from amends.people.keyset import BadCursor
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import NotSetUp
from amends.recover.core.attachment import NotTaken
from amends.recover.core.checklist import NotTicked
from amends.recover.core.refusals import Declined, NoGesture, NotInWriting, StaleVersion, Unfit

MEDIA_TYPE: Final = "application/problem+json"
ROOT: Final = "/api/"

# What our own code raises, as status; the words of these errors are for whoever asks.
STATUSES: Final[Mapping[type[Exception], int]] = {
    NotFound: 404,
    NotAllowed: 403,
    BeyondAuthority: 403,
    SelfApproval: 403,
    IllegalMove: 409,
    NotTicked: 409,
    NotTaken: 422,
    Declined: 409,
    NotSo: 409,
    StaleVersion: 409,
    NotInWriting: 409,
    NoGesture: 409,
    BadCursor: 400,
    NotSetUp: 503,
}
# What the framework raises; its words are for programmers, so ours are said instead.
PLAIN: Final[Mapping[type[Exception], tuple[int, str]]] = {
    Http404: (404, "There is nothing at this address."),
    RequestDataTooBig: (413, "The body is larger than this server takes."),
    UnreadablePostError: (400, "The body could not be read to its end."),
    OperationalError: (503, "The database is not there at the moment. Try again in a little while."),
    InterfaceError: (503, "The database is not there at the moment. Try again in a little while."),
}

log = logging.getLogger(__name__)


class Refused(HttpError):
    """A request that can't be carried out, with its status and words for whoever sent it."""

    def __init__(self, status: int, words: str, *, where: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.where, self.headers = where, headers or {}  # where: the place in the request, if it is one
        super().__init__(status, words)


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> HttpResponse:
    """An answer that says what is wrong. `more` are extension members, such as `errors`."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return HttpResponse(
        orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def answer_problems(api: Any) -> None:
    """Have an API say everything that goes wrong as a problem."""

    def ours(_request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), str(error))

    def plain(_request: HttpRequest, error: Exception) -> HttpResponse:
        status, words = next(PLAIN[kind] for kind in type(error).__mro__ if kind in PLAIN)
        if isinstance(error.__cause__, DiskFull):
            words = "The disk of the database is full, so nothing can be kept. Free some space, then send it again."
        return problem(status, words)

    for kind in STATUSES:
        api.add_exception_handler(kind, ours)
    for kind in PLAIN:
        api.add_exception_handler(kind, plain)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(Unfit, _unfit)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(Exception, _unforeseen)


class ProblemsForMachines:
    """Middleware: an error below /api/ that was answered before our code could say it becomes a problem too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith(ROOT):
            return response
        if response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        words = {404: "There is nothing at this address.", 405: "This address does not take that method."}
        kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
        return problem(response.status_code, words.get(response.status_code, response.reason_phrase), headers=kept)


def _refused(_request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, AuthenticationError):
        words = "This address needs a token: Authorization: Bearer amends_…"
        return problem(401, words, headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, Throttled):
        return problem(429, "Too many requests.")
    if not isinstance(error, Refused):
        return problem(error.status_code, str(error))
    places = {"errors": [{"where": error.where, "what": str(error)}]} if error.where else {}
    return problem(error.status_code, str(error), headers=error.headers, **places)


def _unfit(_request: HttpRequest, error: Unfit) -> HttpResponse:
    return problem(422, str(error), errors=[{"where": f"body.{error.field}", "what": str(error)}])


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"where": _place(one["loc"]), "what": one["msg"]} for one in error.errors]
    return problem(422, "The request is not as documented.", errors=errors)


def _place(loc: Sequence[str | int]) -> str:
    """`body.note`, not `body.body.note`: the framework also names the operation's argument, which is no part of it."""
    inside = loc[1:] if tuple(loc[:2]) == ("body", "body") else loc
    return ".".join(map(str, inside))


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "Something went wrong on our side; it is in our log.")
