"""The thresholds of a back-test: what other values of the draft's would have done, from the same run.

Each kind of standard has one statement that gives the cases which an alarm could be about, and how far they reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from amends.monitor.core.control import ewma_limit
from amends.monitor.core.kinds import Lapse, Limit, Repeat, Silence, Voice
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Declared, Promise
from amends.monitor.core.threshold import DECISIONS, FACTORS, Case, Counted, Curve, candidates, curve, tallied
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.quality import HABITS, Span, habits_asked, keyed, kind_of
from amends.monitor.tables.moments import length, micros


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """What of a standard says where its alarms begin."""

    parameter: str  # the path in the standard
    value: float | None
    rising: bool = True  # whether more of it alarms less
    is_length: bool = False  # a time, in seconds
    is_count: bool = False  # whole numbers
    tried: tuple[float, ...] | None = None  # values worth trying; none: such as there were


def threshold_of(standard: Declared) -> Threshold | None:
    """None where it has none."""
    told: Threshold | None = None
    match standard:
        case Promise(warn=warn):
            seconds = None if warn is None else warn.total_seconds()
            told = Threshold(parameter="warn", value=seconds, rising=False, is_length=True)
        case Silence(silent_for=silent):
            told = Threshold(parameter="silent_for", value=silent.total_seconds(), is_length=True)
        case Limit(above=float(above), times=1.0):
            told = Threshold(parameter="above", value=above)
        case Limit(above=str(), times=times):
            told = Threshold(parameter="times", value=times)
        case Repeat(times=often):
            told = Threshold(parameter="times", value=float(often), is_count=True)
        case Voice(at_most=float(rating)):
            told = Threshold(parameter="at_most", value=rating, rising=False)
        case Lapse(factor=factor):
            told = Threshold(parameter="factor", value=factor, tried=FACTORS)
        case Rate() as rate:
            told = _threshold_of_rate(rate)
    return told


def _threshold_of_rate(rate: Rate) -> Threshold:
    if rate.chart is None:
        return Threshold(parameter="above", value=rate.above)
    if rate.chart == "cusum":
        return Threshold(parameter="decision", value=rate.decision, tried=DECISIONS)
    return Threshold(parameter="sigmas", value=rate.bound)


def curve_of(
    draft: Declared, in_force: Declared | None, trouble: pa.Table, span: Span, *, reader: Monitor
) -> Curve | None:
    """The curve of the draft's threshold; None where it has none.

    Args:
        draft: the standard as the draft has it.
        in_force: as it is in force.
        trouble: broken promises and complaints.
        span: the time that is judged.
        reader: the monitor of the draft.
    """
    kind, threshold = kind_of(draft), threshold_of(draft)
    if kind is None or threshold is None:
        return None
    before = threshold_of(in_force) if in_force is not None else None
    now = before.value if before is not None and before.parameter == threshold.parameter else None
    about = {"standard": draft.id, "in_force": now, "draft": threshold.value}
    about |= {name: getattr(threshold, name) for name in ("parameter", "rising", "is_length", "is_count")}
    own = keyed(trouble, kind, beside=draft.id)
    if isinstance(draft, Rate) and draft.chart == "cusum":
        wanted = {*DECISIONS, *(value for value in (now, threshold.value) if value is not None)}
        return tallied(_sums(draft, sorted(wanted), own, span, reader=reader), **about)
    cases = [_case(row) for row in _rows(draft, own, span, reader=reader)]
    values: Sequence[float] | None = threshold.tried
    if values is None:
        sign = 1 if threshold.rising else -1
        reaches = [sign * one.reach for one in cases if one.part == "chosen"]
        values = candidates(reaches, is_length=threshold.is_length, is_count=threshold.is_count)
    return curve(cases, values, **about)


def _case(row: Mapping[str, Any]) -> Case:
    return Case(**{name: value for name, value in row.items() if value is not None})


_PART: Final = "CASE WHEN {known} <= $middle THEN 'chosen' WHEN {began} > $middle THEN 'judged' END"

# what was kept is warned of if it was open that long before it was due; what was broken is warned of by any warning
_OF_PROMISES: Final = f"""
    SELECT {_PART.format(known="settled", began="opened")} AS part, NOT good AS trouble,
        CASE WHEN opened >= due OR (good AND settled <= opened) THEN '-inf'::DOUBLE WHEN good
            THEN -floor((due - settled) / 60e6) * 60 ELSE 'inf'::DOUBLE END AS reach, count(*)::INTEGER AS number
    FROM outcomes WHERE standard = $standard AND settled >= $since AND settled <= $until GROUP BY part, trouble, reach
    HAVING part IS NOT NULL
"""

_OF_VALUES: Final = """
    WITH decided AS (
        SELECT one.reach, one."at", coalesce(trouble."at" <= one."at" + $horizon, false) AS trouble
        FROM {cases} AS one ASOF LEFT JOIN (SELECT key, epoch_us("at") AS "at" FROM all_trouble) AS trouble
            ON one.key = trouble.key AND trouble."at" > one."at"
    )
    SELECT {part} AS part, trouble, reach, count(*)::INTEGER AS number FROM decided
    WHERE "at" >= $since AND "at" + $horizon <= $until GROUP BY part, trouble, reach HAVING part IS NOT NULL
"""

# of each news how long it was until the next; trouble within the horizon after the alarm makes it a hit
_OF_SILENCE: Final = f"""
    WITH gap AS (
        SELECT subject AS key, "at", ends, lead("at") OVER (PARTITION BY subject ORDER BY "at", ends) AS next FROM heard
        WHERE standard = $standard
    ), decided AS (
        SELECT gap.*, coalesce(next, $until) - gap."at" AS silent, trouble."at" - gap."at" AS wait
        FROM gap ASOF LEFT JOIN (SELECT key, epoch_us("at") AS "at" FROM all_trouble) AS trouble
            ON gap.key = trouble.key AND trouble."at" > gap."at"
        WHERE NOT ends
    )
    SELECT {_PART.format(known='"at" + $horizon', began='"at"')} AS part,
        coalesce(wait <= silent + $horizon, false) AS trouble, ceil(silent / 60e6) * 60 AS reach,
        CASE WHEN wait <= silent + $horizon THEN ceil((wait - $horizon) / 60e6) * 60 END AS low,
        CASE WHEN wait <= silent + $horizon THEN ceil(wait / 60e6) * 60 END AS high, count(*)::INTEGER AS number
    FROM decided WHERE "at" >= $since AND "at" + $horizon <= $until AND silent > 0
    GROUP BY part, trouble, reach, low, high HAVING part IS NOT NULL
"""


# a threshold alarms when the count gets there; of several counts before one trouble the alarms are told once
_OF_COUNTS: Final = """
    WITH decided AS (
        SELECT one.*, CASE WHEN trouble."at" <= one."at" + $horizon THEN trouble."at" END AS trouble_at
        FROM (SELECT subject AS key, "at", now, earlier FROM counted WHERE standard = $standard) AS one
        ASOF LEFT JOIN (SELECT key, epoch_us("at") AS "at" FROM all_trouble) AS trouble
            ON one.key = trouble.key AND trouble."at" > one."at"
    ), told AS (
        SELECT max("at") AS last, min("at") AS "at", trouble_at IS NOT NULL AS trouble,
            max(now) + 0.5::DOUBLE AS reach, min(earlier) + 0.5::DOUBLE AS floor
        FROM decided GROUP BY key, trouble_at, CASE WHEN trouble_at IS NULL THEN "at" END
    )
    SELECT {part} AS part, trouble, reach, floor, count(*)::INTEGER AS number FROM told
    WHERE "at" >= $since AND last + $horizon <= $until GROUP BY part, trouble, reach, floor HAVING part IS NOT NULL
""".format(part=_PART.format(known="last + $horizon", began='"at"'))

# what came back reached as far as the pause was long; who is gone, as far as is known, less the horizon. What is known
# of the first part is what was known at its end.
_OF_HABITS: Final = f"""
    {HABITS}, parted AS (
        SELECT *, CASE WHEN "at" <= $middle THEN 'chosen' ELSE 'judged' END AS part,
            CASE WHEN "at" <= $middle THEN $middle ELSE $until END AS known
        FROM habits
    ), ended AS (
        SELECT *, next_at IS NULL OR next_at > known AS gone FROM parted
    ), paused AS (
        SELECT *, CASE WHEN gone THEN known - $horizon ELSE next_at END - "at" AS pause FROM ended
        WHERE NOT gone OR "at" + gap + $horizon <= known
    )
    SELECT part, gone AS trouble, count(*)::INTEGER AS number,
        CASE WHEN pause <= $at_least THEN '-inf'::DOUBLE ELSE ceil(1000 * pause / gap) / 1000 END AS reach
    FROM paused GROUP BY part, trouble, reach
"""

# The sums of a CUSUM for each decision interval, as `tables.rates` makes them: a window counts with it at most, and it
# looks back as far as takes, so that other intervals have other sums.
_OF_SUMS: Final = """
    WITH told AS (
        SELECT *, max("end") FILTER (NOT $counts OR total > 0) OVER unit_so_far AS heard
        FROM points WHERE standard = $standard AND "at" = "end"
        WINDOW unit_so_far AS (PARTITION BY subject, unit ORDER BY "end")
    ), begun AS (
        SELECT *, heard - lag(heard) OVER (PARTITION BY subject, unit ORDER BY "end") > $remembered AS anew FROM told
    ), spells AS (
        SELECT *, count(*) FILTER (anew) OVER (PARTITION BY subject, unit ORDER BY "end") AS spell FROM begun
    ), steps AS (
        SELECT given.bound, given.summed, subject, unit, spell, {key} AS key, "end" AS "at",
            round((least(z, given.bound + $slack) - $slack) * 1e6)::BIGINT AS step
        FROM spells, (SELECT unnest($bounds::DOUBLE[]) AS bound, unnest($summed::BIGINT[]) AS summed) AS given
    ), reached AS (
        SELECT *, sum(step) OVER (PARTITION BY bound, subject, unit, spell ORDER BY "at") AS reached FROM steps
    ), sums AS (
        SELECT *, reached - least(reached, min(reached - step) OVER (
            PARTITION BY bound, subject, unit, spell ORDER BY "at" RANGE BETWEEN summed PRECEDING AND CURRENT ROW
        )) AS level FROM reached
    ), decided AS (
        SELECT bound, sums."at", level > round(bound * 1e6) AS alarm,
            coalesce(trouble."at" <= sums."at" + $horizon, false) AS trouble
        FROM sums ASOF LEFT JOIN (SELECT key, epoch_us("at") AS "at" FROM all_trouble) AS trouble
            ON sums.key = trouble.key AND trouble."at" > sums."at"
    )
    SELECT bound AS value, {part} AS part, count(*) FILTER (alarm)::INTEGER AS alarms,
        count(*) FILTER (alarm AND trouble)::INTEGER AS hits, count(*) FILTER (trouble)::INTEGER AS events
    FROM decided WHERE "at" >= $since AND "at" + $horizon <= $until GROUP BY value, part HAVING part IS NOT NULL
"""


def _sums(rate: Rate, bounds: Sequence[float], trouble: pa.Table, span: Span, *, reader: Monitor) -> Sequence[Counted]:
    asked = {**_asked(rate, span), "slack": rate.slack, "bounds": list(bounds)}
    window = length(rate.window)
    asked |= {"counts": rate.counts, "remembered": rate.remembered * window}
    asked["summed"] = [rate.model_copy(update={"decision": bound}).summed * window for bound in bounds]
    statement = _OF_SUMS.format(key=_whose(rate), part=_PART.format(known='"at" + $horizon', began='"at"'))
    return [Counted(**row) for row in reader.asked(statement, asked, all_trouble=trouble).to_pylist()]


def _whose(rate: Rate) -> str:
    return "unit" if rate.by == "unit" else "subject"


def _asked(standard: Declared, span: Span) -> dict[str, Any]:
    return {
        "standard": standard.id,
        "since": micros(span.since),
        "until": micros(span.until),
        "middle": micros(span.middle),
        "horizon": length(span.horizon),
    }


def _rows(standard: Declared, trouble: pa.Table, span: Span, *, reader: Monitor) -> Sequence[Mapping[str, Any]]:
    asked = _asked(standard, span)
    tables = {"all_trouble": trouble}
    match standard:
        case Promise():
            statement, tables = _OF_PROMISES, {}
            del asked["horizon"]
        case Lapse():
            statement, tables = _OF_HABITS, {}
            asked |= {**habits_asked(standard, span), "at_least": length(standard.at_least)}
        case Silence():
            statement = _OF_SILENCE
        case Limit():
            statement = _values('(SELECT subject AS key, "at", over AS reach FROM measured WHERE standard = $standard)')
        case Repeat():
            statement = _OF_COUNTS
        case Voice():  # what is just at the bound is found
            statement = _values(
                '(SELECT subject AS key, "at", 1e-9 - over AS reach FROM measured WHERE standard = $standard)'
            )
        case Rate() as rate:
            scale = "1.0" if rate.chart != "ewma" else str(1 / ewma_limit(rate.weight, 1.0))
            statement = _values(
                f'(SELECT {_whose(rate)} AS key, "end" AS "at", statistic * {scale} AS reach FROM points '
                'WHERE standard = $standard AND "at" = "end")'
            )
        case _:
            return []
    rows: list[dict[str, Any]] = reader.asked(statement, asked, **tables).to_pylist()
    return rows


def _values(cases: str) -> str:
    return _OF_VALUES.format(cases=cases, part=_PART.format(known='"at" + $horizon', began='"at"'))
