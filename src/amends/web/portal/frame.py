"""What surrounds a customer's page: whose it is, their language, our zone, and headers that keep it to them."""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache

from amends.kernel.text import language_of
from amends.people.models import Customer
from amends.policy.selectors import deployment
from amends.recover.links import thread_of
from amends.recover.models import Case
from amends.recover.selectors import survivor_of
from amends.web.portal.affected import Hit, hit_of
from amends.web.portal.doors import refusal

CASE_THREAD: Final = re.compile(r"case:(\d{1,18})")
INCIDENT_THREAD: Final = re.compile(r"incident:(\d{1,18}):(\d{1,18})")
HEADERS: Final = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    # the address is the key, so no other site hears it; our own must, or browsers send forms without their origin
    "Referrer-Policy": "same-origin",
}

View = Callable[..., HttpResponse]


def whose(token: str) -> Case | Hit | None:
    """What the page of this address is about; None if we never gave it out or it leads nowhere any more."""
    thread = thread_of(token)
    if thread is None:
        return None
    if match := CASE_THREAD.fullmatch(thread):
        related = ("customer", "what_happened", "cause", "plan")
        return Case.every.select_related(*related).filter(pk=survivor_of(int(match[1]))).first()
    if match := INCIDENT_THREAD.fullmatch(thread):
        return hit_of(incident_id=int(match[1]), customer_id=int(match[2]))
    return None


def customer_page(view: View) -> View:
    """A page for whoever holds its address: `view(request, found, token)` gets what it is about."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        with timezone.override(ZoneInfo(deployment().timezone)):
            answer = _answered(view, request, token, **kwargs)
        for name, value in HEADERS.items():
            answer[name] = value
        return answer

    return guarded


def _answered(view: View, request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
    found = whose(token)
    if found is None:
        return refusal(request, HTTPStatus.NOT_FOUND)
    _speak_to(request, found.customer)
    if request.method == "POST" and not ratelimit.consume(request, action="customer_page", key=token):
        return refusal(request, HTTPStatus.TOO_MANY_REQUESTS)
    return view(request, found, token, **kwargs)


def _speak_to(request: HttpRequest, customer: Customer) -> None:
    """The customer's own language, unless they switched on the page."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    chosen = "zh-hans" if language_of(customer.locale) == "zh" else "en"
    translation.activate(chosen)
    request.LANGUAGE_CODE = chosen  # type: ignore[attr-defined]  # as LocaleMiddleware does
