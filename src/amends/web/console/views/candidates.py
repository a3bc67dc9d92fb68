"""Incident candidates: failures that are likely to have one cause; a person says whether they have."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.monitor.core.candidate import CANDIDATE
from amends.monitor.grouped import access_candidate, candidates_for, members_of
from amends.people.core.rights import may
from amends.recover import services
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import staff_of, staff_page
from amends.web.console.incident_forms import Confirmation, Why
from amends.web.console.views.incidents import perform

MOST_SHOWN = 200  # failures of one candidate


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """Those that wait to be decided, the latest first; `?state=` shows others."""
    state = one_of(request, "state", (*CANDIDATE.states, "all"), otherwise="proposed")
    page = candidates_for(staff_of(request), state="" if state == "all" else state, after=cursor(request))
    context = {
        "page": page,
        "state": state,
        "states": [(code, words.state_word("candidate", code)) for code in CANDIDATE.states],
    }
    return render(request, "console/candidates.html", context)


@staff_page("see_incidents")
def page(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """One candidate with its failures, and what can be decided."""
    staff = staff_of(request)
    candidate = access_candidate(staff, candidate_id)
    moves = CANDIDATE.moves_from(candidate.state) if may(staff.role, "work_incidents") else {}
    context = {
        "candidate": candidate,
        "members": list(members_of(candidate)[:MOST_SHOWN]),
        "moves": moves,
        "works": may(staff.role, "work_incidents"),
        "acts": candidate.acts.select_related("by").order_by("-at", "-pk"),
    }
    return render(request, "console/candidate.html", context)


@require_POST
@staff_page("work_incidents")
def act(request: HttpRequest, candidate_id: int, act: str) -> HttpResponse:
    """A candidate is confirmed, dismissed or looked at again."""
    candidate = access_candidate(staff_of(request), candidate_id)
    if act == "confirm":
        return _confirm(request, candidate.pk)
    acts = {
        "dismiss": (services.dismiss_candidate, _("Dismissed. Its failures stay where they are.")),
        "reconsider": (services.reconsider_candidate, _("It waits to be decided again.")),
    }
    if act not in acts:
        raise Http404
    service, success = acts[act]
    perform(request, Why, service, candidate.pk, success)
    return redirect("console:candidate", candidate.pk)


def _confirm(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """What was not ticked is left out."""
    shown = {int(one) for one in request.POST.getlist("shown") if one.isascii() and one.isdigit() and len(one) < 19}
    kept = {int(one) for one in request.POST.getlist("belongs") if one.isascii() and one.isdigit() and len(one) < 19}
    if shown and not kept:
        messages.error(request, _("Please tick the failures that belong together."))
        return redirect("console:candidate", candidate_id)

    confirm = partial(services.confirm_candidate, leave_out=sorted(shown - kept))
    success = _("Confirmed: it is one incident. Whatever joins later counts here.")
    done = perform(request, Confirmation, confirm, candidate_id, success)
    if done is None:
        return redirect("console:candidate", candidate_id)
    return redirect("console:incident", done.pk)
