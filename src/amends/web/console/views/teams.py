"""Teams for those who lead: who is in them, what they take on, how much they have, and which queues feed them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.people.models import Staff
from amends.people.selectors import units_below
from amends.recover.models import Case, Queue
from amends.recover.selectors.staffing import WORKERS, free_staff, loads_of, members_of, teams_for
from amends.recover.services import teams as services
from amends.web.console import words
from amends.web.console.desk_forms import Member, QueueForm, TeamForm
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.times import language
from amends.web.console.units import units_to_choose

MOST_COLLEAGUES = 300


@require_safe
@staff_page("work_teams")
def page(request: HttpRequest) -> HttpResponse:
    """All teams within reach."""
    return _page(request)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stands in a form: as it starts, or as it was typed and could not be taken."""

    values: Mapping[str, Any]
    wrong: Mapping[str, Any] = field(default_factory=dict)
    posted: bool = False


STARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "team": {},
    "member": {"severity_most": "3", "most_open": "20"},
    "queue": {"severity_least": "1", "place": "100"},
}
SEVERAL: Final = frozenset({"languages", "kinds"})  # fields that may hold more than one


def _page(request: HttpRequest, *, form: str = "", team_id: int | None = None, wrong: Any = None) -> HttpResponse:
    """The page; `form` of `team_id` (none: a new team) shows what was just posted and what is wrong with it."""
    staff = staff_of(request)

    def typed(what: str, of: int | None) -> Typed:
        if (form, team_id) != (what, of):
            return Typed(values=STARTS[what])
        post = request.POST
        values = {name: post.getlist(name) if name in SEVERAL else post[name] for name in post}
        return Typed(values=values, wrong=wrong or {}, posted=True)

    teams = list(teams_for(staff))
    ids = [team.pk for team in teams]
    members = members_of(ids)
    people = [one.staff_id for team in members.values() for one in team]
    loads, free = loads_of(people), free_staff(people, now_of(request))
    open_cases = Case.objects.filter(team_id__in=ids, is_open=True, owner=None).order_by()
    waiting = dict(open_cases.values_list("team_id").annotate(number=Count("pk")))
    queues: dict[int, list[Queue]] = {}
    for queue in Queue.objects.filter(team_id__in=ids, is_active=True).select_related("unit").order_by("place", "pk"):
        queues.setdefault(queue.team_id, []).append(queue)
    reached = units_below(staff)
    colleagues = Staff.objects.filter(is_active=True, role__in=WORKERS).order_by("name", "pk")
    if reached is not None:
        colleagues = colleagues.filter(unit_id__in=reached)
    kinds = frame_of(request).taxonomy.kinds
    context = {
        "rows": [
            {
                "team": team,
                "members": [
                    {
                        "member": one,
                        "load": loads.get(one.staff_id, 0),
                        "free": one.staff_id in free,
                        "kinds": [kinds[kind].name.in_(language()) for kind in one.kinds if kind in kinds],
                    }
                    for one in members[team.pk]
                ],
                "waiting": waiting.get(team.pk, 0),
                "member_typed": typed("member", team.pk),
                "queue_typed": typed("queue", team.pk),
                "queues": [
                    {
                        "queue": queue,
                        "kinds": [kinds[kind].name.in_(language()) for kind in queue.kinds if kind in kinds],
                    }
                    for queue in queues.get(team.pk, [])
                ],
            }
            for team in teams
        ],
        "new": typed("team", None),
        "units": units_to_choose(staff),
        "colleagues": colleagues[:MOST_COLLEAGUES],
        "kinds": [(code, kind.name.in_(language())) for code, kind in kinds.items()],
        "severities": words.SEVERITY.items(),
    }
    return render(request, "console/teams.html", context, status=422 if form else 200)


@require_POST
@staff_page("work_teams")
def save(request: HttpRequest) -> HttpResponse:
    """A new team."""
    return _done(request, "team", None, TeamForm(request.POST), services.keep_team, success=_("The team is there."))


@require_POST
@staff_page("work_teams")
def act(request: HttpRequest, team_id: int, act: str) -> HttpResponse:
    """Change a team, its members or its queues."""
    staff = staff_of(request)
    form: forms.Form
    if act == "member":
        form = Member(request.POST)
        return _done(
            request, act, team_id, form, _with(services.keep_member, team_id), success=_("Their skills are kept.")
        )
    if act == "queue":
        form = QueueForm(request.POST)

        def keep(*, acting_user: Staff, **given: Any) -> object:
            return services.keep_queue(team_id, given=given, acting_user=acting_user)

        return _done(request, act, team_id, form, keep, success=_("The queue is there."))
    number = request.POST.get("id", "")
    number = number if number.isascii() and number.isdigit() and len(number) < 19 else "0"
    if act == "end":
        services.end_team(team_id, acting_user=staff)
    elif act == "drop":
        services.drop_member(team_id, staff_id=int(number), acting_user=staff)
    elif act == "end_queue":
        services.end_queue(int(number), acting_user=staff)
    else:
        raise Http404
    messages.success(request, _("Done."))
    return redirect("console:teams")


def _with(service: Any, team_id: int) -> Any:
    return lambda **given: service(team_id, **given)


def _done(
    request: HttpRequest, what: str, team_id: int | None, form: forms.Form, service: Any, *, success: str
) -> HttpResponse:
    """Done, or the page again with all that was typed."""
    if not form.is_valid():
        messages.error(request, _("Something is missing or can't be read. Please look at the fields again."))
        return _page(request, form=what, team_id=team_id, wrong=form.errors)
    try:
        service(acting_user=staff_of(request), **form.cleaned_data)
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
        return _page(request, form=what, team_id=team_id)
    messages.success(request, success)
    return redirect("console:teams")
