"""Closures: maintenance and known closures of units and resources, in which failures are expected."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.kernel.text import Localised
from amends.monitor.grouped import access_closure, closures_for
from amends.monitor.services.closures import BadClosure, end_closure, enter_closure
from amends.people.core.rights import may
from amends.people.selectors import NotFound, unit_for
from amends.policy.models import BlueprintVersion
from amends.policy.selectors import blueprint_of, version_in_force
from amends.recover import services
from amends.web.console.asked import cursor
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.incident_forms import ClosureSpan
from amends.web.console.units import units_to_choose


@staff_page("see_incidents")
def inbox(request: HttpRequest) -> HttpResponse:
    """What is closed or will be, or was with `?past=1`; and a form to enter it."""
    return _shown(request, ClosureSpan(), status=200)


@require_POST
@staff_page("work_incidents")
def enter(request: HttpRequest) -> HttpResponse:
    """A closure is entered; one that can't be comes back as it was typed."""
    staff, form = staff_of(request), ClosureSpan(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please say what is closed, from when until when, and why in both languages."))
        return _shown(request, form, status=422)
    given = form.cleaned_data
    try:
        unit = unit_for(staff, given["unit"]) if given["unit"] else None
        enter_closure(
            unit=unit,
            resource=f"{given['kind']}/{given['name']}" if given["name"] else "",
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            reason=Localised(en=given["reason_en"], zh=given["reason_zh"]),
            version=_version(request),
            acting_user=staff,
            now=now_of(request),
        )
    except NotFound:
        messages.error(
            request, _("There is no such unit here; resources are closed by whoever sees the whole company.")
        )
    except BadClosure:
        messages.error(
            request,
            _("Choose one unit or name one resource; the end lies after the beginning and ahead, within a year."),
        )
    else:
        messages.success(request, _("Entered. What fails there in that time is expected and opens no cases."))
        return redirect("console:closures")
    return _shown(request, form, status=422)


@require_POST
@staff_page("work_incidents")
def act(request: HttpRequest, closure_id: int, act: str) -> HttpResponse:
    """A closure ends now, or was wrong."""
    staff, now = staff_of(request), now_of(request)
    closure = access_closure(staff, closure_id)
    if act not in {"end", "withdraw"}:
        raise Http404
    if act == "withdraw":
        services.withdraw_closure(closure.pk, acting_user=staff, now=now)
        messages.success(request, _("Taken back. What it had kept back gets its incidents and cases now."))
        return redirect("console:closures")
    try:
        end_closure(closure.pk, acting_user=staff, now=now)
    except BadClosure:
        messages.error(request, _("Only what is going on now can end now."))
    else:
        messages.success(request, _("Ended. From now on failures there count as usual."))
    return redirect("console:closures")


def _shown(request: HttpRequest, form: ClosureSpan, *, status: int) -> HttpResponse:
    staff, now = staff_of(request), now_of(request)
    past = request.GET.get("past") == "1"
    context = {
        "page": closures_for(staff, now=now, past=past, after=cursor(request)),
        "past": past,
        "form": form,
        "works": may(staff.role, "work_incidents"),
        "units": units_to_choose(staff),
        "kinds": blueprint_of(_version(request).pk).incidents.resources if staff.unit_id is None else {},
        "now": now,
    }
    return render(request, "console/closures.html", context, status=status)


def _version(request: HttpRequest) -> BlueprintVersion:
    return version_in_force(frame_of(request).deployment.blueprint_name)
