"""How good the findings of a back-test are: how early they come, how many are false alarms, and what is missed.

A warning of a promise is a hit if the promise was broken then, and a false alarm if it was kept in time. What another
standard finds is a hit if within a horizon afterwards a promise to the same subject (of a rate: at the same unit) is
broken, as other standards tell, or the subject complains. What is not known by the end of the span does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.control import ewma_limit
from amends.monitor.core.kinds import Lapse, Limit, Repeat, Silence, Voice
from amends.monitor.core.proportion import wilson
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Declared, Prohibition, Promise
from amends.monitor.core.threshold import Case, Curve, Part, candidates, curve
from amends.monitor.core.trial_cost import Prices
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.tables.moments import length, micros

HORIZON: Final = timedelta(days=7)  # after a finding, where nobody says another
BROKEN: Final = ("breached", "violated")
NOT_NEW: Final = ("late", "never", "back_in_control")  # findings that follow others

# a finding and the first complaint about its subject from then on
_LEADS: Final = """
    WITH first AS (
        SELECT standard, subject, coalesce(opening_source, '') AS src, coalesce(opening_id, '') AS id,
            min("at") AS "at", min("at") FILTER (what = 'at_risk') AS warned,
            min("at") FILTER (what = 'breached') AS broke, min(due) FILTER (what = 'at_risk') AS due
        FROM all_found WHERE what <> 'back_in_control' GROUP BY ALL
    ), voiced AS (
        SELECT first.*, voices."at" AS voiced FROM first ASOF LEFT JOIN all_voices AS voices
            ON first.subject = voices.subject AND voices."at" >= first."at"
    ), leads AS (
        SELECT standard, unnest([
            {'to': 'due', 'length': epoch(due - warned)},
            {'to': 'breach', 'length': CASE WHEN broke >= warned THEN epoch(broke - warned) END},
            {'to': 'complaint', 'length': epoch(voiced - "at")}
        ], recursive := true) FROM voiced
    )
    SELECT standard, "to", count(*) AS number, quantile_cont("length", [0.25, 0.5, 0.75]) AS quartiles
    FROM leads WHERE "length" IS NOT NULL GROUP BY ALL ORDER BY ALL
"""

_WARNINGS: Final = """
    WITH mine AS (SELECT standard, subject, coalesce(opening_source, '') AS src, coalesce(opening_id, '') AS id, what,
            "at" FROM all_found),
    risk AS (SELECT standard, subject, src, id, min("at") AS "at" FROM mine WHERE what = 'at_risk' GROUP BY ALL),
    broke AS (SELECT standard, subject, src, id, min("at") AS "at" FROM mine WHERE what = 'breached' GROUP BY ALL),
    kept AS (SELECT DISTINCT standard, subject, coalesce(source, '') AS src, coalesce(id, '') AS id FROM outcomes
             WHERE good),
    told AS (SELECT standard, subject, src, id, risk."at" AS warned, broke."at" AS broken
        FROM risk FULL JOIN broke USING (standard, subject, src, id)),
    ended AS (SELECT told.*, kept.id IS NOT NULL AND broken IS NULL AS good
        FROM told LEFT JOIN kept USING (standard, subject, src, id))
    SELECT standard, count(*) FILTER (warned IS NOT NULL AND (broken IS NOT NULL OR good)) AS alarms,
        count(*) FILTER (warned < broken) AS hits, count(*) FILTER (broken IS NOT NULL) AS events
    FROM ended GROUP BY ALL
"""

_ALARMS: Final = """
    WITH mine AS (SELECT {key} AS key, "at" FROM all_found WHERE standard = $standard AND list_contains($new, what)),
    judged AS (SELECT mine.*, trouble."at" AS hit FROM mine ASOF LEFT JOIN all_trouble AS trouble
        ON mine.key = trouble.key AND trouble."at" > mine."at")
    SELECT count(*) FILTER (hit <= "at" + $horizon OR "at" + $horizon <= $until) AS alarms,
        count(*) FILTER (hit <= "at" + $horizon) AS hits FROM judged
"""

_FORESEEN: Final = """
    WITH mine AS (SELECT {key} AS key, "at" FROM all_found WHERE standard = $standard AND list_contains($new, what))
    SELECT count(*) AS events, count(*) FILTER (mine."at" >= trouble."at" - $horizon) AS hits
    FROM all_trouble AS trouble ASOF LEFT JOIN mine ON trouble.key = mine.key AND mine."at" < trouble."at"
"""


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when to when, where the last third begins, and how long after a finding trouble still counts as foreseen."""

    since: datetime
    until: datetime
    horizon: timedelta = HORIZON

    @property
    def middle(self) -> datetime:
        """Where the last third begins."""
        return self.since + (self.until - self.since) * 2 / 3

    def part(self, began: int, known: int) -> Part | None:
        """To which part of the span a case belongs that began at one instant and was decided at another."""
        return part_of(began, known, middle=micros(self.middle))


def part_of(began: int, known: int, *, middle: int) -> Part | None:
    """A case that straddles the boundary belongs to neither part."""
    return "chosen" if known <= middle else "judged" if began > middle else None


def kind_of(standard: Declared) -> str | None:
    """How its findings are judged: as warnings of a promise, by the subject, by the unit, or not at all."""
    if isinstance(standard, Promise):
        return "promise"
    if isinstance(standard, Rate):
        return "unit" if standard.by == "unit" else "subject"
    return None if isinstance(standard, Prohibition | Lapse) else "subject"


def leads_of(found: pa.Table, voices: pa.Table, *, reader: Monitor) -> dict[str, dict[str, Any]]:
    """By standard: how long before the due time, the breach and the first complaint the findings come, in seconds."""
    leads: dict[str, dict[str, Any]] = {}
    for row in reader.asked(_LEADS, all_found=found, all_voices=voices).to_pylist():
        low, median, high = row["quartiles"]
        told = {"number": row["number"], "low": low, "median": median, "high": high}
        leads.setdefault(row["standard"], {})[row["to"]] = told
    return leads


def rates_of(
    standard: Declared, found: pa.Table, trouble: pa.Table, span: Span, *, reader: Monitor
) -> dict[str, Any] | None:
    """Alarms that are decided, the hits among them, all troubles and those foreseen, with their shares.

    `reader` is the monitor that made these findings.
    """
    kind = kind_of(standard)
    if kind is None:
        return None
    if kind == "promise":
        rows = reader.asked(_WARNINGS, all_found=found).to_pylist()
        counted = next((row for row in rows if row["standard"] == standard.id), None)
        alarms, hits, events = (int(counted[name]) if counted else 0 for name in ("alarms", "hits", "events"))
        foreseen = hits
    else:
        new = sorted({*found["what"].unique().to_pylist()} - {*NOT_NEW})
        asked = {"standard": standard.id, "new": new, "horizon": span.horizon}
        own = _keyed(trouble, kind, beside=standard.id)
        (row,) = reader.asked(
            _ALARMS.format(key=kind), {**asked, "until": span.until}, all_found=found, all_trouble=own
        ).to_pylist()
        alarms, hits = row["alarms"], row["hits"]
        (row,) = reader.asked(_FORESEEN.format(key=kind), asked, all_found=found, all_trouble=own).to_pylist()
        events, foreseen = row["events"], row["hits"]
    return {
        "alarms": alarms,
        "hits": hits,
        "false": alarms - hits,
        "events": events,
        "foreseen": foreseen,
        "precision": wilson(hits, alarms),
        "recall": wilson(foreseen, events),
    }


def _keyed(trouble: pa.Table, kind: str, *, beside: str) -> pa.Table:
    """Troubles that other standards tell, and all complaints, by what they are held against."""
    others = trouble.filter(pc.or_(pc.not_equal(trouble["standard"], beside), trouble["voice"]))
    name = "unit" if kind == "unit" else "subject"
    return others.select([name, "at"]).rename_columns(["key", "at"]).drop_null()


def costs_of(rates: Mapping[str, Any], prices: Prices, currency: str) -> dict[str, Any]:
    """What its false alarms cost, what its hits avert, and what is missed, in the blueprint's currency."""
    cents = Decimal("0.01")
    return {
        "false_alarms": str((prices.intervention * rates["false"]).quantize(cents)),
        "averted": str((prices.averted * rates["foreseen"]).quantize(cents)),
        "missed": str((prices.averted * (rates["events"] - rates["foreseen"])).quantize(cents)),
        "currency": currency,
        "confidence": prices.confidence,
        "intervention": str(prices.intervention.quantize(cents)),
        "saving": str(prices.averted.quantize(cents)),
    }


# thresholds


def curve_of(
    draft: Declared, in_force: Declared | None, trouble: pa.Table, span: Span, *, reader: Monitor
) -> Curve | None:
    """The curve of the draft's threshold; None where it has none that one run can judge at all values.

    Args:
        draft: the standard as the draft has it.
        in_force: as it is in force.
        trouble: broken promises and complaints.
        span: the time that is judged.
        reader: the monitor of the draft.
    """
    kind = kind_of(draft)
    if kind is None:
        return None
    own = _keyed(trouble, kind, beside=draft.id)
    value = threshold_of(draft)
    if value is None:
        return None
    parameter, number, rising, is_length = value
    is_count = isinstance(draft, Repeat)
    before = threshold_of(in_force) if in_force is not None else None
    rows = _rows(draft, own, span, reader=reader)
    cases = [_case(row) for row in rows]
    sign = 1 if rising else -1
    reaches = [sign * one.reach for one in cases if one.part == "chosen"]
    return curve(
        cases,
        candidates(reaches, is_length=is_length, is_count=is_count),
        standard=draft.id,
        parameter=parameter,
        rising=rising,
        is_length=is_length,
        is_count=is_count,
        in_force=before[1] if before is not None and before[0] == parameter else None,
        draft=number,
    )


def threshold_of(standard: Declared) -> tuple[str, float | None, bool, bool] | None:
    """The path of its threshold, its value, whether more of it alarms less, and whether it is a length of time."""
    told: tuple[str, float | None, bool, bool] | None = None
    match standard:
        case Promise(warn=warn):
            told = "warn", None if warn is None else warn.total_seconds(), False, True
        case Silence(silent_for=silent):
            told = "silent_for", silent.total_seconds(), True, True
        case Limit(above=float(above), times=1.0):
            told = "above", above, True, False
        case Limit(above=str(), times=times):
            told = "times", times, True, False
        case Repeat(times=often):
            told = "times", float(often), True, False
        case Voice(at_most=float(rating)):
            told = "at_most", rating, False, False
        case Rate(chart=None, above=above):
            told = "above", above, True, False
        case Rate() as rate if rate.chart != "cusum":  # its windows count with the decision at most: another run
            told = "sigmas", rate.bound, True, False
    return told


def _case(row: Mapping[str, Any]) -> Case:
    return Case(**{name: value for name, value in row.items() if value is not None})


_PART: Final = "CASE WHEN {known} <= $middle THEN 'chosen' WHEN {began} > $middle THEN 'judged' END"

# what was kept is warned of if it was open that long before it was due; what was broken is warned of by any warning
_OF_PROMISES: Final = f"""
    SELECT {_PART.format(known="settled", began="opened")} AS part, NOT good AS trouble,
        CASE WHEN opened >= due OR (good AND settled <= opened) THEN '-inf'::DOUBLE WHEN good
            THEN -floor((due - settled) / 60e6) * 60 ELSE 'inf'::DOUBLE END AS reach, count(*)::INTEGER AS number
    FROM outcomes WHERE standard = $standard AND settled >= $since AND settled <= $until GROUP BY ALL
    HAVING part IS NOT NULL
"""

_OF_VALUES: Final = """
    WITH decided AS (
        SELECT one.reach, one."at", coalesce(trouble."at" <= one."at" + $horizon, false) AS trouble
        FROM {cases} AS one ASOF LEFT JOIN (SELECT key, epoch_us("at") AS "at" FROM all_trouble) AS trouble
            ON one.key = trouble.key AND trouble."at" > one."at"
    )
    SELECT {part} AS part, trouble, reach, count(*)::INTEGER AS number FROM decided
    WHERE "at" >= $since AND "at" + $horizon <= $until GROUP BY ALL HAVING part IS NOT NULL
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
    FROM decided WHERE "at" >= $since AND "at" + $horizon <= $until AND silent > 0 GROUP BY ALL HAVING part IS NOT NULL
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
    WHERE "at" >= $since AND last + $horizon <= $until GROUP BY ALL HAVING part IS NOT NULL
""".format(part=_PART.format(known="last + $horizon", began='"at"'))


def _rows(standard: Declared, trouble: pa.Table, span: Span, *, reader: Monitor) -> Sequence[Mapping[str, Any]]:
    asked: dict[str, Any] = {
        "standard": standard.id,
        "since": micros(span.since),
        "until": micros(span.until),
        "middle": micros(span.middle),
        "horizon": length(span.horizon),
    }
    match standard:
        case Promise():
            statement = _OF_PROMISES
            del asked["horizon"]
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
            whose = "unit" if rate.by == "unit" else "subject"
            statement = _values(
                f'(SELECT {whose} AS key, "end" AS "at", statistic * {scale} AS reach FROM points '
                'WHERE standard = $standard AND "at" = "end")'
            )
        case _:
            return []
    tables = {} if isinstance(standard, Promise) else {"all_trouble": trouble}
    rows: list[dict[str, Any]] = reader.asked(statement, asked, **tables).to_pylist()
    return rows


def _values(cases: str) -> str:
    return _OF_VALUES.format(cases=cases, part=_PART.format(known='"at" + $horizon', began='"at"'))
