"""A back-test: the same signals judged by two sets of standards, and how what they find differs. Needs no database.

Both monitors keep their state in a folder, step by step, so that a back-test that was stopped or killed goes on where
it was.
"""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from amends.monitor.core.drafts import changed
from amends.monitor.core.standard import Standards
from amends.monitor.engines.duckdb import Monitor

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


class Trial:
    """Two monitors side by side, of the standards in force and of a draft."""

    def __init__(self, folder: Path, *, in_force: Standards, draft: Standards, until: datetime) -> None:
        self._until = until
        self._about = changed(in_force, draft)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as opened:
            self._monitors = {
                name: opened.enter_context(
                    Monitor.open(
                        folder / f"{name}.duckdb",
                        standards,
                        until=until,
                        memory_limit="1GB",
                        spill=folder / f"{name}.spill",
                    )
                )
                for name, standards in (("in_force", in_force), ("draft", draft))
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
        return {**result, "counts": told}


def compared(draft: pa.Table, *, in_force: pa.Table) -> dict[str, Any]:
    """What only one of them found, what both did, and when: counts by standard and finding, with examples.

    Returns:
        plain JSON values. `moved` are those that both found at another time; they count among `both` as well.
    """
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
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
