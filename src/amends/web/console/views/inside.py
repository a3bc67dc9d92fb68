"""Between colleagues: what did not work for an employee, told in two clicks; what one told, and what one answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.kernel.blueprint import Blueprint
from amends.people.models import Staff, Unit
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.core.inside import Group, Shown
from amends.recover.core.refusals import Declined
from amends.recover.links import token_of
from amends.recover.selectors import clock_marks
from amends.recover.selectors.circle import circle_of_case, confidential_for
from amends.recover.selectors.inside import inside_summary
from amends.recover.services import report_inside
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.views.reports import KEYS, Choice

SEES: Final[Mapping[str, str]] = {
    "person": _("you"),
    "unit_head": _("whoever heads the unit that is to answer"),
    "confidant": _("the confidant"),
}


class Told(forms.Form):
    """What somebody tells, besides its kind."""

    form = forms.RegexField(r"^[0-9a-f]{32}$")
    kind = forms.CharField(max_length=64, error_messages={"required": _("Please choose what happened.")})
    words = forms.CharField(
        max_length=2000, required=False, strip=True, error_messages={"max_length": _("Please keep it shorter.")}
    )
    unit = forms.CharField(max_length=64, required=False)
    about = forms.IntegerField(min_value=1, required=False)


@staff_page("report")
def page(request: HttpRequest) -> HttpResponse:
    """The choices, taking the report, and the cases of whose circle one is."""
    staff = staff_of(request)
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    form = Told(request.POST or None, initial={"form": uuid4().hex, "unit": staff.unit.code if staff.unit else ""})
    if request.method == "POST" and _told(request, staff, form, pack):
        return redirect("console:inside")
    answered = confidential_for(staff, told=False).rows
    mine = [(case, token_of(f"case:{case.pk}")) for case in confidential_for(staff, told=True).rows]
    context = {
        "form": form,
        "groups": _groups(pack),
        "units": Unit.objects.order_by("path"),
        "people": _people(staff),
        "answered": answered,
        "marks": clock_marks(answered),
        "mine": mine,
        "summary": _summary(staff, pack, now_of(request)),
    }
    return render(request, "console/inside.html", context, status=422 if form.errors else 200)


def _summary(staff: Staff, pack: Blueprint, now: datetime) -> tuple[Shown, list[tuple[str, Group]]] | None:
    """What may be shown, and its groups by their names; nothing to everybody but the confidant."""
    found = inside_summary(staff, pack, now=now)
    return None if found is None else (found, [(_kind(pack, one.name), one) for one in found.groups])


def _kind(pack: Blueprint, kind: str) -> str:
    known = pack.taxonomy.kinds.get(kind)
    return known.name.in_(language()) if known else kind


def _told(request: HttpRequest, staff: Staff, form: Told, pack: Blueprint) -> bool:
    """Take it down; False: the form says what is wrong."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    if given["kind"] not in pack.internal.kinds:
        form.add_error("kind", _("There is no such kind of failure."))
        return False
    unit = Unit.objects.filter(code=given["unit"]).first() if given["unit"] else None
    about = _people(staff).filter(pk=given["about"]).first() if given["about"] else None
    if (given["unit"] and unit is None) or (given["about"] and about is None):
        form.add_error(None, _("There is no such unit or colleague."))
        return False
    try:
        case = report_inside(
            form=given["form"],
            kind=given["kind"],
            unit=unit,
            words=given["words"],
            about=about,
            acting_user=staff,
            now=now_of(request),
        )
    except Declined as refusal:
        form.add_error(None, in_words(refusal))
        return False
    names = _together([one.staff.name for one in circle_of_case(case) if one.staff_id != staff.pk])
    messages.success(request, gettext("Thank you for telling. Only you and {names} see it.").format(names=names))
    return True


def _groups(pack: Blueprint) -> list[tuple[str, str, str, list[tuple[Choice, str]]]]:
    """The kinds as buttons, put together by who sees them, each with what one may expect."""
    keys = iter(KEYS)
    found = []
    for rule in pack.internal.circle:
        choices = []
        for code in rule.kinds:
            kind, promise = pack.taxonomy.kinds[code], pack.internal.promise_of(code)
            choice = Choice(
                code=code,
                name=kind.name.in_(language()),
                says=kind.description.in_(language()),
                key=next(keys, ""),
            )
            choices.append((choice, promise.in_(language()) if promise else ""))
        seen_by = _together([str(SEES[word]) for word in rule.members])
        found.append((rule.name.in_(language()), seen_by, rule.reason.in_(language()), choices))
    return found


def _together(names: Sequence[str]) -> str:
    """Several names as a sentence has them."""
    *first, last = names
    if language() == "zh":
        return "、".join(names)
    return f"{', '.join(first)} and {last}" if first else last


def _people(staff: Staff) -> QuerySet[Staff]:
    """Whom it may be about."""
    return Staff.objects.filter(is_active=True, acts_for=None).exclude(pk=staff.pk).order_by("name", "pk")
