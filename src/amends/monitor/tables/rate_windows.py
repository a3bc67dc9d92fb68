"""Signals of rates gathered into windows: what of them is logged, and the windows that can be judged.

The log has a row a signal, or a row a window that is over. Windows tumble. What a rate says is a row of SETTINGS, so
that the statements are short, and the same for any number of rates. What happened more than `rate.remembered` windows
ago is compared with nothing; an EWMA or a CUSUM sums up `rate.summed` of them.
"""

from collections.abc import Iterator
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from amends.monitor.core.control import ewma_limit, ewma_terms
from amends.monitor.core.pattern import name_of
from amends.monitor.core.rate import Rate, phase
from amends.monitor.core.standard import Standards
from amends.monitor.tables.baselines import ONE
from amends.monitor.tables.conditions import attribute, matches
from amends.monitor.tables.matching import matching, together
from amends.monitor.tables.moments import length

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
    "scale": "int64",  # window * scale puts windows of all rates in an `order` in which MEMORY is what is remembered
    "summed": "int64",
    "summed_scale": "int64",  # window * summed_scale: in one in which MEMORY is what is summed up
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
    "heard": "int64",  # the latest window with a signal in it: itself, or where that is counted one before
    "number": "float64",
    "total": "float64",
    "squares": "float64",
    "capacity": "float64",
}

FIRST = ("breached", "violated", "skipped", "out_of_order", "silent", "beyond")
"""What counts as a failure, once each: `late` and `never` follow a breach."""

MEMORY = 2**40
"""How far back anything counts in the `order` of windows, whatever the rate. For n windows one is MEMORY // n: exact as
long as n (n + 1) is less, as for a year of minutes; and there is room for the windows of all years until 9999.
"""


@ibis.udf.scalar.builtin(name="timezone", signature=(("string", "timestamp('UTC')"), "timestamp"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _local(zone: Any, instant: Any) -> Any:
    """The engine's own: the clock of a time zone."""


@ibis.udf.scalar.builtin(name="make_timestamptz", signature=(("int64",), "timestamp('UTC')"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def instant(micros: Any) -> Any:
    """The engine's own: the instant of so many microseconds."""


# what rates say


def settings_of(standards: Standards) -> list[dict[str, Any]]:
    """The rates as rows of SETTINGS."""
    return [_setting(rate, standards) for rate in standards.of_kind(Rate)]


def _setting(rate: Rate, standards: Standards) -> dict[str, Any]:
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
        "scale": MEMORY // rate.remembered,
        "summed": rate.summed,
        "summed_scale": MEMORY // rate.summed,
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


# what is judged, and what is kept for it


def window_of(at: ir.IntegerValue, of: ir.Table) -> ir.IntegerValue:
    """The number of the window in which an instant lies."""
    since_start = ((at - of.phase) % of.width + of.width) % of.width
    # engines divide whole numbers as floats: only a whole multiple survives that
    return cast("ir.IntegerValue", ((at - of.phase - since_start) / of.width).round().cast("int64"))


def windows(log: ir.Table, settings: ir.Table, *, since: ir.IntegerValue, before: ir.IntegerValue) -> ir.Table:
    """WINDOWS of the units that can have one judged in [since, before): all if one ends there, else who has a signal.

    One row a window with signals; where signals are counted also one a window without any, as long as remembered.
    """
    log = log.filter(log["at"] < before).join(settings, "standard")
    log = log.mutate(place=log.unit.fill_null(""), window=window_of(log["at"], log))
    ends = window_of(before - 1, log) > window_of(since - 1, log)
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
    end = ibis.least(ibis.coalesce(following, window_of(before - 1, heard) + 1), heard.window + heard.remembered + 1)
    end = ibis.ifelse(heard.counts, end, heard.window + 1)
    every = heard.filter(heard.counts | (heard.number >= 1)).mutate(following=end)
    every = every.mutate(each=ibis.range(every.window, every.following).unnest())
    every = every.mutate(quiet=every.each != every.window, start=every.each * every.width + every.phase)
    every = every.mutate(end=every.start + every.width, local=_local(every.zone, instant(every.start)))
    hour = every.local.hour().cast("int64")  # windows shorter than an hour are compared with the others of their hour
    return every.select(
        *ONE,
        "unit",
        "start",
        "end",
        heard="window",
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


def unsettled(log: ir.Table, settings: ir.Table, *, before: ir.IntegerValue) -> ir.Table:
    """Windows that are over as a row each, as far back as they count: for the state of a window the one before it, for
    that all that its EWMA or CUSUM sums up, for those their targets, and for these whether a unit was heard of.
    """
    own = log.join(settings.select("standard", "width", "phase", "remembered", "summed"), "standard")
    own = own.mutate(window=window_of(own["at"], own))
    own = own.filter(own.window >= window_of(before, own) - 3 * own.remembered - own.summed - 2)
    own = own.mutate(over=(own.window + 1) * own.width + own.phase <= before, start=own.window * own.width + own.phase)
    over = own.filter(own.over)
    settled = over.group_by(["standard", "subject", "unit", "start"]).agg(
        number=over.number.sum(), total=over.total.sum(), squares=over.squares.sum(), capacity=over.capacity.min()
    )
    return own.filter(~own.over).select(*LOG).union(settled.rename(at="start").select(*LOG))
