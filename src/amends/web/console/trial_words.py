"""How good the findings of a back-test are, and what its thresholds would do, as the page shows it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.kernel.money import Money
from amends.monitor.core.threshold import MINIMUM, Curve, suggested
from amends.web.console.times import language, span
from amends.web.threshold_chart import Dot, Words, threshold_chart

WISHED: Final = (70, 80, 90, 95)  # per cent of the alarms that should be right
SIDES: Final[Mapping[str, str | Promise]] = {"in_force": gettext_lazy("In force"), "draft": gettext_lazy("Draft")}
CONFIDENCE: Final[Mapping[str, str | Promise]] = {
    "low": gettext_lazy("of low confidence"),
    "medium": gettext_lazy("of medium confidence"),
    "high": gettext_lazy("of high confidence"),
}
PARAMETERS: Final[Mapping[str, str | Promise]] = {
    "warn": gettext_lazy("Warning before it is due"),
    "silent_for": gettext_lazy("Length of silence"),
    "above": gettext_lazy("Upper limit"),
    "times": gettext_lazy("Times the limit"),
    "sigmas": gettext_lazy("Standard errors from the usual"),
    "at_most": gettext_lazy("Rating that speaks for itself"),
    "factor": gettext_lazy("Times the usual gap"),
    "decision": gettext_lazy("Decision interval of the CUSUM, in standard errors"),
}


def quality_of(result: Mapping[str, Any], named: Callable[[str], str]) -> dict[str, Any]:
    """A row for each standard and side."""
    rows, prices = [], None
    for one in result.get("quality", ()):
        for side in SIDES:
            told = one["sides"].get(side)
            if told is None:
                continue
            costs = told["costs"]
            prices = costs or prices
            rows.append(
                {
                    "name": named(one["standard"]),
                    "side": SIDES[side],
                    "rates": told["rates"],
                    "precision": interval(told["rates"] and told["rates"]["precision"]),
                    "recall": interval(told["rates"] and told["rates"]["recall"]),
                    "leads": [_lead(told["leads"].get(to)) for to in ("due", "breach", "complaint")],
                    "costs": costs and [_money(costs, name) for name in ("false_alarms", "averted", "missed")],
                }
            )
    said = prices and {
        "intervention": _money(prices, "intervention"),
        "saving": _money(prices, "saving"),
        "confidence": CONFIDENCE[prices["confidence"]],
    }
    horizon = span(timedelta(seconds=result.get("horizon", 0)))
    stays_away = any(one["parameter"] == "factor" for one in result.get("curves", ()))
    return {"quality": rows, "prices": said, "horizon": horizon, "stays_away": stays_away}


def curves_of(result: Mapping[str, Any], wished: int, named: Callable[[str], str]) -> list[dict[str, Any]]:
    """Each threshold: its curve, the table behind it, and what is suggested for the wished percentage."""
    return [_curve(Curve.of(content), wished, named) for content in result.get("curves", ())]


def value_of(curve: Curve, value: float | None) -> str:
    """A value as people say it."""
    if value is None:
        return _("none")
    return span(timedelta(seconds=value)) if curve.is_length else f"{value:,.4g}"


def interval(share: tuple[float, float, float] | None) -> str:
    """A share with how far it may be off: 82% (75–88%)."""
    if share is None:
        return "–"
    form = "{share}（{low}–{high}）" if language() == "zh" else "{share} ({low}–{high})"
    return form.format(share=f"{share[0]:.0%}", low=f"{share[1] * 100:.0f}", high=f"{share[2]:.0%}")


def _curve(line: Curve, wished: int, named: Callable[[str], str]) -> dict[str, Any]:
    found = suggested(line, wished / 100)
    dots, rows = [], []
    for point in line.points:
        alarms, hits = point.alarms["chosen"], point.hits["chosen"]
        events = line.events["chosen"]
        marks = [
            word
            for word, value in ((_("in force"), line.in_force), (_("draft"), line.draft), (_("suggested"), found.value))
            if value == point.value
        ]
        shares = hits / alarms if alarms else None, hits / events if events else None
        mark = _(", ").join(marks)
        dots.append(Dot(label=value_of(line, point.value), precision=shares[0], recall=shares[1], mark=mark))
        row = {"value": dots[-1].label, "alarms": alarms, "hits": hits, "false": alarms - hits, "mark": mark}
        rows.append({**row, "precision": shares[0], "recall": shares[1]})
    words = Words(
        title=_("Precision and recall by value"),
        precision=_("precision"),
        recall=_("recall"),
        wished=_("wished {share}").format(share=f"{wished}%"),
    )
    return {
        "name": named(line.standard),
        "standard": line.standard,
        "parameter": _("How often") if line.is_count else PARAMETERS[line.parameter],
        "rows": rows,
        "drawn": threshold_chart(dots, wished=wished / 100, words=words),
        "drawn_narrow": threshold_chart(dots, wished=wished / 100, words=words, narrow=True),
        "state": found.state,
        "value": value_of(line, found.value),
        "precision": interval(found.precision),
        "recall": interval(found.recall),
        "held": found.held,
        "useful": found.value is not None and found.value != line.draft,
        "least": MINIMUM["chosen"],
        "least_judged": MINIMUM["judged"],
    }


def _lead(told: Mapping[str, float] | None) -> str:
    """The median with the quartiles."""
    if told is None:
        return "–"
    low, median, high = (_signed(told[name]) for name in ("low", "median", "high"))
    form = "{median}（{low}至{high}）" if language() == "zh" else "{median} ({low} to {high})"
    return median if low == high else form.format(median=median, low=low, high=high)


def _signed(seconds: float) -> str:
    return ("−" if seconds <= -60 else "") + span(timedelta(seconds=seconds))


def _money(costs: Mapping[str, str], name: str) -> str:
    return Money(Decimal(costs[name]), costs["currency"]).in_(language())
