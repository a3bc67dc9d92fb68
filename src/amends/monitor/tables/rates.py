"""Rates against control limits: windows of signals per unit, when one gets out of control, and when it is back.

The log has a row a signal, or a row a window that is over. Windows tumble. A window is judged at its end; a number of
signals, which can only grow, already by the signal with which it goes beyond its limit. EWMA and CUSUM are written as
sums over the windows before, so that nothing has to be carried from step to step: the EWMA cut off where its weights
come to nothing, the CUSUM as the cumulative sum minus its least value so far, in millionths, which add up exactly in
any order. What happened more than `rate.remembered` windows ago does not count.

The query is cut into stages, each a table for the next, and what a rate says is a row of SETTINGS: so the statements
are short, and the same for any number of rates.
"""

from collections.abc import Iterator
from math import lcm
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.control import ewma_limit, ewma_terms
from amends.monitor.core.pattern import name_of
from amends.monitor.core.rate import Rate, phase
from amends.monitor.core.standard import Standards
from amends.monitor.tables.baselines import ONE, compared, with_history
from amends.monitor.tables.conditions import attribute, matches
from amends.monitor.tables.findings import FINDINGS, evidence, within
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import length

KIND = Rate
OUT, BACK = "out_of_control", "back_in_control"
WHATS = (OUT, BACK)
LOG = {
    "standard": "string",
    "subject": "string",  # what it is counted by: the code of the unit, or another thing
    "unit": "string",
    "at": "int64",  # of the signal; of a window that is over its start
    "number": "float64",  # n: signals, or of another kind where it is `per` them
    "total": "float64",  # the bad ones, the values, or the signals themselves
    "squares": "float64",  # of the values
    "capacity": "float64",  # the least that was told
}
SETTINGS = {
    "standard": "string",
    "measure": "string",  # share, count, mean, per or capacity
    "chart": "string",  # null: against a capacity
    "counts": "boolean",  # a window without signals counts as 0
    "at_once": "boolean",  # a signal in the midst of a window can show that it is out
    "width": "int64",  # of a window
    "phase": "int64",
    "zone": "string",
    "season": "string",
    "remembered": "int64",
    "scale": "int64",  # window * scale puts windows of all rates in an `order` in which memory is equally long
    "history": "boolean",
    "samples": "int64",
    "centre_given": "float64",
    "variance_given": "float64",
    "minimum": "float64",
    "sign": "float64",
    "above": "float64",
    "reach": "float64",  # standard errors from the centre to the limits of a single window
    "bound": "float64",  # which the statistic must not go beyond
    "weight": "float64",
    "terms": "int64",
    "slack": "float64",
    "most": "float64",  # that a single window counts for in a CUSUM
}
WINDOWS = {
    "standard": "string",
    "subject": "string",
    "place": "string",  # the unit, or nothing
    "unit": "string",
    "window": "int64",
    "start": "int64",
    "end": "int64",
    "slot": "int64",  # windows are compared with those of their own slot
    "order": "int64",
    "over": "boolean",
    "quiet": "boolean",  # no signal in it
    "number": "float64",
    "total": "float64",
    "squares": "float64",
    "capacity": "float64",
}
SCORES = {name: WINDOWS[name] for name in WINDOWS if name not in ("slot", "quiet", "squares", "capacity")} | {
    "value": "float64",
    "centre": "float64",
    "error": "float64",  # standard error of the value
    "lower": "float64",
    "upper": "float64",
    "z": "float64",  # standard errors off, where worse is more; of a volume the share of the capacity
    "row": "int64",  # which of the judged windows of its unit
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
    "statistic": "float64",  # what was held against `bound`
    "bound": "float64",
    "out": "boolean",
    "turned": "string",  # OUT, BACK or null
}
"""A window as it was judged: a dot of the control chart."""

FIRST = ("breached", "violated", "skipped", "out_of_order", "silent", "beyond")
"""What counts as a failure, once each: `late` and `never` follow a breach."""

_EXACT = 9  # digits: the same sum in another order differs behind these
_SHOWN = 6
_MILLION = 1_000_000
_ALMOST_ALL = 2**40  # more than this memory would not leave room for the order of time


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _local(zone: Any, instant: Any) -> Any:
    """The engine's own: the clock of a time zone."""


@ibis.udf.scalar.builtin(name="make_timestamptz", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _instant(micros: Any) -> Any:
    """The engine's own: the instant of so many microseconds."""


# what rates say


def memory_of(standards: Standards) -> int:
    """How long memory is in the `order` of windows, whatever the rate."""
    memory = lcm(*(rate.remembered for rate in standards.of_kind(Rate)))
    if memory > _ALMOST_ALL:
        raise ValueError("the rates look back so differently far that their windows have no common measure")
    return memory


def settings_of(standards: Standards) -> list[dict[str, Any]]:
    """The rates as rows of SETTINGS."""
    memory = memory_of(standards)
    return [_setting(rate, standards, memory) for rate in standards.of_kind(Rate)]


def _setting(rate: Rate, standards: Standards, memory: int) -> dict[str, Any]:
    measured, history = rate.rate, rate.history
    calendar = standards.calendar(rate.calendar or "always")
    measures = {"share": measured.bad, "mean": measured.value, "per": measured.per, "capacity": measured.capacity}
    bounds = {None: rate.above, "ewma": ewma_limit(rate.weight, rate.bound), "cusum": rate.decision}
    given = history.until_then if history is not None else rate.target
    return {
        "standard": rate.id,
        "measure": next((name for name, said in measures.items() if said is not None), "count"),
        "chart": rate.chart,
        "counts": rate.counts,
        "at_once": rate.counts and rate.chart in (None, "u"),
        "width": length(rate.window),
        "phase": length(phase(rate, calendar)),
        "zone": calendar.tz,
        "season": rate.season,
        "remembered": rate.remembered,
        "scale": memory // rate.remembered,
        "history": history is not None,
        "samples": history.samples if history is not None else 0,
        "centre_given": given,
        "variance_given": rate.variance_of(given) if isinstance(given, float) else None,
        "minimum": float(rate.minimum),
        "sign": -1.0 if rate.worse == "lower" else 1.0,
        "above": rate.above,
        "reach": 3.0 if rate.chart in ("ewma", "cusum") else rate.bound,  # those two are about the run, not the dot
        "bound": bounds.get(rate.chart, rate.bound),
        "weight": rate.weight,
        "terms": ewma_terms(rate.weight),
        "slack": rate.slack,
        "most": rate.decision + rate.slack,
    }


def nothing_ends(standards: Standards, *, since: int, before: int) -> bool:
    """Whether no window ends in [since, before), so that only a signal in it can be a reason to look."""
    for setting in settings_of(standards):
        width, offset = setting["width"], setting["phase"]
        if (before - 1 - offset) // width > (since - 1 - offset) // width:
            return False
    return True


# what comes in


def entries(signals: ir.Table, standards: Standards) -> ir.Table:
    return together([part for rate in standards.of_kind(Rate) for part in _entries(signals, rate)], LOG, signals)


def _entries(signals: ir.Table, rate: Rate) -> Iterator[ir.Table]:
    measured = rate.rate
    if measured.of is not None:
        found = matching(signals, measured.of)
        number, total = ibis.literal(1.0), ibis.literal(1.0)
        if measured.per is not None:
            number = ibis.literal(0.0)
        if measured.condition is not None:
            bad = matches(found, measured.condition).fill_null(False)
            total = ibis.ifelse(bad, 1.0, 0.0)
        if measured.value is not None:
            total = _number(found, measured.value)
        capacity = ibis.null("float64")
        if measured.capacity is not None:
            capacity = _capacity(found, measured.capacity)
        yield _entry(found, rate, number=number, total=total, capacity=capacity)
    if measured.per is not None:
        found = matching(signals, measured.per)
        yield _entry(found, rate, number=ibis.literal(1.0), total=ibis.literal(0.0), capacity=ibis.null("float64"))


def _entry(
    found: ir.Table, rate: Rate, *, number: ir.Value, total: ir.FloatingValue, capacity: ir.FloatingValue
) -> ir.Table:
    subject = attribute(found, name_of(rate.by)) if rate.by.startswith("data.") else found[rate.by]
    entry = found.select(
        standard=ibis.literal(rate.id),
        subject=subject,
        unit="unit",
        at="at",
        number=number,
        total=total,
        squares=total * total,
        capacity=capacity,
    )
    return entry.filter(entry.subject.notnull() & entry.total.notnull())


def _number(signals: ir.Table, name: str) -> ir.FloatingValue:
    number = attribute(signals, name_of(name)).try_cast("float64")
    return cast("ir.FloatingValue", ibis.ifelse(number.abs() < 1e12, number, ibis.null("float64")))  # nan neither


def _capacity(signals: ir.Table, capacity: float | str) -> ir.FloatingValue:
    if isinstance(capacity, float):
        return ibis.literal(capacity)
    told = _number(signals, capacity)
    return cast("ir.FloatingValue", ibis.ifelse(told > 0, told, ibis.null("float64")))


def echoes(found: ir.Table, standards: Standards) -> ir.Table:
    """The failures that other standards find, for the rates that count those."""
    parts = []
    for rate in standards.of_kind(Rate):
        failures = rate.rate.failures
        if failures is None:
            continue
        counted = found.filter(found.what.isin(FIRST))
        counted = counted.filter(counted.standard.isin(standards.causes_of(rate)))
        one = ibis.literal(1.0)
        number = ibis.literal(0.0) if rate.rate.per is not None else one
        capacity = rate.rate.capacity
        limit = ibis.literal(capacity) if isinstance(capacity, float) else ibis.null("float64")
        parts.append(_entry(counted, rate, number=number, total=one, capacity=limit))
    return together(parts, LOG, found)


# what is found, stage by stage


def _window(at: ir.IntegerValue, of: ir.Table) -> ir.IntegerValue:
    """The number of the window in which an instant lies."""
    since_start = ((at - of.phase) % of.width + of.width) % of.width
    # engines divide whole numbers as floats: only a whole multiple survives that
    return cast("ir.IntegerValue", ((at - of.phase - since_start) / of.width).round().cast("int64"))


def windows(log: ir.Table, settings: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """WINDOWS of the units that can have one judged in [since, before): all if one ends there, else who has a signal.

    One row a window with signals; where signals are counted also one a window without any, as long as remembered.
    """
    log = log.filter(log["at"] < before).join(settings, "standard")
    log = log.mutate(place=log.unit.fill_null(""), window=_window(log["at"], log))
    ends = _window(before - 1, log) > _window(since - 1, log)
    log = log.semi_join(log.filter(ends | (log["at"] >= since)).select(*ONE).distinct(), list(ONE))
    heard = log.group_by([*ONE, "window"]).agg(
        unit=log.unit.max(),
        number=log.number.sum(),
        total=log.total.sum(),
        squares=log.squares.sum(),
        capacity=log.capacity.min(),
    )
    heard = heard.join(settings, "standard")
    following = heard.window.lead().over(group_by=list(ONE), order_by="window")
    end = ibis.least(ibis.coalesce(following, _window(before - 1, heard) + 1), heard.window + heard.remembered + 1)
    end = ibis.ifelse(heard.counts, end, heard.window + 1)
    every = heard.filter(heard.counts | (heard.number >= 1)).mutate(each=ibis.range(heard.window, end).unnest())
    every = every.mutate(quiet=every.each != every.window, start=every.each * every.width + every.phase)
    every = every.mutate(end=every.start + every.width, local=_local(every.zone, _instant(every.start)))
    hour = every.local.hour().cast("int64")  # windows shorter than an hour are compared with the others of their hour
    return every.select(
        *ONE,
        "unit",
        "start",
        "end",
        "quiet",
        window="each",
        slot=ibis.cases(
            (every.season == "hour_of_week", every.local.day_of_week.index().cast("int64") * 24 + hour),
            (every.season == "hour_of_day", hour),
            else_=ibis.literal(0, "int64"),
        ),
        order=every.each * every.scale,
        over=every.end < before,
        number=ibis.ifelse(every.counts, 1.0, every.number),
        total=ibis.ifelse(every.quiet, 0.0, every.total),
        squares=ibis.ifelse(every.quiet, 0.0, every.squares),
        capacity=ibis.ifelse(every.quiet, ibis.null("float64"), every.capacity),
    ).select(*WINDOWS)


def scores(windowed: ir.Table, settings: ir.Table, *, memory: int) -> ir.Table:
    """SCORES of the windows that can be judged."""
    past = with_history(windowed, memory=memory).join(settings, "standard")
    known = compared(past)
    volume = known.measure == "capacity"
    known = known.mutate(
        error=(known.variance / known.number).sqrt(),
        value=ibis.ifelse(volume, known.total, known.total / known.number),
        centre=ibis.ifelse(volume, known.capacity, known.centre),
    )
    used = ibis.ifelse(known.quiet, 0.0, known.total / known.capacity)
    off = known.sign * (known["value"] - known.centre) / known.error.nullif(0.0)
    known = known.mutate(z=ibis.ifelse(volume, used, off).round(_EXACT))
    enough = known.counts | (known.over & (known.number >= known.minimum))
    known = known.filter(known.z.notnull() & enough & (known.over | known.at_once))
    upper = known.centre + known.reach * known.error
    return known.mutate(
        lower=_sound(ibis.ifelse(volume, 0.0, known.centre - known.reach * known.error), known),
        upper=_sound(ibis.ifelse(volume, known.centre * known.above, upper), known),
        row=ibis.row_number().over(group_by=list(ONE), order_by="window"),
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
    aged = asked.select(*ONE, "row", "window", "weight", "remembered", age=ibis.range(0, asked.terms).unnest())
    aged = aged.mutate(past_row=aged.row - aged.age)
    past = scored.select(*ONE, past_row="row", past="window", weighed="z")
    aged = aged.inner_join(past, [*ONE, "past_row"])
    aged = aged.filter(aged.past >= aged.window - aged.remembered)
    aged = aged.mutate(part=aged.weight * (1 - aged.weight).pow(aged.age) * aged.weighed)
    return aged.group_by([*ONE, "row"]).agg(level=aged.part.sum().round(_EXACT))


def judged(
    scored: ir.Table, levelled: ir.Table, settings: ir.Table, *, memory: int, charts: frozenset[str | None]
) -> ir.Table:
    """JUDGED: the scores with what is held against the bound, and whether the unit was out before.

    `charts` are those that there are; leaving out what no rate needs changes nothing.
    """
    own = scored.join(settings.drop("sign"), "standard").mutate(statistic=scored.z)
    if "ewma" in charts:
        own = own.left_join(levelled, [*ONE, "row"]).drop(*(f"{name}_right" for name in (*ONE, "row")))
        own = own.mutate(statistic=ibis.ifelse(own.chart == "ewma", own.level, own.statistic)).drop("level")
        own = own.filter(own.statistic.notnull())
    if "cusum" in charts:
        own = _summed(own, memory=memory)
    order = {"group_by": list(ONE), "order_by": "order"}
    own = own.mutate(out=(own.statistic > own.bound) & (~own.at_once | (own.total >= own.minimum)))
    lasts = own.out.lag().over(**order).fill_null(False)
    near = (own.window - own.window.lag().over(**order) <= own.remembered).fill_null(False)
    return own.mutate(was_out=lasts & near).select(*JUDGED)


def _summed(own: ir.Table, *, memory: int) -> ir.Table:
    """A CUSUM is max(0, S + z - k): the sum of all so far minus the least that it was before any of them, or now.

    A window counts with the decision interval at most, so that a single one never signals, nor blinds the chart to the
    calm that follows.
    """
    step = ((ibis.least(own.z, own.most) - own.slack) * _MILLION).round().cast("int64")
    own = own.mutate(step=ibis.ifelse(own.chart == "cusum", step, ibis.literal(0, "int64")))
    order = {"group_by": list(ONE), "order_by": "order"}
    own = own.mutate(reached=own.step.sum().over(**order, rows=(None, 0)).cast("int64"))
    own = own.mutate(began=own.reached - own.step)
    own = own.mutate(least=ibis.least(own.began.min().over(**order, range=(-memory, 0)), own.reached))
    total = (own.reached - own.least).cast("float64") / _MILLION
    return own.mutate(statistic=ibis.ifelse(own.chart == "cusum", total, own.statistic)).drop(
        "step", "reached", "began", "least"
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
    told = told.mutate(place=told.unit.fill_null(""), window=_window(told["at"], told))
    told = told.filter(told.window >= _window(since, told))
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
        opening_id=_instant(turned.start).strftime("%Y-%m-%dT%H:%M:%SZ"),
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


# what is kept


def unsettled(log: ir.Table, settings: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """Windows that are over as a row each, as far back as they count: for the state of a window the one before it, for
    that their EWMA or CUSUM, for those their targets, and for these whether a unit was heard of.
    """
    own = log.join(settings.select("standard", "width", "phase", "remembered"), "standard")
    own = own.mutate(window=_window(own["at"], own))
    own = own.filter(own.window >= _window(before, own) - 4 * own.remembered - 2)
    own = own.mutate(over=(own.window + 1) * own.width + own.phase <= before, start=own.window * own.width + own.phase)
    over = own.filter(own.over)
    settled = over.group_by(["standard", "subject", "unit", "start"]).agg(
        number=over.number.sum(), total=over.total.sum(), squares=over.squares.sum(), capacity=over.capacity.min()
    )
    return own.filter(~own.over).select(*LOG).union(settled.rename(at="start").select(*LOG))
