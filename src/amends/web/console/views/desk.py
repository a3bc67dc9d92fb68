"""The case desk's own addresses: undo, links ended, who is here, and the next one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from amends.recover import services
from amends.recover.models import Case
from amends.recover.selectors import access_case
from amends.recover.selectors.desk import access_link, looked_at
from amends.recover.services.presence import THERE_FOR
from amends.web.console import desk
from amends.web.console.desk_forms import Here
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.views.acts import answered
from amends.web.console.views.preferences import back_to


@require_POST
@staff_page("work_cases")
def undo(request: HttpRequest, step_id: int) -> HttpResponse:
    """Take one's own act back."""
    staff = staff_of(request)
    try:
        case = services.undo(step_id, acting_user=staff, now=now_of(request))
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
        if asks_for_part(request):
            return HttpResponseClientRefresh()
        return redirect(back_to(request, reverse("console:cases")))
    messages.success(request, _("Undone."))
    return answered(request, staff, case.pk)


@require_POST
@staff_page("work_cases")
def end_link(request: HttpRequest, link_id: int) -> HttpResponse:
    """Two cases hang together no more."""
    staff = staff_of(request)
    link = access_link(staff, link_id)
    try:
        services.unlink_cases(link.pk, acting_user=staff, now=now_of(request))
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("The cases are no longer linked."))
    return redirect(back_to(request, reverse("console:case", args=[link.case_id])))


@require_POST
@staff_page("work_cases")
def next_one(request: HttpRequest) -> HttpResponse:
    """The most pressing case that waits for this person, taken and opened."""
    staff = staff_of(request)
    try:
        case = services.take_next(acting_user=staff, now=now_of(request))
    except REFUSALS as refusal:
        messages.info(request, in_words(refusal))
        return redirect(back_to(request, reverse("console:cases")))
    step = desk.last_step(staff, now=now_of(request))
    messages.success(request, _("This one is yours now."), extra_tags=f"undo-{step.pk}" if step else "")
    return redirect("console:case", case.pk)


@require_safe
@staff_page("work_cases")
def pass_on(request: HttpRequest, case_id: int) -> HttpResponse:
    """To whom a case could go: within the case's page or beside a list, or as a page of its own without the script."""
    staff = staff_of(request)
    case: Case = access_case(staff, case_id)
    beside = request.GET.get("beside") == "1"
    context = {"case": case, "swap": beside} | desk.receivers(staff, case, now=now_of(request))
    return render(request, "parts/desk/pass_on.html" if asks_for_part(request) else "console/pass_on.html", context)


@require_POST
@staff_page("see_cases")
def here(request: HttpRequest, case_id: int) -> HttpResponse:
    """This person has the case open; answered with who else has, and whether it changed under their eyes."""
    staff, now = staff_of(request), now_of(request)
    case: Case = access_case(staff, case_id)
    form = Here(request.POST)
    given = form.cleaned_data if form.is_valid() else {}
    services.be_present(case.pk, writing=bool(given.get("writing")), acting_user=staff, now=now)
    seen = given.get("version")
    stale = seen is not None and seen < case.version
    context = {
        "case": case,
        "others": looked_at(case.pk, but=staff, since=now - THERE_FOR),
        "changed": desk.changed_by(case, staff) if stale else None,
        "stale": stale,
    }
    return render(request, "parts/desk/here.html", context)
