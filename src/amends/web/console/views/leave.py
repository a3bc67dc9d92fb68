"""Leave on the console: who may decide a sum, gestures, complaints in writing, splits to look at."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from amends.recover.core.splits import PATTERN_WORDS, SPLIT
from amends.recover.selectors import access_case, access_split, explain_authority, splits_for
from amends.recover.selectors.explaining import KINDS
from amends.recover.services import keep_written_complaint, look_at_split, make_gesture
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.forms import Act, Refusal, SumField
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import REFUSALS, in_words
from amends.web.console.views.acts import answered
from amends.web.console.views.preferences import back_to

SUM_MISSING = _("Please enter a sum, such as 150.")


class Asked(forms.Form):
    """A sum that somebody wonders about."""

    amount = SumField(
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        error_messages={"required": SUM_MISSING, "invalid": SUM_MISSING, "min_value": SUM_MISSING},
    )
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS], required=False)


class Complaint(Act):
    """The customer's complaint, as typed or as a text file."""

    words = forms.CharField(max_length=20_000, required=False, strip=True)
    file = forms.FileField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """The words, from wherever they came."""
        given: dict[str, Any] = super().clean() or {}
        file = given.pop("file", None)
        if file is not None and not given.get("words"):
            if file.size > 100_000:
                raise forms.ValidationError(_("The file is too large; at most 100 kB of plain text."))
            try:
                given["words"] = file.read().decode("utf-8-sig").replace("\0", "").strip()
            except UnicodeDecodeError:
                raise forms.ValidationError(_("This is no plain text (UTF-8).")) from None
        if not given.get("words"):
            raise forms.ValidationError(_("Please enter the customer's words, or choose a text file."))
        if len(given["words"]) > 20_000:
            raise forms.ValidationError(_("That is more than 20,000 characters."))
        return given


@require_GET
@staff_page("see_cases")
def explain(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who may decide a sum in this case, and why: beside the field that it was entered in, or as a page of its own."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    form = Asked(request.GET)
    explained = None
    if form.is_valid():
        kind = form.cleaned_data["kind"] or "compensation"
        explained = explain_authority(
            case, amount=form.cleaned_data["amount"], kind=kind, person=staff, now=now_of(request)
        )
    context = {
        "case": case,
        "explained": explained,
        "errors": [error for errors in form.errors.values() for error in errors],
        "amount": request.GET.get("amount", "")[:20],
        "kind": request.GET.get("kind", "compensation"),
        "kinds": [(kind, words.ACTION_KIND[kind]) for kind in KINDS],
    }
    part = asks_for_part(request, "authority")
    return render(request, "parts/authority.html" if part else "console/authority.html", context)


@require_POST
@staff_page("work_cases")
def gesture(request: HttpRequest, case_id: int, gesture_id: str) -> HttpResponse:
    """Give the small thing that is always allowed."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    form = Act(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        make_gesture(case.pk, gesture_id, acting_user=staff, now=now_of(request), version=version)
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("Given. The customer has it in writing."))
    return answered(request, staff, case.pk)


@require_POST
@staff_page("work_cases")
def complaint(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep the customer's complaint in writing."""
    staff = staff_of(request)
    case = access_case(staff, case_id)
    form = Complaint(request.POST, request.FILES)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
        return _back(request, case.pk)
    given = form.cleaned_data
    try:
        keep_written_complaint(
            case.pk, words=given["words"], version=given["version"], acting_user=staff, now=now_of(request)
        )
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("The complaint in writing is on record."))
    return _back(request, case.pk)


@staff_page("approve")
def splits(request: HttpRequest) -> HttpResponse:
    """Sums that look like one cut into parts, the latest first."""
    state = one_of(request, "state", SPLIT.states, otherwise=SPLIT.initial)
    context = {
        "page": splits_for(staff_of(request), state=state, after=cursor(request)),
        "state": state,
        "states": [(code, words.state_word("split", code)) for code in SPLIT.states],
        "patterns": PATTERN_WORDS,
    }
    return render(request, "console/splits.html", context)


@require_POST
@staff_page("approve")
def on_split(request: HttpRequest, split_id: int, act: str) -> HttpResponse:
    """Say what it was."""
    staff = staff_of(request)
    split = access_split(staff, split_id)
    if act not in SPLIT.move_labels:
        return redirect("console:splits")
    form = Refusal(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            for error in errors:
                messages.error(request, error)
        return redirect("console:splits")
    try:
        look_at_split(split.pk, move=act, note=form.cleaned_data["note"], acting_user=staff, now=now_of(request))
    except REFUSALS as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, _("It is on record what this was."))
    return redirect("console:splits")


def _back(request: HttpRequest, case_id: int) -> HttpResponse:
    return redirect(back_to(request, reverse("console:case", args=[case_id])))
