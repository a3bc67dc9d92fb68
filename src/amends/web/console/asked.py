"""What a request asks for, read from its address: nothing unknown gets through to a selector, and the page says so."""

from collections.abc import Container, Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.people.models import Staff
from amends.people.selectors import units_for

LONGEST_SHOWN: Final = 60
CALLED: Final[Mapping[str, str | Promise]] = {
    "by": _("Grouping"),
    "desk": _("Desk"),
    "incident": _("Incident"),
    "kind": _("Kind"),
    "severity": _("Severity"),
    "sort": _("Order"),
    "stage": _("Stage"),
    "standard": _("Standard"),
    "state": _("State"),
    "strategy": _("Strategy"),
    "team": _("Team"),
    "unit": _("Unit"),
}
"""What the parameters of our lists are called; one that is not here is shown as the address has it."""


def leave_out(request: HttpRequest, name: str) -> None:
    """Have the page say that what its address asks for under this name is not known here and was left out."""
    value = request.GET.get(name, "").strip()
    if value:
        said = (CALLED.get(name, name), value[:LONGEST_SHOWN])
        request.frame.left_out.append(said)  # type: ignore[attr-defined]  # put there by Locality


def one_of(request: HttpRequest, name: str, known: Container[str], *, otherwise: str = "") -> str:
    """A parameter if it is one of the known words; the page says so where it is not."""
    value = request.GET.get(name, "")
    if value in known:
        return value
    leave_out(request, name)
    return otherwise


def number(request: HttpRequest, name: str, known: Container[int]) -> int | None:
    """A parameter as a number if it is one of the known ones; the page says so where it is not."""
    value = request.GET.get(name, "")
    if value.isascii() and value.isdigit() and int(value[:18]) in known:
        return int(value)
    leave_out(request, name)
    return None


def row_id(request: HttpRequest, name: str) -> int | None:
    """A parameter as the number of a row; the page says so where it is none."""
    value = request.GET.get(name, "")
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    leave_out(request, name)
    return None


def unit_code(request: HttpRequest, staff: Staff) -> str:
    """The code of a unit that this person reaches; the page says so where it is none."""
    code = text(request, "unit", most=64)
    if not code or units_for(staff).filter(code=code).exists():
        return code
    leave_out(request, "unit")
    return ""


def with_left_out(request: HttpRequest, chosen: Mapping[str, Any], *names: str) -> None:
    """Have the page say which of these its address asks for, although another way of reading it let them fall."""
    for name in names:
        if request.GET.get(name, "") not in {"", str(chosen[name])}:
            leave_out(request, name)


def cursor(request: HttpRequest) -> str | None:
    """From where in the list to go on."""
    return request.GET.get("after") or None


def text(request: HttpRequest, name: str = "q", *, most: int = 200) -> str:
    """Free words, cut at a length that no person types; a null byte would upset the database."""
    return request.GET.get(name, "").replace("\0", "").strip()[:most]
