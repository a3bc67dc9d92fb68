"""The editor of standards: one as YAML, judged as it is typed, tried on history, published; and what it was before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.blueprint import BlueprintErrors, Problem
from amends.monitor.core.refusals import NotDone
from amends.monitor.drafting import (
    InForce,
    access_backtest,
    access_standard,
    changes_of,
    compared_lines,
    in_force,
    require_standards,
    tried,
    with_suggestion,
)
from amends.monitor.recorded import history_now
from amends.monitor.services import backtests as trials
from amends.monitor.services.standards import publish_standard, withdraw_standard
from amends.monitor.sources.drafts import EXAMPLE, Draft, standard_in, written
from amends.people.core.rights import may
from amends.people.models import Staff
from amends.people.selectors import NotFound
from amends.policy.selectors import deployment
from amends.web.console.asked import row_id
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.times import language
from amends.web.console.words import calendars_of, standard_name

NEW: Final = "new"  # in an address, where the standard is not there yet
LONGEST: Final = 20_000  # characters of a draft


FORMS: Final[Sequence[tuple[str, str | Promise]]] = (
    ("opens: {type, where}", gettext_lazy("The signal that starts a promise; `where` is optional.")),
    ("closes: {type, where}", gettext_lazy("The signal of the same subject that keeps it.")),
    (
        "due: {at: data.FIELD, plus: PT15M}",
        gettext_lazy("Due so long after a time that the opening signal carries."),
    ),
    ("due: {after: PT2H}", gettext_lazy("Due so long after the opening signal.")),
    (
        'due: {by: "10:00", days: 1, calendar: NAME, cutoff: "18:00"}',
        gettext_lazy("Due by a time of day, so many business days on."),
    ),
    ("warn: PT30M", gettext_lazy("At risk so long before it is due.")),
    ("gives_up: PT12H", gettext_lazy("So long after it was due, late becomes never.")),
    ("forbids: {type, where}", gettext_lazy("A signal that must not come; instead of opens, closes and due.")),
    ("revises: {type, where, due, reason: data.FIELD}", gettext_lazy("A signal that moves the due time, and why.")),
    ("cancels: {type, where}", gettext_lazy("A signal that ends the promise without a failure.")),
    ("limits: {type, where}, value: data.FIELD, above: 30", gettext_lazy("A value that must stay within limits.")),
    ("steps: [{type}, {type}], optional: [TYPE]", gettext_lazy("Steps that must come, in this order.")),
    ("hears: {types: any}, silent_for: PT48H", gettext_lazy("Something must be heard of a subject at least so often.")),
    ("lapses: {type, where}, after: 3, factor: 3", gettext_lazy("A customer who used to buy and no longer does.")),
    (
        "repeats: {type, where}, by: customer, times: 3, within: P7D",
        gettext_lazy("The same thing so many times within a span."),
    ),
    ("voices: {type, where}, text: data.FIELD", gettext_lazy("Words or ratings in which a customer complains.")),
    (
        "rate: {of: {type}, bad: CONDITION}, window: PT1H, chart: p",
        gettext_lazy("A share or a count that must stay within what is usual for its unit."),
    ),
    ("failure: KIND", gettext_lazy("The kind of failure it is when broken.")),
    ("name: {en: ..., zh: ...}", gettext_lazy("What people call it, in both languages.")),
)
"""The lines that a standard is made of, for whoever writes one."""


class Sent(forms.Form):
    """What the editor sends; each button needs a part of it."""

    text = forms.CharField(max_length=LONGEST, strip=False, required=False)
    base = forms.IntegerField(min_value=1)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    why = forms.CharField(max_length=2_000, required=False)
    untried = forms.CharField(max_length=2_000, required=False)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A draft as it was typed, or what is wrong with it."""

    draft: Draft | None
    problems: Sequence[Problem]


@require_safe
@staff_page("work_standards")
def edit(request: HttpRequest, standard_id: str) -> HttpResponse:
    """The editor, with what is in force, what an earlier version said, or what was tried."""
    staff = staff_of(request)
    base, declared = _standard(request, standard_id)
    text = _begun(staff, standard_id) if declared is None else written(declared)
    number = row_id(request, "version")
    if number is not None:
        text = next((one.text for one in changes_of(staff, standard_id) if one.number == number and one.text), text)
    elif (run := row_id(request, "backtest")) is not None:
        trial = access_backtest(staff, run)
        text = with_suggestion(trial, row_id(request, "precision")) or trial.text
    return _page(request, standard_id, base, declared, {"text": text, "base": base.version.number})


@require_POST
@staff_page("work_standards")
def check(request: HttpRequest, standard_id: str) -> HttpResponse:
    """What is wrong with the draft, or what it changes: a part of the editor."""
    base, declared = _standard(request, standard_id)
    text = _text(request)
    judged = _judged(text, base, declared)
    context = {"standard_id": standard_id, **_said_of(judged, base, declared)}
    return render(request, "parts/drafts/checked.html", context)


@require_POST
@staff_page("work_standards")
def backtest(request: HttpRequest, standard_id: str) -> HttpResponse:
    """Have the draft tried on the days that were chosen."""
    base, declared = _standard(request, standard_id)
    form = Sent(request.POST)
    given = _given(form)
    judged = _judged(given["text"], base, declared)
    if judged.draft is None:
        return _page(request, standard_id, base, declared, given)
    since, until = given.get("since"), given.get("until")
    if since is None or until is None:
        return _page(request, standard_id, base, declared, given, refused=_("Choose the first and the last day."))
    try:
        run = trials.ask_backtest(
            judged.draft,
            text=given["text"],
            since=_midnight(since),
            until=_midnight(until + timedelta(days=1)) - timedelta(microseconds=1),
            acting_user=staff_of(request),
            now=now_of(request),
        )
    except NotDone as refusal:
        return _page(request, standard_id, base, declared, given, refused=refusal.said.in_(language()))
    return redirect("console:backtest", run.pk)


@require_POST
@staff_page("work_standards")
def publish(request: HttpRequest, standard_id: str) -> HttpResponse:
    """Put the draft in force."""
    base, declared = _standard(request, standard_id)
    form = Sent(request.POST)
    given = _given(form)
    judged = _judged(given["text"], base, declared)
    if judged.draft is None:
        return _page(request, standard_id, base, declared, given)
    try:
        version = publish_standard(
            judged.draft,
            base=given.get("base") or 0,
            why=given.get("why", ""),
            untried=given.get("untried", ""),
            locale=language(),
            acting_user=staff_of(request),
            now=now_of(request),
        )
    except NotDone as refusal:
        return _page(request, standard_id, base, declared, given, refused=refusal.said.in_(language()))
    messages.success(
        request, _("Version {number} is in force. The monitor judges by it from now on.").format(number=version.number)
    )
    return redirect("console:standard_versions", judged.draft.standard)


@require_POST
@staff_page("work_standards")
def withdraw(request: HttpRequest, standard_id: str) -> HttpResponse:
    """Judge by it no more."""
    base, declared = _standard(request, standard_id)
    given = _given(Sent(request.POST))
    try:
        version = withdraw_standard(
            standard_id,
            base=given.get("base") or 0,
            why=given.get("why", ""),
            acting_user=staff_of(request),
            now=now_of(request),
        )
    except NotDone as refusal:
        if declared is not None and not given["text"]:
            given["text"] = written(declared)
        return _page(request, standard_id, base, declared, given, refused=refusal.said.in_(language()))
    messages.success(request, _("Withdrawn with version {number}. What it found stays.").format(number=version.number))
    return redirect("console:standard_versions", standard_id)


@require_safe
@staff_page("see_blueprints")
def versions(request: HttpRequest, standard_id: str) -> HttpResponse:
    """All that a standard ever said, who changed it, and why."""
    staff = staff_of(request)
    changes = changes_of(staff, standard_id)
    base = in_force()
    context = {
        "standard_id": standard_id,
        "title": _title(base, standard_id),
        "changes": [(change, place == 0 and change.text is not None) for place, change in enumerate(changes)],
        "edits": may(staff.role, "work_standards"),
        "there": base.declared(standard_id) is not None,
    }
    return render(request, "console/standard_versions.html", context)


def _standard(request: HttpRequest, standard_id: str) -> tuple[InForce, Mapping[str, Any] | None]:
    """What is in force, and the standard that an address names; None for a new one, or one that was withdrawn."""
    staff = staff_of(request)
    try:
        return access_standard(staff, standard_id)
    except NotFound:
        require_standards(staff)
        if standard_id != NEW:
            changes_of(staff, standard_id)  # there was one, or it is not found
        return in_force(), None


def _begun(staff: Staff, standard_id: str) -> str:
    """What the editor begins with where nothing of that id is in force: what it said last, or an example."""
    if standard_id == NEW:
        return EXAMPLE
    return next((one.text for one in changes_of(staff, standard_id) if one.text), EXAMPLE)


def _judged(text: str, base: InForce, declared: Mapping[str, Any] | None) -> Judged:
    try:
        draft = standard_in(text, base.pack, standard_id=None if declared is None else str(declared["id"]))
    except BlueprintErrors as errors:
        return Judged(draft=None, problems=errors.problems)
    return Judged(draft=draft, problems=())


def _said_of(judged: Judged, base: InForce, declared: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a person should know of a draft: faults, or its changes and whether it was tried."""
    draft = judged.draft
    if draft is None or draft.pack is None:
        return {"problems": judged.problems}
    after = InForce(version=base.version, pack=draft.pack).declared(draft.standard)
    lines = list(compared_lines(declared, after))
    return {
        "problems": (),
        "lines": lines if any(mark != " " for mark, _line in lines) else [],
        "tried": tried(draft.digest, against=base.version),
    }


def _page(
    request: HttpRequest,
    standard_id: str,
    base: InForce,
    declared: Mapping[str, Any] | None,
    given: Mapping[str, Any],
    *,
    refused: str = "",
) -> HttpResponse:
    judged = _judged(given["text"], base, declared)
    recorded = history_now()
    last = recorded.until or now_of(request).date()
    first = max(recorded.since or last, last - timedelta(days=30))
    # whoever saw an older version is told so once, with what they typed; then the new one is what they build on
    context = {
        "standard_id": standard_id,
        "title": _title(base, standard_id),
        "is_new": declared is None,
        "given": {"since": first, "until": last, **{name: value for name, value in given.items() if value}},
        "base": base.version,
        "moved_on": given.get("base") not in (None, base.version.number),
        "refused": refused,
        "recorded": recorded,
        "forms": FORMS,
        "calendars": calendars_of(base.version.pk),
        "kinds": [(code, kind.name.in_(language())) for code, kind in base.pack.kinds_of_customers.items()],
        **_said_of(judged, base, declared),
    }
    failed = refused or (request.method == "POST" and judged.problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
    return render(request, "console/standard_edit.html", context, status=status)


def _title(base: InForce, standard_id: str) -> str:
    if standard_id == NEW and base.declared(NEW) is None:
        return _("A new standard")
    return standard_name(base.version.pk, standard_id)


def _given(form: Sent) -> dict[str, Any]:
    """What of the form can be read; the rest is as if nobody had filled it in."""
    form.is_valid()
    return {"text": "", **form.cleaned_data}


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")[:LONGEST]


def _midnight(day: date) -> datetime:
    """The beginning of a day of the deployment."""
    return datetime.combine(day, time(), ZoneInfo(deployment().timezone))
