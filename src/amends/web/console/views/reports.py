"""An employee reports a failure: one tap to the page, one on what happened. Thanked, and not held against anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from amends.kernel.blueprint import Blueprint
from amends.kernel.blueprint.standard_parts import Standard
from amends.monitor.self_reports import kinds_often_at_home, own_report, subjects_at_home, who_sees_reporters
from amends.people.core.rights import may
from amends.people.models import Unit
from amends.people.selectors import NotFound, unit_for
from amends.policy.selectors import blueprint_of, deployment, version_in_force
from amends.recover.services import report_failure
from amends.web.console import words
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.times import language
from amends.web.console.units import units_to_choose

KEYS: Final = "asdfghjkwertuiopzxcvbnm"  # of the kinds on the page, without those that every page has


class Report(forms.Form):
    """What a report says, besides its kind."""

    form = forms.RegexField(r"^[0-9a-f]{32}$")
    kind = forms.CharField(max_length=64, error_messages={"required": _("Please choose what happened.")})
    about = forms.CharField(max_length=300, required=False, strip=True)
    words = forms.CharField(
        max_length=500, required=False, strip=True, error_messages={"max_length": _("Please keep it to a sentence.")}
    )
    unit = forms.CharField(max_length=64, required=False)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A kind of failure as a button."""

    code: str
    name: str
    says: str
    key: str


@staff_page("report")
def report(request: HttpRequest) -> HttpResponse:
    """The choices, and taking the report."""
    staff = staff_of(request)
    if request.method != "POST":
        home = staff.unit.code if staff.unit else ""
        return _choices(request, Report(initial={"form": uuid4().hex, "unit": home}))
    form = Report(request.POST)
    known = blueprint_of(version_in_force(deployment().blueprint_name).pk).kinds_of_customers
    if form.is_valid() and form.cleaned_data["kind"] not in known:
        form.add_error("kind", _("There is no such kind of failure."))
    if not form.is_valid():
        return _choices(request, form)
    given = form.cleaned_data
    unit: Unit | None = staff.unit
    if given["unit"]:
        try:
            unit = unit_for(staff, given["unit"])
        except NotFound:
            form.add_error("unit", _("There is no such unit here."))
            return _choices(request, form)
    failure = report_failure(
        form=given["form"],
        kind=given["kind"],
        subject=given["about"],
        unit=unit,
        words=given["words"],
        acting_user=staff,
        now=now_of(request),
    )
    return redirect("console:report_thanks", failure.pk)


@staff_page("report")
def thanks(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Thank whoever reported, and say what becomes of it."""
    staff = staff_of(request)
    told = own_report(staff, failure_id)
    context = {"told": told, "failure": told.failure, "sees": may(staff.role, "see_incidents"), "readers": readers()}
    return render(request, "console/report_thanks.html", context)


def readers() -> str:
    """Who reads the names, in words."""
    named = [str(words.ROLE[role]) for role in who_sees_reporters()]
    return ("、" if language() == "zh" else ", ").join(named)


def _kinds_seen(pack: Blueprint) -> list[str]:
    """The kinds of failure that a person can see happen; what only counting shows, nobody is asked to report."""
    counted = {one.failure for one in pack.standards if _counts(one)}
    counted -= {one.failure for one in pack.standards if not _counts(one)}
    return [code for code in pack.kinds_of_customers if code not in counted]


def _counts(standard: Standard) -> bool:
    """Whether it tells of other failures, or of somebody who stays away."""
    return standard.lapses is not None or (standard.repeats is not None and standard.repeats.failures is not None)


def _choices(request: HttpRequest, form: Report) -> HttpResponse:
    staff = staff_of(request)
    pack = blueprint_of(version_in_force(deployment().blueprint_name).pk)
    taxonomy, kinds = pack.taxonomy, _kinds_seen(pack)
    often = [code for code in kinds_often_at_home(staff) if code in kinds]
    keys = iter(KEYS)
    groups: dict[str, list[Choice]] = {}
    said: Mapping[str, Choice] = {
        code: Choice(
            code=code,
            name=taxonomy.kinds[code].name.in_(language()),
            says=taxonomy.kinds[code].description.in_(language()),
            key=next(keys, ""),
        )
        for code in [*often, *(code for code in kinds if code not in often)]
    }
    for code in kinds:
        if code not in often:
            groups.setdefault(taxonomy.steps[taxonomy.kinds[code].step].in_(language()), []).append(said[code])
    context = {
        "form": form,
        "often": [said[code] for code in often],
        "groups": list(groups.items()),
        "subjects": subjects_at_home(staff),
        "units": units_to_choose(staff),
        "whole_company": staff.unit_id is None,
        "readers": readers(),
        "more": bool(form.is_bound or form.errors),
    }
    return render(request, "console/report.html", context, status=422 if form.errors else 200)
