"""Learning: what failures cost and how sure that is, their causes in order, where and when they gather, and lessons."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amends.kernel.lifecycle import IllegalMove
from amends.kernel.money import Money
from amends.learn import selectors as learning
from amends.learn import services
from amends.learn.core.cost import LABELS
from amends.learn.core.hot_spots import HotSpot
from amends.learn.core.lesson import LESSON
from amends.learn.models import Lesson
from amends.people.core.rights import may
from amends.people.models import Unit
from amends.people.selectors import require
from amends.policy.selectors import deployment, version_in_force
from amends.web.charts import HeatRow, bar, heat_map
from amends.web.console import words
from amends.web.console.asked import cursor, one_of
from amends.web.console.forms import Note, Refusal
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.refusals import in_words
from amends.web.console.times import language

HEAT_ROWS = 12
BY: Mapping[str, str | Promise] = {
    "kind": gettext_lazy("by what happened"),
    "unit": gettext_lazy("by unit"),
    "step": gettext_lazy("by process step"),
    "responsible": gettext_lazy("by who is responsible"),
}


@staff_page("see_learning")
def costs_and_causes(request: HttpRequest) -> HttpResponse:
    """What failures cost, why, where and when."""
    staff = staff_of(request)
    by: Any = one_of(request, "by", get_args(learning.By), otherwise="kind")
    costs = learning.costs(staff)
    causes = learning.pareto(staff, by)
    spots = learning.hot_spots(staff)
    dearest = max((float(row.share) for row in causes), default=0.0) or 1.0
    most = max((line.amount.amount for line in costs.cost.lines), default=Decimal(0)) or Decimal(1)
    names = _place_names(spots)
    rows = _heat_rows(spots, names)
    context = {
        "costs": costs,
        "cost_lines": [(line, bar(float(line.amount.amount / most))) for line in costs.cost.lines],
        "by": by,
        "bys": BY.items(),
        "causes": [(row, bar(float(row.share) / dearest)) for row in causes],
        "heat": heat_map(rows, [str(hour) for hour in range(24)], title=_("Failures by place and hour"))
        if rows
        else "",
        "heat_narrow": heat_map(
            _two_hours_a_cell(rows),
            [str(hour) for hour in range(0, 24, 2)],
            title=_("Failures by place and hour"),
            narrow=True,
        ),
        "spots": [(names[spot.unit, spot.step], spot) for spot in spots if spot.hot],
        "places_left_out": len(names) - len(rows),
    }
    return render(request, "console/learn.html", context)


@staff_page("see_learning")
def lessons(request: HttpRequest) -> HttpResponse:
    """Lessons, the dearest cause first."""
    state = one_of(request, "state", LESSON.states)
    context = {
        "page": learning.lessons_for(staff_of(request), state=state, after=cursor(request)),
        "state": state,
        "states": [(code, words.state_word("lesson", code)) for code in LESSON.states],
    }
    return render(request, "console/lessons.html", context)


@staff_page("see_learning")
def lesson(request: HttpRequest, lesson_id: int) -> HttpResponse:
    """One lesson with its evidence."""
    staff = staff_of(request)
    found = learning.access_lesson(staff, lesson_id)
    evidence = found.evidence
    lines = evidence.get("lines", [])
    most = max((Decimal(line["amount"]) for line in lines), default=Decimal(0)) or Decimal(1)
    context = {
        "lesson": found,
        "lines": [
            (LABELS[line["name"]], Money(Decimal(line["amount"]), found.currency), line["confidence"], bar(share))
            for line in lines
            for share in [float(Decimal(line["amount"]) / most)]
        ],
        "share": float(evidence.get("share", 0)),
        "places": _places(evidence.get("places", [])),
        "moves": LESSON.moves_from(found.state) if may(staff.role, "work_learning") else {},
    }
    return render(request, "console/lesson.html", context)


ON_LESSON: Mapping[str, tuple[type[Note | Refusal], Callable[..., Lesson], str | Promise]] = {
    "confirm": (Note, services.confirm_lesson, gettext_lazy("Confirmed: this is so, and something should change.")),
    "reject": (Refusal, services.reject_lesson, gettext_lazy("Rejected, with your reason.")),
    "reconsider": (Note, services.reconsider_lesson, gettext_lazy("It is a draft again.")),
}


@require_POST
@staff_page("work_learning")
def on_lesson(request: HttpRequest, lesson_id: int, act: str) -> HttpResponse:
    """A person confirms or rejects what the system drafted, or looks at it anew."""
    staff = staff_of(request)
    require(staff, "see_learning")
    found = learning.access_lesson(staff, lesson_id)
    if act not in ON_LESSON:
        raise Http404
    form_class, service, success = ON_LESSON[act]
    form = form_class(request.POST)
    if not form.is_valid():
        messages.error(request, next(iter(form.errors.values()))[0])
        return redirect("console:lesson", found.pk)
    try:
        service(found.pk, acting_user=staff, now=now_of(request), note=form.cleaned_data["note"])
    except IllegalMove as refusal:
        messages.error(request, in_words(refusal))
    else:
        messages.success(request, success)
    return redirect("console:lesson", found.pk)


def _unit_names(codes: Iterable[str]) -> dict[str, str]:
    return {unit.code: getattr(unit, f"name_{language()}") for unit in Unit.objects.filter(code__in=set(codes))}


def _place_names(spots: Iterable[HotSpot]) -> dict[tuple[str, str], str]:
    """Unit and step in words, as the pack in force calls them."""
    version = version_in_force(deployment().blueprint_name).pk
    units = {"": _("No unit"), **_unit_names(spot.unit for spot in spots)}
    return {
        (spot.unit, spot.step): f"{units.get(spot.unit, spot.unit)} · {words.step_name(version, spot.step)}"
        for spot in spots
    }


def _heat_rows(spots: Iterable[HotSpot], names: Mapping[tuple[str, str], str]) -> list[HeatRow]:
    """The places with the most failures, hour by hour."""
    hours: dict[tuple[str, str], list[int]] = {}
    for spot in spots:
        hours.setdefault((spot.unit, spot.step), [0] * 24)[spot.hour] += spot.failures
    most = sorted(hours.items(), key=lambda item: -sum(item[1]))[:HEAT_ROWS]
    return [HeatRow(label=names[place], values=tuple(values)) for place, values in most]


def _two_hours_a_cell(rows: Iterable[HeatRow]) -> list[HeatRow]:
    """As many cells as a phone has room for."""
    return [
        HeatRow(label=row.label, values=tuple(sum(row.values[at : at + 2]) for at in range(0, len(row.values), 2)))
        for row in rows
    ]


def _places(places: list[dict[str, Any]]) -> list[tuple[str, int]]:
    names = _unit_names(place["unit"] for place in places)
    return [(names.get(place["unit"], place["unit"]), place["failures"]) for place in places]
