"""Predictions: how good the model is and whether it still fits, hot spots, and early interventions."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.kernel.lifecycle import IllegalMove
from amends.monitor.core.prediction.lifecycles import INTERVENTION, TRAINING
from amends.monitor.core.refusals import NotDone
from amends.monitor.drafting import require_standards
from amends.monitor.foreseen import access_intervention, interventions_for, outcomes_for, standing_for
from amends.monitor.models import Training
from amends.monitor.services import intervening
from amends.people.core.rights import may
from amends.policy.selectors import blueprint_of
from amends.web.console.asked import cursor, one_of
from amends.web.console.frame import now_of, staff_of, staff_page
from amends.web.console.parts import asks_for_part
from amends.web.console.refusals import in_words
from amends.web.console.times import language
from amends.web.console.words import kind_name, standard_name
from amends.web.reliability_chart import reliability_chart

WAYS: Final[Mapping[str, str | Promise]] = {
    "boosting": gettext_lazy("This model"),
    "logistic": gettext_lazy("Logistic regression"),
    "base_rate": gettext_lazy("Base rate of the standard"),
}
VERDICTS: Final[Mapping[str, str | Promise]] = {
    "steady": gettext_lazy("It fits: the last days are like those that it was judged on."),
    "shifted": gettext_lazy("The last days are unlike those that it was judged on: the chances lie elsewhere."),
    "off": gettext_lazy("The last days are unlike those that it was judged on: other shares break than it tells."),
    "too_few": gettext_lazy("Too few promises fell due in the last days to say whether it still fits."),
}


@require_safe
@staff_page("see_incidents")
def page(request: HttpRequest) -> HttpResponse:
    """How predictions stand; while a model is learnt, the page looks by itself how far it is."""
    standing = standing_for(staff_of(request))
    for run in standing.versions:
        run.state_label = TRAINING.state_labels[run.state]
        run.said = run.said_zh if language() == "zh" else run.said_en
        run.boosting = (run.metrics or {}).get("boosting")
    steps = blueprint_of(standing.version.pk).taxonomy.steps
    context: dict[str, Any] = {
        "standing": standing,
        "spots": [(spot, steps.get(spot.step)) for spot in standing.spots],
        "last_said": next((run.said for run in standing.versions if run.said), ""),
    }
    if standing.model is not None:
        context |= _figures(standing.model)
    whole = not asks_for_part(request, "prediction")
    return render(request, "console/prediction.html" if whole else "parts/prediction/standing.html", context)


def _figures(model: Training) -> dict[str, Any]:
    metrics = model.metrics or {}
    steps = metrics["boosting"]["reliability"]
    drift = model.drift
    return {
        "ways": [(WAYS[way], metrics[way]) for way in WAYS if way in metrics],
        "warned": metrics["boosting"]["warned"],
        "steps": steps,
        "drift": drift,
        "verdict": VERDICTS[drift["verdict"]] if drift else "",
        "drawn": reliability_chart(
            steps,
            title=_("Reliability curve"),
            told=_("chance told"),
            broken=_("share that broke"),
            true=_("as told"),
        ),
    }


@require_POST
@staff_page("work_standards")
def act(request: HttpRequest, act: str) -> HttpResponse:
    """Have a model learnt, or stop."""
    from amends.monitor.services.training import ask_training, stop_training

    staff, now = staff_of(request), now_of(request)
    require_standards(staff)
    try:
        if act == "train":
            ask_training(acting_user=staff, now=now)
        elif act == "stop":
            running = Training.objects.filter(state="running").values_list("pk", flat=True).first()
            if running is not None:
                stop_training(running, acting_user=staff, now=now)
        else:
            raise Http404
    except NotDone as refusal:
        messages.error(request, refusal.said.in_(language()))
    except IllegalMove as refusal:
        messages.error(request, in_words(refusal))
    return redirect("console:prediction")


@require_safe
@staff_page("see_incidents")
def interventions(request: HttpRequest) -> HttpResponse:
    """What waits for somebody, those with most at stake first."""
    staff = staff_of(request)
    state = one_of(request, "state", INTERVENTION.states)
    found = interventions_for(staff, state=state, after=cursor(request))
    for one in found.rows:
        pack = blueprint_of(one.blueprint_id)
        plan = next(book for book in pack.playbooks if book.id == one.playbook)
        one.currency, one.plan = pack.currency, plan
        one.promise = standard_name(one.blueprint_id, one.standard)
        one.would_be = kind_name(one.blueprint_id, one.kind)
        one.state_label = INTERVENTION.state_labels[one.state]
        one.moves = INTERVENTION.moves_from(one.state)
        one.reasons = [why[language()] for why in one.why]
    context = {
        "page": found,
        "state": state,
        "states": [(code, label.in_(language())) for code, label in INTERVENTION.state_labels.items()],
        "works": may(staff.role, "work_incidents"),
        "came": outcomes_for(staff),
        "now": now_of(request),
    }
    return render(request, "console/interventions.html", context)


@require_POST
@staff_page("work_incidents")
def on_intervention(request: HttpRequest, intervention_id: int, act: str) -> HttpResponse:
    """Take it on, say that it is done, or let it be."""
    staff, now = staff_of(request), now_of(request)
    access_intervention(staff, intervention_id)
    note = request.POST.get("note", "").strip()[:500]
    try:
        if act == "take":
            intervening.take_intervention(intervention_id, acting_user=staff, now=now)
        elif act == "do":
            intervening.finish_intervention(intervention_id, note=note, acting_user=staff, now=now)
        elif act == "leave":
            intervening.leave_intervention(intervention_id, note=note, acting_user=staff, now=now)
        else:
            raise Http404
    except IllegalMove as refusal:
        messages.error(request, in_words(refusal))
    return redirect("console:interventions")
