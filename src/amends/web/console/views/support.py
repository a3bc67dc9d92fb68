"""Support for employees: one's own, and what one is to give. No page shows anybody else's."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.kernel.lifecycle import IllegalMove
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotAllowed
from amends.recover.core.refusals import Unfit
from amends.recover.core.support import KINDS, OPEN
from amends.recover.selectors.support import (
    access_support,
    my_support,
    support_given,
    support_to_give,
    whom_to_ask,
    whom_to_offer,
)
from amends.recover.services import ask_support, move_support, offer_support, say_how_it_was
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.views.preferences import back_to

MOVES: Final = ("accept", "decline", "withdraw", "do")
DONE: Final[Mapping[str, Any]] = {
    "accept": _("Agreed. Both of you see by when."),
    "decline": _("That is fine. Nobody else hears of it."),
    "withdraw": _("Taken back."),
    "do": _("Good. The other one sees that it is done."),
}


class Asked(forms.Form):
    """What somebody asks for or offers."""

    form = forms.RegexField(r"^[0-9a-f]{32}$")
    kind = forms.ChoiceField(
        choices=[(kind, kind) for kind in KINDS],
        error_messages={"required": _("Choose what would help."), "invalid_choice": _("Choose what would help.")},
    )
    words = forms.CharField(
        max_length=500, required=False, strip=True, error_messages={"max_length": _("Please keep it to a sentence.")}
    )
    to = forms.IntegerField(min_value=1, required=False)
    case = forms.IntegerField(min_value=1, required=False)


class Said(forms.Form):
    """How it was."""

    helped = forms.IntegerField(min_value=1, max_value=5, error_messages={"required": _("Choose from 1 to 5.")})
    words = forms.CharField(max_length=500, required=False, strip=True)


@staff_page()
def mine(request: HttpRequest) -> HttpResponse:
    """What one asked for and was offered, and asking for more."""
    staff = staff_of(request)
    form = Asked(request.POST or None, initial={"form": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            support = ask_support(
                form=given["form"],
                kind=given["kind"],
                words=given["words"],
                to=given["to"],
                case_id=given["case"],
                acting_user=staff,
                now=now_of(request),
            )
        except Unfit as refusal:
            form.add_error(None, in_words(refusal))
        else:
            messages.success(request, _asked(support.supporter))
            return redirect(back_to(request, reverse("console:support")))
    rows = my_support(staff)
    context = {
        "form": form,
        "offers": [one for one in rows if one.state == "offered"],
        "going_on": [one for one in rows if one.state in OPEN and one.state != "offered"],
        "ended": [one for one in rows if one.state not in OPEN],
        "kinds": kinds(),
        "people": whom_to_ask(staff),
        "gives": may(staff.role, "work_teams"),
    }
    return render(request, "console/support.html", context, status=422 if form.errors else 200)


@staff_page("work_teams")
def give(request: HttpRequest) -> HttpResponse:
    """What others asked of this person, by when, and offering some."""
    staff = staff_of(request)
    form = Asked(request.POST or None, initial={"form": uuid4().hex})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        support = offer_support(
            form=given["form"],
            kind=given["kind"],
            words=given["words"],
            to=given["to"] or 0,
            acting_user=staff,
            now=now_of(request),
        )
        messages.success(request, gettext("Offered. Only you and {name} see it.").format(name=support.employee.name))
        return redirect("console:support_give")
    context = {
        "form": form,
        "rows": support_to_give(staff),
        "given": support_given(staff),
        "kinds": kinds(),
        "people": whom_to_offer(staff),
        "now": now_of(request),
    }
    return render(request, "console/support_give.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page()
def act(request: HttpRequest, support_id: int, act: str) -> HttpResponse:
    """One move, by whose it is."""
    staff = staff_of(request)
    support = access_support(staff, support_id)
    if act not in (*MOVES, "say"):
        raise Http404
    here = reverse("console:support" if support.employee_id == staff.pk else "console:support_give")
    try:
        if act == "say":
            form = Said(request.POST)
            if form.is_valid():
                say_how_it_was(support_id, acting_user=staff, now=now_of(request), **form.cleaned_data)
                messages.success(request, gettext("Thank you for saying so."))
            else:
                messages.error(request, gettext("Choose from 1 to 5."))
        else:
            move_support(support_id, move=act, acting_user=staff, now=now_of(request))
            messages.success(request, DONE[act])
    except (IllegalMove, NotAllowed) as refusal:
        messages.error(request, in_words(refusal))
    return redirect(back_to(request, here))


def kinds() -> list[tuple[str, str]]:
    """What can help, in the reader's language."""
    return [(code, words.in_(language())) for code, words in KINDS.items()]


def _asked(supporter: Staff | None) -> str:
    if supporter is None:
        return gettext("Asked. Only you see it until there is somebody who can support you.")
    return gettext("Asked. Only you and {name} see it.").format(name=supporter.name)
