"""How good the findings of a back-test are: how early they come, how many are false alarms, and what is missed.

A warning of a promise is a hit if the promise was broken then, and a false alarm if it was kept in time. That a
customer stays away is right if nothing was bought until the end of the span. What another standard finds is a hit if
within a horizon afterwards a promise to the same subject (of a rate: at the same unit) is broken, as other standards
tell, or the subject complains. What is not known by the end of the span does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.kinds import Lapse
from amends.monitor.core.proportion import wilson
from amends.monitor.core.rate import Rate
from amends.monitor.core.standard import Declared, Prohibition, Promise
from amends.monitor.core.threshold import Part
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

HABITS: Final = """
    WITH bought AS (SELECT DISTINCT subject, "at" FROM heard WHERE standard = $standard),
    ordered AS (
        SELECT subject, "at", lead("at") OVER whose AS next_at, row_number() OVER whose AS purchases,
            min("at") OVER (PARTITION BY subject) AS first_at
        FROM bought WINDOW whose AS (PARTITION BY subject ORDER BY "at")
    ), habits AS (
        SELECT subject, "at", next_at, ("at" - first_at) / (purchases - 1) AS gap FROM ordered
        WHERE purchases >= $after AND "at" >= $since AND "at" <= $until
    )
"""
"""The purchases of customers with a habit by then, each with the next one and the usual gap."""

# gone is who bought nothing until the end, a usual gap and the horizon after the last purchase or longer
_STAYED_AWAY: Final = f"""
    {HABITS}, mine AS (
        SELECT subject, epoch_us("at") AS "at" FROM all_found WHERE standard = $standard
    ), alarms AS (
        SELECT mine."at", EXISTS (
            FROM bought WHERE bought.subject = mine.subject AND bought."at" > mine."at" AND bought."at" <= $until
        ) AS back FROM mine
    ), gone AS (
        SELECT EXISTS (FROM mine WHERE mine.subject = habits.subject AND mine."at" > habits."at") AS foreseen
        FROM habits WHERE (next_at IS NULL OR next_at > $until) AND "at" + gap + $horizon <= $until
    )
    SELECT * FROM (
        SELECT count(*) FILTER (back OR "at" + $horizon <= $until) AS alarms,
            count(*) FILTER (NOT back AND "at" + $horizon <= $until) AS hits FROM alarms
    ), (SELECT count(*) AS events, count(*) FILTER (foreseen) AS foreseen FROM gone)
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
    """How its findings are judged: as warnings of a promise, by what the customer, the subject or the unit went on to
    do, or not at all.
    """
    match standard:
        case Promise():
            return "promise"
        case Rate(by="unit"):
            return "unit"
        case Lapse():
            return "customer"
        case Prohibition():
            return None
    return "subject"


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
    elif isinstance(standard, Lapse):
        asked = habits_asked(standard, span)
        (row,) = reader.asked(_STAYED_AWAY, asked, all_found=found).to_pylist()
        alarms, hits, events, foreseen = (int(row[name]) for name in ("alarms", "hits", "events", "foreseen"))
    else:
        new = sorted({*found["what"].unique().to_pylist()} - {*NOT_NEW})
        asked = {"standard": standard.id, "new": new, "horizon": span.horizon}
        own = keyed(trouble, kind, beside=standard.id)
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


def habits_asked(lapse: Lapse, span: Span) -> dict[str, Any]:
    """The parameters of HABITS, and the horizon, in microseconds."""
    return {
        "standard": lapse.id,
        "after": lapse.after,
        "since": micros(span.since),
        "until": micros(span.until),
        "horizon": length(span.horizon),
    }


def keyed(trouble: pa.Table, kind: str, *, beside: str) -> pa.Table:
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
