"""Search, also as the command palette: a case or incident by number, cases and customers by words, pages by name."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.monitor.selectors import access_incident
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.recover.selectors import Caller, access_case, cases_for, look_up
from amends.web.console import words
from amends.web.console.asked import text
from amends.web.console.frame import OWN_PLACES, WINGS, staff_of, staff_page

EACH = 6  # of a sort, in the palette
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One line of what was found."""

    title: str | Promise
    more: str
    url: str


@staff_page()
def palette(request: HttpRequest) -> HttpResponse:
    """The list below the palette's field."""
    query = text(request)
    return render(request, "console/found.html", {"groups": _groups(staff_of(request), query), "query": query})


@staff_page()
def results(request: HttpRequest) -> HttpResponse:
    """The same as a page of its own, for those without the script."""
    query = text(request)
    return render(request, "console/search.html", {"groups": _groups(staff_of(request), query), "query": query})


def _groups(staff: Staff, query: str) -> list[tuple[str, list[Hit]]]:
    groups = [(_("Pages"), _pages(staff, query))]
    if query:
        groups = [
            (_("By number"), _by_number(staff, query)),
            (_("Cases"), _cases(staff, query)),
            (_("Customers"), _customers(staff, query)),
            *groups,
        ]
    return [(name, hits) for name, hits in groups if hits]


def _pages(staff: Staff, query: str) -> list[Hit]:
    places = [(gettext_lazy("Overview"), "", reverse("console:overview"))] + [
        (place.name, str(wing.name), reverse(place.url))
        for wing in WINGS
        for place in wing.places
        if may(staff.role, place.right)
    ]
    places += [(place.name, "", reverse(place.url)) for place in OWN_PLACES if may(staff.role, place.right)]
    return [Hit(title=name, more=more, url=url) for name, more, url in places if query.lower() in str(name).lower()]


def _by_number(staff: Staff, query: str) -> list[Hit]:
    digits = query.lstrip("#")
    if not (digits.isascii() and digits.isdigit()) or int(digits) > LARGEST_ID:
        return []
    sought: list[tuple[str, str, Any]] = [
        ("see_cases", "console:case", access_case),
        ("see_incidents", "console:incident", access_incident),
    ]
    hits = []
    for right, url, access in sought:
        try:
            row = access(staff, int(digits)) if may(staff.role, right) else None
        except NotFound:
            continue
        if row is not None:
            name = _("Case {number}") if url == "console:case" else _("Incident {number}")
            more = words.kind_name(row.blueprint_id, row.kind)
            hits.append(Hit(title=name.format(number=row.pk), more=more, url=reverse(url, args=[row.pk])))
    return hits


def _cases(staff: Staff, query: str) -> list[Hit]:
    if not may(staff.role, "see_cases"):
        return []
    return [
        Hit(
            title=f"{case.customer.name} · {words.kind_name(case.blueprint_id, case.kind)}",
            more=f"{case.subject} · {words.state_word('case', case.state)}",
            url=reverse("console:case", args=[case.pk]),
        )
        for case in cases_for(staff, search=query, limit=EACH).rows
    ]


def _beside_the_name(caller: Caller) -> list[str]:
    """The reference and what matched; what stands in the name already is not said again."""
    matched = (match.value for match in caller.matches[:1] if match.value != caller.customer.name)
    return list(dict.fromkeys((caller.customer.reference, *matched)))


def _customers(staff: Staff, query: str) -> list[Hit]:
    if not may(staff.role, "see_customers"):
        return []
    return [
        Hit(
            title=caller.customer.name,
            more=" · ".join(_beside_the_name(caller)),
            url=reverse("console:customer", args=[caller.customer.pk]),
        )
        for caller in look_up(staff, query, limit=EACH)
    ]
