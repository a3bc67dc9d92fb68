"""Acts: each button of the console is one act of the business.

The right and the object are checked here, the rules in the service."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from amends.people.models import Staff
from amends.people.selectors import NotFound, require
from amends.recover import services
from amends.recover.core.draft import FORMS
from amends.recover.core.refusals import StaleVersion
from amends.recover.models import Action, Case, Outcome
from amends.recover.selectors import access_action, access_approval, access_case, clock_marks
from amends.recover.selectors.circle import seen_alone
from amends.web.console import case_file, claims, desk
from amends.web.console.forms import Act as Plain
from amends.web.console.forms import (
    Feeling,
    InternalNote,
    Letter,
    Minutes,
    Needed,
    NextUpdate,
    Note,
    Objection,
    Refusal,
    Result,
    Step,
    Ticked,
    TimerEnd,
)
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.plan_forms import Agreed, Alteration, Correction, Judgement, NewAction
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.times import language
from amends.web.console.views import plans
from amends.web.console.views.preferences import back_to

Act = tuple[type[forms.Form], Callable[..., object], str | Promise]

ON_CASE: dict[str, Act] = {
    "take": (Plain, services.take_case, _("The case is yours now.")),
    "object": (Objection, services.object_to_case, _("The objection is on record.")),
    "message": (Letter, services.send_message, _("The message is on its way.")),
    "outcome": (
        Result,
        lambda pk, **given: services.record_outcome(pk, source=Outcome.Source.STAFF, **given),
        _("The outcome is on record."),
    ),
    "promise": (NextUpdate, services.promise_update, _("The next update is promised; the customer's page says so.")),
    "wait": (Needed, services.wait_for_customer, _("The customer was asked; the clocks of the repair stand still.")),
    "resume": (Plain, services.resume_case, _("The case goes on, and its clocks run again.")),
    "close": (Plain, services.close_case, _("The case is closed.")),
    "reassess": (Judgement, plans.judge, _("Assessed again, with your reason.")),
    "correct": (Correction, plans.correct, _("Corrected. The case is judged by what is known now.")),
    "add": (NewAction, services.add_action, _("Added to the plan.")),
    "replan": (Agreed, services.accept_replan, _("The plan follows the playbook again.")),
    "reopen": (Plain, services.reopen_case, _("The case is open again.")),
    **claims.ON_CASE,
    "emotion": (Feeling, services.say_emotion, ""),
    "stage": (Step, services.step_to, ""),
    "note": (InternalNote, services.write_note, _("The note is with the case.")),
    "tick": (Ticked, services.tick, ""),
    "time": (Minutes, services.record_time, _("The time is on record.")),
    "start-timer": (Plain, services.start_timer, ""),
    "stop-timer": (TimerEnd, services.stop_timer, _("The time is on record.")),
}
ON_CASE = ON_CASE | desk.ON_CASE
ON_ACTION: Mapping[str, Act] = {
    "do": (Note, services.do_action, _("Done.")),
    "alter": (Alteration, plans.alter, _("The action is changed.")),
    "skip": (Refusal, services.skip_action, _("The action is skipped, with your reason.")),
}
ON_APPROVAL: Mapping[str, Act] = {
    "grant": (Note, services.grant_approval, _("Approved. The remedy is granted.")),
    "refuse": (Refusal, services.refuse_approval, _("Refused, with your reason.")),
}


@require_POST
@staff_page("work_cases")
def on_case(request: HttpRequest, case_id: int, act: str) -> HttpResponse:
    """An act on a case."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    lacking = services.lacking(case).should if act == "close" else ()
    done = _perform(request, _known(ON_CASE, act), case.pk, case.pk, typed=act not in FORMS)
    if done and lacking:
        items = "; ".join(item.in_(language()) for item in lacking)
        messages.warning(request, gettext("It was closed without: {items}").format(items=items))
    if act in FORMS:
        _keep_typed(request, staff, case.pk, act, done=done)
    return answered(request, staff, case.pk)


@require_POST
@staff_page("work_cases")
def on_action(request: HttpRequest, action_id: int, act: str) -> HttpResponse:
    """An act on one action of a plan."""
    staff = staff_of(request)
    action = access_action(staff, action_id)
    _perform(request, _known(ON_ACTION, act), action.pk, action.case_id)
    return answered(request, staff, action.case_id)


@require_POST
@staff_page("approve")
def on_approval(request: HttpRequest, approval_id: int, act: str) -> HttpResponse:
    """Leave given or refused."""
    staff = staff_of(request)
    require(staff, "see_cases")
    approval = access_approval(staff, approval_id)
    _perform(request, _known(ON_APPROVAL, act), approval.pk, approval.case_id)
    return answered(request, staff, approval.case_id)


def _known(acts: Mapping[str, Act], act: str) -> Act:
    if act not in acts:
        raise Http404
    return acts[act]


def _perform(request: HttpRequest, act: Act, pk: int, case_id: int, *, typed: bool = True) -> bool:
    """Check what was entered, do it, and tell the person how it went; whether it was done.

    `typed`: what was typed into a form that keeps no draft is kept when it can't be done as it is.
    """
    form_class, service, success = act
    form = form_class(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
        _keep_words(request, case_id, typed=typed, late=False)
        return False
    given: dict[str, Any] = form.cleaned_data
    try:
        done = service(pk, acting_user=staff_of(request), now=now_of(request), **given)
    except NotFound:
        number = given.get("into") or given.get("other")
        if number is None:
            raise
        messages.error(request, gettext("There is no case {number} that you could see.").format(number=number))
        return False
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
        _keep_words(request, case_id, typed=typed, late=isinstance(refusal, StaleVersion))
        return False
    waits = isinstance(done, Action) and done.state == "waiting_approval"
    said = _("It is beyond your own authority, so approval was asked for.") if waits else success
    if said:
        step = desk.last_step(staff_of(request), now=now_of(request))
        messages.success(request, said, extra_tags=f"undo-{step.pk}" if step else "")
    return True


def _keep_words(request: HttpRequest, case_id: int, *, typed: bool, late: bool) -> None:
    """Nobody types the same twice because a sum was missing."""
    if typed and desk.keep_words(request, request.path, case_id, late=late):
        messages.info(request, _("What you typed is kept: see below."))


def _keep_typed(request: HttpRequest, staff: Staff, case_id: int, form: str, *, done: bool) -> None:
    """What was sent is no draft any more; what could not be sent is still there on the next page."""
    if done:
        services.discard_draft(case_id, form=form, acting_user=staff)
        return
    content = {name: request.POST.get(name, "") for name in FORMS[form]}
    services.save_draft(case_id, form=form, content=content, seen=0, acting_user=staff, now=now_of(request))
    if any(value.strip() for value in content.values()):
        messages.info(request, _("What you typed is kept: see below."))


def answered(request: HttpRequest, staff: Staff, case_id: int) -> HttpResponse:
    """Back to where the button was: the panel beside a list is drawn anew, a page is asked for again."""
    beside = asks_for_part(request, "beside")
    if not Case.every.filter(
        seen_alone(staff), pk=case_id
    ).exists():  # it was just handed to where this person does not reach
        return HttpResponseClientRefresh() if beside else redirect("console:cases")
    if beside:
        case: Case = access_case(staff, case_id)
        context = case_file.beside(staff, case, place=frame_of(request).deployment, now=now_of(request)) | {
            "row_too": True,
            "marks": clock_marks([case]),
        }
        context["kept"] = desk.kept_words(request, case)
        return render(request, "console/case_beside.html", context)
    return redirect(back_to(request, reverse("console:case", args=[case_id])))
