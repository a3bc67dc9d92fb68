"""A back-test: the same signals judged by two sets of standards, and how what they find differs. Needs no database.

Both monitors keep their state in a folder, step by step, so that a back-test that was stopped or killed goes on where
it was.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.drafts import changed
from amends.monitor.core.kinds import Lapse
from amends.monitor.core.standard import Standards
from amends.monitor.core.trial_cost import Prices
from amends.monitor.engines.connecting import connect
from amends.monitor.engines.duckdb import Monitor
from amends.monitor.quality import BROKEN, HORIZON, Span, costs_of, leads_of, rates_of
from amends.monitor.thresholds import curve_of

EXAMPLES: Final = 5  # of each standard, finding and side
SIDES: Final = ("only_draft", "only_in_force", "moved")

# What makes a finding the same one on both sides: not its time, which a draft may move. Where a standard finds the same
# thing several times of one opening, the first is held against the first.
_PAIRED: Final = """
    WITH d AS (SELECT *, row_number() OVER (PARTITION BY standard, subject, what, opening_source, mark ORDER BY "at") n
               FROM (SELECT *, coalesce(opening_id, '') mark FROM draft)),
         f AS (SELECT *, row_number() OVER (PARTITION BY standard, subject, what, opening_source, mark ORDER BY "at") n
               FROM (SELECT *, coalesce(opening_id, '') mark FROM in_force))
    SELECT coalesce(d.standard, f.standard) AS standard, coalesce(d.what, f.what) AS what,
        coalesce(d.subject, f.subject) AS subject, coalesce(d.unit, f.unit) AS unit,
        d."at" AS at_draft, f."at" AS at_in_force,
        CASE WHEN f.standard IS NULL THEN 'only_draft' WHEN d.standard IS NULL THEN 'only_in_force'
            WHEN d."at" <> f."at" THEN 'moved' ELSE 'same' END AS side
    FROM d FULL JOIN f ON d.standard = f.standard AND d.subject = f.subject AND d.what = f.what AND d.n = f.n
        AND d.mark = f.mark AND d.opening_source IS NOT DISTINCT FROM f.opening_source
"""


NONE: Final = Standards(version=1, standards=())


@dataclass(frozen=True, kw_only=True)
class JudgedBy:
    """What tells whether a finding was right, and what it costs if not."""

    beside: Standards = NONE  # not changed by the draft; they tell what was broken
    hearing: frozenset[str] = frozenset()  # ids of those that hear customers
    horizon: timedelta = HORIZON
    prices: Prices | None = None
    currency: str = ""


class Trial:
    """Two monitors side by side, of the standards in force and of a draft."""

    def __init__(
        self, folder: Path, *, in_force: Standards, draft: Standards, until: datetime, judged_by: JudgedBy | None = None
    ) -> None:
        self._until = until
        self._about = changed(in_force, draft)
        self._judged_by = judged_by or JudgedBy()
        self._sides = {"in_force": in_force, "draft": draft}
        among = self._sides | ({"beside": self._judged_by.beside} if self._judged_by.beside.standards else {})
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._monitors = {
                name: opened.enter_context(
                    Monitor.open(
                        folder / f"{name}.duckdb",
                        standards,
                        until=until,
                        memory_limit="300MB",
                        spill=folder / f"{name}.spill",
                        observing=name != "beside",
                    )
                )
                for name, standards in among.items()
            }
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def step(self, signals: pa.Table, position: str) -> None:
        """Judge the next signals. Positions only grow; a monitor that has got there already passes over them."""
        for monitor in self._monitors.values():
            if str(monitor.position or "") < position:
                monitor.step(signals, position)

    @property
    def position(self) -> str:
        """Where both have got to."""
        return min(str(monitor.position or "") for monitor in self._monitors.values())

    @property
    def signals(self) -> int:
        """How many were judged so far."""
        return self._monitors["draft"].counts.signals

    def finish(self, *, since: datetime) -> dict[str, Any]:
        """Judge what is left up to the end, and compare what both found from `since` on. Nothing may follow.

        Of standards that were judged only because they count what others find, what differs is told.
        """
        found = {}
        for name, monitor in self._monitors.items():
            monitor.finish(self._until)
            table = monitor.findings_since(0)
            found[name] = table.filter(pc.greater_equal(table["at"], pa.scalar(since, table["at"].type)))
        result = compared(found["draft"], in_force=found["in_force"])
        differs = {one["standard"] for one in result["counts"] if any(one[side] for side in SIDES)}
        told = [one for one in result["counts"] if one["standard"] in self._about | differs]
        span = Span(since=since, until=self._until, horizon=self._judged_by.horizon)
        return {**result, "counts": told, **self._quality(found, span, {one["standard"] for one in told} | self._about)}

    def _quality(self, found: dict[str, pa.Table], span: Span, ids: set[str]) -> dict[str, Any]:
        """How good the findings of both sides are, and what other thresholds of the draft would have done."""
        by = self._judged_by
        told = pa.concat_tables([found["in_force"], *([found["beside"]] if "beside" in found else [])])
        hears = pc.is_in(told["standard"], pa.array(sorted(by.hearing), pa.string()))
        trouble = told.append_column("voice", hears)
        trouble = trouble.filter(pc.or_(hears, pc.is_in(told["what"], pa.array(BROKEN))))
        trouble = trouble.select(["standard", "subject", "unit", "at", "voice"])
        voices = trouble.filter(trouble["voice"]).select(["subject", "at"])
        quality: dict[str, dict[str, Any]] = {name: {"standard": name, "sides": {}} for name in sorted(ids)}
        for side, standards in self._sides.items():
            leads = leads_of(found[side], voices, reader=self._monitors[side])
            for one in standards.standards:
                if one.id not in ids:
                    continue
                rates = rates_of(one, found[side], trouble, span, reader=self._monitors[side])
                # who stays away was hurt before: what that averts no figure tells
                priced = rates is not None and by.prices is not None and not isinstance(one, Lapse)
                costs = costs_of(rates, by.prices, by.currency) if priced else None
                quality[one.id]["sides"][side] = {"leads": leads.get(one.id, {}), "rates": rates, "costs": costs}
        before = {one.id: one for one in self._sides["in_force"].standards}
        curves = [
            curve_of(one, before.get(one.id), trouble, span, reader=self._monitors["draft"])
            for one in self._sides["draft"].standards
            if one.id in self._about
        ]
        return {
            "horizon": span.horizon.total_seconds(),
            "middle": span.middle.isoformat(),
            "quality": list(quality.values()),
            "curves": [one.content() for one in curves if one is not None],
        }


def compared(draft: pa.Table, *, in_force: pa.Table) -> dict[str, Any]:
    """What only one of them found, what both did, and when: counts by standard and finding, with examples.

    Returns:
        plain JSON values. `moved` are those that both found at another time; they count among `both` as well.
    """
    with connect(threads=2, memory_limit="1GB") as connection:
        connection.register("draft", draft)
        connection.register("in_force", in_force)
        connection.execute(f"CREATE TEMP TABLE paired AS {_PAIRED}")
        counted = connection.execute(
            """
            SELECT standard, what, count(*) FILTER (side = 'only_draft') AS only_draft,
                count(*) FILTER (side = 'only_in_force') AS only_in_force,
                count(*) FILTER (side IN ('same', 'moved')) AS "both", count(*) FILTER (side = 'moved') AS moved
            FROM paired GROUP BY ALL ORDER BY ALL
            """
        )
        rows = _as_dicts(counted)
        examples = connection.execute(
            """
            SELECT standard, what, side, subject, unit, at_draft, at_in_force FROM paired WHERE side <> 'same'
            QUALIFY row_number() OVER (
                PARTITION BY standard, what, side ORDER BY coalesce(at_draft, at_in_force), subject
            ) <= $most
            ORDER BY standard, what, side, coalesce(at_draft, at_in_force), subject
            """,
            {"most": EXAMPLES},
        )
        return {"counts": rows, "examples": _as_dicts(examples)}


def _as_dicts(found: Any) -> list[dict[str, Any]]:
    return [
        {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in found.to_arrow_table().to_pylist()
    ]
