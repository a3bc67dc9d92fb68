"""Absences: one's own and, for whoever leads, those of their people; shifts; who stands in for whom."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.people.core.rights import may
from amends.people.duty import (
    BadSpan,
    absences_for,
    access_planned,
    accounts_acting_for,
    enter_absence,
    may_stand_in,
    people_planned_by,
    set_shift,
    shifts_for,
    stand_ins_for,
    withdraw_absence,
)
from amends.people.models import Staff
from amends.people.selectors import NotAllowed, NotFound
from amends.policy.selectors import blueprint_of, version_in_force
from amends.web.console.asked import row_id
from amends.web.console.frame import frame_of, now_of, staff_of, staff_page
from amends.web.console.words import calendar_name, calendars_of

MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


class Span(forms.Form):
    """Who is away, from when until when, and who stands in."""

    staff = forms.IntegerField(min_value=1)
    starts_at = forms.DateTimeField(input_formats=MOMENT)
    ends_at = forms.DateTimeField(input_formats=MOMENT)
    stand_in = forms.IntegerField(min_value=1, required=False)
    note = forms.CharField(max_length=200, required=False, strip=True)


class Working(forms.Form):
    """From which day on somebody works by which calendar."""

    staff = forms.IntegerField(min_value=1)
    calendar = forms.CharField(max_length=64)
    from_day = forms.DateField()


@staff_page()
def inbox(request: HttpRequest) -> HttpResponse:
    """Who is away or will be, and a form to enter it; `?of=` chooses whose."""
    staff, now = staff_of(request), now_of(request)
    people = people_planned_by(staff)
    of = _chosen(staff, row_id(request, "of"))
    shifts, version = shifts_for(staff), _version(request)
    context = {
        "absences": absences_for(staff, now=now),
        "stand_ins": stand_ins_for(staff, now=now),
        "second_accounts": accounts_acting_for(staff),
        "people": people,
        "of": of,
        "shift": shifts.get(of.pk),
        "shifts": [(one, shifts[one.pk]) for one in people if one.pk in shifts],
        "choices": may_stand_in(of) if may(of.role, "approve") else [],
        "works_by": calendar_name(version, shifts[of.pk].calendar) if of.pk in shifts else "",
        "calendars": calendars_of(version),
        "now": now,
    }
    return render(request, "console/absences.html", context)


@require_POST
@staff_page()
def enter(request: HttpRequest) -> HttpResponse:
    """Enter an absence."""
    staff, form = staff_of(request), Span(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a beginning and an end."))
        return redirect("console:absences")
    given = form.cleaned_data
    access_planned(staff, given["staff"])
    try:
        enter_absence(
            given["staff"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            note=given["note"],
            stand_in_id=given["stand_in"],
            acting_user=staff,
            now=now_of(request),
        )
    except BadSpan:
        messages.error(request, _("The end has to lie after the beginning and in the future, within two years."))
    except NotAllowed:
        messages.error(request, _("A stand-in has to reach the same units, rank no lower, and be somebody else."))
    else:
        messages.success(request, _("Entered. What waits for approval goes to the stand-in, or to the next."))
    return redirect("console:absences")


@require_POST
@staff_page()
def withdraw(request: HttpRequest, absence_id: int) -> HttpResponse:
    """It does not take place, or ends now."""
    withdraw_absence(absence_id, acting_user=staff_of(request), now=now_of(request))
    messages.success(request, _("The absence is taken back."))
    return redirect("console:absences")


@require_POST
@staff_page()
def shift(request: HttpRequest) -> HttpResponse:
    """From a day on, somebody works by a calendar."""
    staff, form = staff_of(request), Working(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a calendar and a day."))
        return redirect("console:absences")
    given = form.cleaned_data
    try:
        set_shift(
            given["staff"],
            calendar=given["calendar"],
            from_day=given["from_day"],
            calendars=blueprint_of(_version(request)).calendars,
            acting_user=staff,
            now=now_of(request),
        )
    except ValueError:
        messages.error(request, _("There is no such calendar."))
    else:
        messages.success(request, _("The shift is entered."))
    return redirect("console:absences")


def _chosen(staff: Staff, of: int | None) -> Staff:
    if of is None or of == staff.pk:
        return staff
    try:
        return access_planned(staff, of)
    except NotFound:
        return staff


def _version(request: HttpRequest) -> int:
    """The version in force, whose calendars people work by."""
    return version_in_force(frame_of(request).deployment.blueprint_name).pk
