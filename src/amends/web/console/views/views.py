"""Saved views of the inbox, with counts that never keep the list waiting."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import unit_for
from amends.recover.models import SavedView
from amends.recover.selectors import count_cases
from amends.recover.selectors.inbox import READERS, Counted, views_for
from amends.recover.services.views import drop_view, move_view, save_view
from amends.web.console import words
from amends.web.console.desk_forms import View as ViewForm
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.inbox_address import chosen_of, query_of

DEFAULTS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("", gettext_lazy("All open")),
    ("mine=1", gettext_lazy("Mine")),
    ("desk=unassigned", gettext_lazy("Unassigned")),
    ("desk=at_risk&sort=due", gettext_lazy("At risk")),
    ("desk=waiting_approval", gettext_lazy("Waiting for approval")),
    ("desk=handed", gettext_lazy("Handed to me")),
)


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One view as the inbox shows it."""

    name: str | Promise
    query: str
    current: bool
    saved: SavedView | None = None
    mine: bool = False
    count: Counted | None = None


def tabs(staff: Staff, current: str) -> list[Tab]:
    """The views that everybody has, one's own, and those shared with one."""
    found = [Tab(name=name, query=query, current=query == current) for query, name in DEFAULTS]
    for view in views_for(staff):
        mine = view.owner_id == staff.pk
        found.append(Tab(name=view.name, query=view.query, current=view.query == current, saved=view, mine=mine))
    return found


def context_of(request: HttpRequest, staff: Staff) -> dict[str, Any]:
    """What the inbox needs to show the views."""
    current = query_of(request.GET)
    found = tabs(staff, current)
    return {
        "views": found,
        "view_query": current,
        "own_views": [tab for tab in found if tab.mine],
        "is_a_view": any(tab.current for tab in found),
        "may_share": may(staff.role, "work_teams"),
        "share_roles": [(role, words.ROLE[role]) for role in READERS],
        "share_everywhere": staff.unit_id is None,
    }


@require_safe
@staff_page("see_cases")
def counts(request: HttpRequest) -> HttpResponse:
    """The same views with how many each has; asked for once the list is there."""
    staff, now = staff_of(request), now_of(request)
    current = query_of(QueryDict(request.GET.get("current", "")[:1000]))
    found = []
    for tab in tabs(staff, current):
        given = QueryDict(tab.query)
        owner = staff if given.get("mine") == "1" else None
        number = count_cases(staff, owner=owner, now=now, **chosen_of(given))
        found.append(Tab(**{**tab.__dict__, "count": number}))
    return render(request, "parts/desk/views.html", {"views": found, "counted": True, "view_query": current})


@require_POST
@staff_page("see_cases")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter and the order under a name."""
    staff = staff_of(request)
    form = ViewForm(request.POST)
    query = query_of(QueryDict(request.POST.get("query", "")[:1000]))
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
    else:
        try:
            code = form.cleaned_data["unit"]
            save_view(
                name=form.cleaned_data["name"],
                query=query,
                shared=form.cleaned_data["shared"],
                role=form.cleaned_data["role"],
                unit=unit_for(staff, code).pk if code else None,
                acting_user=staff,
            )
        except REFUSALS as refusal:
            messages.error(request, in_words(refusal))
        else:
            messages.success(request, _("The view is kept."))
    return redirect(f"{reverse('console:cases')}?{query}")


@require_POST
@staff_page("see_cases")
def act(request: HttpRequest, view_id: int, act: str) -> HttpResponse:
    """Take away a view of one's own, or move it."""
    staff = staff_of(request)
    if act == "drop":
        drop_view(view_id, acting_user=staff)
    elif act in {"up", "down"}:
        move_view(view_id, up=act == "up", acting_user=staff)
    else:
        raise Http404
    return redirect("console:cases")
