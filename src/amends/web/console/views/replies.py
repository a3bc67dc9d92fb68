"""Canned replies and macros: a page to look after them, and a macro previewed and run on a case."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.people.models import Staff
from amends.recover.core.canned import VARIABLES, UnknownVariables
from amends.recover.core.macro import ACTS, LABELS, MOST_HOURS, MOST_STEPS, NEEDS, BadMacro
from amends.recover.models import CannedReply, Macro
from amends.recover.selectors import (
    access_case,
    access_macro,
    access_reply,
    macros_for,
    may_change,
    may_share,
    replies_for,
)
from amends.recover.selectors.replies import LEADERS
from amends.recover.services import (
    preview_macro,
    retire_macro,
    retire_reply,
    run_macro,
    save_macro,
    save_reply,
)
from amends.web.console import words
from amends.web.console.asked import row_id
from amends.web.console.forms import MacroForm, ReplyForm
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.units import units_to_choose


@require_safe
@staff_page("work_cases")
def prepared(request: HttpRequest) -> HttpResponse:
    """All that the person may use, each with whether they may change it."""
    staff = staff_of(request)
    context = {
        "replies": [(row, may_change(staff, row)) for row in replies_for(staff)],
        "macros": [(row, may_change(staff, row), _steps_said(row)) for row in macros_for(staff)],
    }
    return render(request, "console/replies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("work_cases")
def reply(request: HttpRequest, reply_id: int | None = None) -> HttpResponse:
    """Write a canned reply or change one."""
    staff = staff_of(request)
    row = access_reply(staff, reply_id) if reply_id is not None else None
    initial = {"whose": "own"} if row is None else {**_initial(row), **{name: getattr(row, name) for name in _TEXTS}}
    form = ReplyForm(request.POST or None, initial=initial, units=_units(staff), shares=may_share(staff, None))

    def save(given: dict[str, Any]) -> None:
        save_reply(reply_id, acting_user=staff, now=now_of(request), **given)

    return _edited(request, form, row, save, template="console/reply.html", context={"variables": _variables()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("work_cases")
def macro(request: HttpRequest, macro_id: int | None = None) -> HttpResponse:
    """Put a macro together or change one."""
    staff = staff_of(request)
    row = access_macro(staff, macro_id) if macro_id is not None else None
    initial = {"whose": "own"} if row is None else _initial(row)
    form = MacroForm(request.POST or None, initial=initial, units=_units(staff), shares=may_share(staff, None))
    steps = _steps_sent(request) if request.method == "POST" else (row.steps if row else [])

    def save(given: dict[str, Any]) -> None:
        save_macro(macro_id, steps=steps, acting_user=staff, now=now_of(request), **given)

    blank = [{} for _ in range(min(3, MOST_STEPS - len(steps)))]
    context = {
        "steps": [*steps, *blank],
        "acts": [(act, LABELS[act].in_(language())) for act in ACTS],
        "replies": list(replies_for(staff)),
        "kinds": words.ACTION_KIND.items(),
        "most_hours": MOST_HOURS,
        "items": words.checklist_in_force(),
        "variables": _variables(),
    }
    return _edited(request, form, row, save, template="console/macro.html", context=context)


@require_POST
@staff_page("work_cases")
def retire(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Offer it no more."""
    act = retire_reply if what == "replies" else retire_macro
    act(pk, acting_user=staff_of(request), now=now_of(request))
    messages.success(request, _("It is no longer offered."))
    return redirect("console:replies")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page("work_cases")
def on_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A macro on a case: what it would do, and after pressing, what it did."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    chosen = row_id(request, "macro")
    if chosen is None:
        messages.error(request, _("Please choose a macro first."))
        return redirect("console:case", case.pk)
    row = access_macro(staff, chosen)
    context: dict[str, Any] = {"case": case, "macro": row}
    if request.method == "POST":
        results = run_macro(row.pk, case.pk, acting_user=staff, now=now_of(request))
        said = [(result, in_words(result.why) if result.why else "") for result in results]
        context |= {"results": said, "whole": all(one.state in {"done", "waiting"} for one in results)}
    else:
        foreseen = preview_macro(row.pk, case.pk, acting_user=staff, now=now_of(request))
        context |= {"foreseen": [(one, in_words(one.why_not) if one.why_not else "") for one in foreseen]}
    return render(request, "console/macro_on_case.html", context)


_TEXTS = ("subject_en", "subject_zh", "body_en", "body_zh")


def _edited(
    request: HttpRequest,
    form: forms.Form,
    row: CannedReply | Macro | None,
    save: Callable[[dict[str, Any]], None],
    *,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except UnknownVariables as refusal:
            names = ", ".join(f"{{{name}}}" for name in refusal.names)
            form.add_error(None, _("There is no such variable: {names}.").format(names=names))
        except BadMacro as refusal:
            form.add_error(None, refusal.why.in_(language()))
        except ValueError:
            form.add_error(None, _("A brace is not closed, or holds something else than a variable."))
        else:
            messages.success(request, _("Saved."))
            return redirect("console:replies")
    shown = {"form": form, "row": row, "mine": row is None or may_change(staff_of(request), row)}
    status = 400 if request.method == "POST" else 200
    return render(request, template, context | shown, status=status)


def _initial(row: CannedReply | Macro) -> dict[str, Any]:
    whose = "own" if row.owner_id else "unit" if row.unit_id else "shared"
    return {"name": row.name, "whose": whose, "unit": row.unit.code if row.unit else ""}


def _units(staff: Staff) -> list[tuple[str, str]]:
    """The units for which the person may write."""
    own = language() == "zh"
    units = units_to_choose(staff) if staff.role in LEADERS else []
    return [(unit.code, unit.name_zh if own else unit.name_en) for unit in units]


def _variables() -> list[tuple[str, str]]:
    return [(name, said.in_(language())) for name, said in VARIABLES.items()]


def _steps_sent(request: HttpRequest) -> list[dict[str, Any]]:
    """The steps of the form, in order; a row without an act is none."""
    steps = []
    for place in range(MOST_STEPS):
        act = request.POST.get(f"act-{place}", "")
        if not act:
            continue
        step: dict[str, Any] = {"act": act}
        if need := NEEDS.get(act):  # type: ignore[call-overload]  # an unknown act has no need
            given = request.POST.get(f"{need}-{place}", "").strip()[:2000]
            step[need] = (
                (int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0)
                if need in {"reply", "hours"}
                else given
            )
        steps.append(step)
    return steps


def _steps_said(row: Macro) -> list[str]:
    return [LABELS[step["act"]].in_(language()) for step in row.steps]
