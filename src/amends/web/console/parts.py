"""Pages in parts: which part of a page asks, and what page that is. The one place that reads what htmx sends along."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


def asks_for_part(request: HttpRequest, part: str | None = None) -> bool:
    """Whether the script asks for a part of a page; with a name, for that one."""
    details = _details(request)
    return bool(details) and (part is None or details.target == part)


def reader_is_at(request: HttpRequest) -> str:
    """The path of the page in front of the reader: the one asked for, or the one that asks for a part of it."""
    details = _details(request)
    return (details.current_url_abs_path if details else None) or request.get_full_path()


def _details(request: HttpRequest) -> HtmxDetails:
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # put there by the middleware
    return details
