"""Pages in parts: which part of a page asks, and what page that is. The one place that reads what htmx sends along."""

from typing import Final
from urllib.parse import urlsplit

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

SAFE: Final = frozenset({"GET", "HEAD"})  # what they ask for is a page to come back to


def asks_for_part(request: HttpRequest, part: str | None = None) -> bool:
    """Whether the script asks for a part of a page; with a name, for that one."""
    details = _details(request)
    return bool(details) and (part is None or details.target == part)


def reader_is_at(request: HttpRequest) -> str:
    """The path of the page in front of the reader: the one asked for, or the one with the button or part that asks."""
    details = _details(request)
    if details and details.current_url_abs_path:
        return details.current_url_abs_path
    if request.method in SAFE:
        return request.get_full_path()
    at = urlsplit(request.headers.get("Referer", ""))  # nothing is at the address of an act
    return at._replace(scheme="", netloc="", fragment="").geturl() if at.netloc == request.get_host() else "/"


def _details(request: HttpRequest) -> HtmxDetails:
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # put there by the middleware
    return details
