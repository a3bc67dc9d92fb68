"""Who asks: a bearer token with the scope that the operation needs, and not more often than agreed.

The limit is a fixed window of a minute and a token, counted in Django's cache: with the built-in cache each web process
counts for itself, with a shared one all of them together.
"""

import time
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.security import HttpBearer

from amends.people.core.scopes import SCOPES
from amends.people.models import ApiToken, Staff
from amends.people.selectors import require
from amends.people.services import token_owner
from amends.policy.present import present
from amends.web.api.problems import Refused
from amends.web.api.query import check_query

WINDOW: Final = 60  # seconds
JSON: Final = frozenset({"application/json"})


class BearerToken(HttpBearer):
    """The check of one operation: a good token, its scope, its rate, a query and a body of a kind that is read here."""

    def __init__(self, scope: str, media_types: frozenset[str]) -> None:
        self.scope = scope
        self.media_types = media_types
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token of a secret; None is answered as 401.

        Raises:
            Refused: the scope is missing, the rate is exceeded, or the body is of another kind.
            ValidationError: the query has a parameter that this address does not take.
            NotAllowed: the account has not the right on which the scope rests.
        """
        found = token_owner(token, now=present()) if token.isascii() else None
        if found is None:
            return None
        if self.scope not in found.scopes:
            raise Refused(403, f"This token has not the scope {self.scope}.")
        require(found.staff, SCOPES[self.scope])  # the account's role may have changed since the token was made
        _spend(found.pk)
        _check_form(request, self.media_types)
        return found


def needs(scope: str, *, media_types: frozenset[str] = JSON) -> BearerToken:
    """What an operation asks of a request before it runs."""
    return BearerToken(scope, media_types)


def caller(request: HttpRequest) -> Staff:
    """The staff account in whose name the token acts."""
    return token_of(request).staff


def token_of(request: HttpRequest) -> ApiToken:
    """The token that a request came with."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # put there by the framework
    return token


def media_type(request: HttpRequest) -> str:
    """What the body is said to be, without parameters."""
    return (request.content_type or "").strip().lower()


def _spend(token_id: int) -> None:
    window, second = divmod(int(time.time()), WINDOW)
    key = f"api-rate:{token_id}:{window}"
    if cache.add(key, 1, timeout=2 * WINDOW):
        return
    try:
        spent = cache.incr(key)
    except ValueError:  # swept between the two
        cache.set(key, 1, timeout=2 * WINDOW)
        return
    if spent > settings.API_REQUESTS_A_MINUTE:
        wait = str(WINDOW - second)
        raise Refused(
            429, f"More than {settings.API_REQUESTS_A_MINUTE} requests a minute.", headers={"Retry-After": wait}
        )


def _check_form(request: HttpRequest, media_types: frozenset[str]) -> None:
    if any("\0" in value for values in request.GET.lists() for value in (values[0], *values[1])):
        raise Refused(422, "The address has a NUL character in its query.")
    check_query(request)
    if request.method not in {"POST", "PUT", "PATCH"} or not request.META.get("CONTENT_LENGTH"):
        return  # no body: where one is needed, its absence is found later
    charset: Any = (request.content_params or {}).get("charset", "utf-8")
    if media_type(request) not in media_types or charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Refused(415, f"The body must be {' or '.join(sorted(media_types))}, in UTF-8.")
