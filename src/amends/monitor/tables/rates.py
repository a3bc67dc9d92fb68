"""Rates against control limits: when a unit gets out of control, and when it is back.

A window is judged at its end; a number of signals, which can only grow, already by the signal with which it goes
beyond its limit. EWMA and CUSUM are written as sums over the windows before, so that nothing has to be carried from
step to step: the EWMA cut off where its weights come to nothing, the CUSUM as the cumulative sum minus its least value
so far, in millionths, which add up exactly in any order. Both begin anew with each spell: the windows of a unit that
was heard of again before it was forgotten.

The query is cut into stages, each a table for the next; `rate_windows` makes the first.
"""

from typing import cast

import ibis
import ibis.expr.types as ir

from amends.monitor.tables.baselines import ONE, compared, with_history
from amends.monitor.tables.findings import FINDINGS, evidence, within
from amends.monitor.tables.rate_windows import MEMORY, WINDOWS, instant, window_of

OUT, BACK = "out_of_control", "back_in_control"
WHATS = (OUT, BACK)
SCORES = {name: WINDOWS[name] for name in WINDOWS if name not in ("slot", "heard", "squares", "capacity")} | {
    "value": "float64",
    "centre": "float64",
    "error": "float64",  # standard error of the value
    "lower": "float64",
    "upper": "float64",
    "z": "float64",  # standard errors off, where worse is more; of a volume the share of the capacity
    "row": "int64",  # which of the judged windows of its unit
    "spell": "int64",  # the unit was not heard of for as long as is remembered between one and the next
}
LEVELS = {"standard": "string", "subject": "string", "place": "string", "row": "int64", "level": "float64"}
JUDGED = SCORES | {"statistic": "float64", "bound": "float64", "out": "boolean", "was_out": "boolean"}
POINTS = {
    "standard": "string",
    "subject": "string",
    "unit": "string",
    "start": "int64",
    "end": "int64",
    "at": "int64",  # when it was judged: its end, or, in the midst of it, the signal that went beyond
    "number": "float64",
    "total": "float64",
    "value": "float64",
    "centre": "float64",
    "lower": "float64",
    "upper": "float64",
    "z": "float64",  # as SCORES have it
    "statistic": "float64",  # what was held against `bound`
    "bound": "float64",
    "out": "boolean",
    "turned": "string",  # OUT, BACK or null
}
"""A window as it was judged: a dot of the control chart."""

_EXACT = 9  # digits: the same sum in another order differs behind these
_SHOWN = 6
_MILLION = 1_000_000


def scores(windowed: ir.Table, settings: ir.Table) -> ir.Table:
    """SCORES of the windows that can be judged."""
    past = with_history(windowed, memory=MEMORY).join(settings, "standard")
    known = compared(past)
    volume = known.measure == "capacity"
    known = known.mutate(
        error=(known.variance / known.number).sqrt(),
        value=ibis.ifelse(volume, known.total, known.total / known.number),
        centre=ibis.ifelse(volume, known.capacity, known.centre),
    )
    used = ibis.ifelse(known.heard < known.window, 0.0, known.total / known.capacity)
    off = known.sign * (known["value"] - known.centre) / known.error.nullif(0.0)
    known = known.mutate(z=ibis.ifelse(volume, used, off).round(_EXACT))
    enough = known.counts | (known.over & (known.number >= known.minimum))
    known = known.filter(known.z.notnull() & enough & (known.over | known.at_once))
    order = {"group_by": list(ONE), "order_by": "window"}
    known = known.mutate(anew=(known.heard - known.heard.lag().over(**order) > known.remembered).fill_null(False))
    upper = known.centre + known.reach * known.error
    return known.mutate(
        lower=_sound(ibis.ifelse(volume, 0.0, known.centre - known.reach * known.error), known),
        upper=_sound(ibis.ifelse(volume, known.centre * known.above, upper), known),
        row=ibis.row_number().over(**order),
        spell=known.anew.cast("int64").sum().over(**order, rows=(None, 0)).cast("int64"),
    ).select(*SCORES)


def _sound(value: ir.FloatingValue, of: ir.Table) -> ir.FloatingValue:
    """A limit as far as such a figure can go."""
    low = ibis.ifelse(of.measure == "mean", value, ibis.greatest(value, 0.0))
    return cast("ir.FloatingValue", ibis.ifelse(of.measure == "share", ibis.least(low, 1.0), low))


def levels(scored: ir.Table, settings: ir.Table, *, since: ir.IntegerValue) -> ir.Table:
    """Of an EWMA the `level` Σ λ (1 - λ)^a z over the latest windows by age a, where it is asked for."""
    own = scored.join(settings.filter(settings.chart == "ewma"), "standard")
    # the window before one that ends in the span must be known too
    next_end = own.end.lead().over(group_by=list(ONE), order_by="window")
    asked = own.filter(ibis.coalesce(next_end, own.end) >= since)
    aged = asked.select(*ONE, "row", "spell", "window", "weight", "summed", age=ibis.range(0, asked.terms).unnest())
    aged = aged.mutate(past_row=aged.row - aged.age)
    past = scored.select(*ONE, "spell", past_row="row", past="window", weighed="z")
    aged = aged.inner_join(past, [*ONE, "spell", "past_row"])
    aged = aged.filter(aged.past >= aged.window - aged.summed)
    aged = aged.mutate(part=aged.weight * (1 - aged.weight).pow(aged.age) * aged.weighed)
    return aged.group_by([*ONE, "row"]).agg(level=aged.part.sum().round(_EXACT))


def judged(scored: ir.Table, levelled: ir.Table, settings: ir.Table, *, charts: frozenset[str | None]) -> ir.Table:
    """JUDGED: the scores with what is held against the bound, and whether the unit was out before.

    `charts` are those that there are; leaving out what no rate needs changes nothing.
    """
    own = scored.join(settings.drop("sign"), "standard").mutate(statistic=scored.z)
    if "ewma" in charts:
        own = own.left_join(levelled, [*ONE, "row"]).drop(*(f"{name}_right" for name in (*ONE, "row")))
        own = own.mutate(statistic=ibis.ifelse(own.chart == "ewma", own.level, own.statistic)).drop("level")
        own = own.filter(own.statistic.notnull())
    if "cusum" in charts:
        own = _summed(own)
    order = {"group_by": list(ONE), "order_by": "order"}
    own = own.mutate(out=(own.statistic > own.bound) & (~own.at_once | (own.total >= own.minimum)))
    lasts = own.out.lag().over(**order).fill_null(False)
    near = (own.window - own.window.lag().over(**order) <= own.remembered).fill_null(False)
    return own.mutate(was_out=lasts & near).select(*JUDGED)


def _summed(own: ir.Table) -> ir.Table:
    """A CUSUM is max(0, S + z - k): the sum of all so far minus the least that it was before any of them, or now.

    A window counts with the decision interval at most, so that a single one never signals, nor blinds the chart to the
    calm that follows.
    """
    step = ((ibis.least(own.z, own.most) - own.slack) * _MILLION).round().cast("int64")
    step = ibis.ifelse(own.chart == "cusum", step, ibis.literal(0, "int64"))
    own = own.mutate(step=step, order_of_sum=own.window * own.summed_scale)
    order = {"group_by": [*ONE, "spell"], "order_by": "order_of_sum"}
    own = own.mutate(reached=own.step.sum().over(**order, rows=(None, 0)).cast("int64"))
    own = own.mutate(began=own.reached - own.step)
    own = own.mutate(least=ibis.least(own.began.min().over(**order, range=(-MEMORY, 0)), own.reached))
    total = (own.reached - own.least).cast("float64") / _MILLION
    return own.mutate(statistic=ibis.ifelse(own.chart == "cusum", total, own.statistic)).drop(
        "step", "order_of_sum", "reached", "began", "least"
    )


def points(
    given: ir.Table,
    log: ir.Table,
    settings: ir.Table,
    *,
    since: ir.IntegerValue,
    before: ir.IntegerValue,
    at_once: bool = True,
) -> ir.Table:
    """POINTS with since <= at < before, out of JUDGED windows and the log; `at_once`: some rate judges so."""
    known = given.join(settings.select("standard", "at_once"), "standard")
    goes_out, comes_back = known.out & ~known.was_out, ~known.out & known.was_out
    turned = ibis.cases((goes_out & ~known.at_once, OUT), (comes_back, BACK), else_=ibis.null("string"))
    at_end = known.filter(known.over).mutate(at=known.end, turned=turned).select(*POINTS)
    both = at_end
    if at_once:
        crossing = known.filter(known.at_once & goes_out)
        both = both.union(_crossings(crossing, log, settings, since=since, before=before))
    rounded = {name: both[name].round(_SHOWN) for name in ("value", "centre", "lower", "upper", "statistic")}
    return within(both.mutate(**rounded), since=since, before=before)


def _crossings(
    out: ir.Table, log: ir.Table, settings: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue
) -> ir.Table:
    """The windows that go out, as they stood at the signal that went beyond."""
    told = log.filter(log["at"] < before).join(settings.filter(settings.at_once), "standard")
    told = told.mutate(place=told.unit.fill_null(""), window=window_of(told["at"], told))
    told = told.filter(told.window >= window_of(since, told))
    until = {"group_by": [*ONE, "window"], "order_by": "at", "range": (None, 0)}
    told = told.select(
        *ONE,
        "window",
        "measure",
        "above",
        "minimum",
        time="at",
        so_far=told.total.sum().over(**until),
        room=told.capacity.min().over(**until),
    )
    told = told.inner_join(out, [*ONE, "window"])
    volume = told.measure == "capacity"
    statistic = ibis.ifelse(volume, told.so_far / told.room, (told.so_far - told.centre) / told.error).round(_EXACT)
    told = told.mutate(
        statistic=statistic,
        centre=ibis.ifelse(volume, told.room, told.centre),
        upper=ibis.ifelse(volume, told.room * told.above, told.upper),
    )
    beyond = told.filter((told.statistic > told.bound) & (told.so_far >= told.minimum))
    order = {"group_by": [*ONE, "window"], "order_by": ["time", "so_far"]}  # all at one time say the same
    first = beyond.mutate(nth=ibis.row_number().over(**order)).filter(lambda t: t.nth == 0)
    return first.mutate(at=first.time, total=first.so_far, value=first.so_far, turned=ibis.literal(OUT)).select(*POINTS)


def findings(judged_then: ir.Table) -> ir.Table:
    """The FINDINGS among POINTS."""
    turned = judged_then.filter(judged_then.turned.notnull())
    return turned.select(
        "standard",
        "subject",
        what="turned",
        at="at",
        due="end",
        opened_at="start",
        opening_id=instant(turned.start).strftime("%Y-%m-%dT%H:%M:%SZ"),
        opening_source=ibis.literal("window"),
        customer=ibis.null("string"),
        unit="unit",
        evidence=evidence(
            value=turned["value"],
            centre=turned.centre,
            lower=turned.lower,
            upper=turned.upper,
            number=turned.number,
            total=turned.total,
            statistic=turned.statistic,
            bound=turned.bound,
        ),
    ).select(*FINDINGS)
