"""Standards that found far too much and are held until somebody who answers for them says how to go on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.monitor.grouped import held_standards
from amends.monitor.services.guard import resume_standard
from amends.policy.selectors import version_in_force
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.incident_forms import Resumption
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.words import standard_name


@staff_page("resume_standards")
def inbox(request: HttpRequest) -> HttpResponse:
    """What is held, and what became of it."""
    version = version_in_force(frame_of(request).deployment.blueprint_name)
    rows = [(one, standard_name(version.pk, one.guard.standard)) for one in held_standards(staff_of(request))]
    return render(request, "console/held.html", {"rows": rows})


@require_POST
@staff_page("resume_standards")
def resume(request: HttpRequest, standard: str) -> HttpResponse:
    """A held standard goes on."""
    form = Resumption(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please say what becomes of what was held."))
        return redirect("console:held")
    given = form.cleaned_data
    try:
        resume_standard(
            standard,
            take=given["take"] == "yes",
            note=given["note"],
            acting_user=staff_of(request),
            now=now_of(request),
        )
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(
            request,
            _("It goes on. What was held becomes failures, some at a time.")
            if given["take"] == "yes"
            else _("It goes on. What was held stays on record and opens nothing."),
        )
    return redirect("console:held")
