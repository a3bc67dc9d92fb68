"""The parcels' standards as one would write them for these alone in Polars and in pandas: all at once, from Parquet.

They know no lateness, no `where`, no revision, and that a parcel is closed at most once for each standard.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from amends.monitor.core.due_days import spans_of
from amends.monitor.core.standard import DueAfter, DueAt, DueBy, Prohibition, Standards

_TICK = timedelta(microseconds=1)
_DAY = 86_400_000_000
_COLUMNS = ["source", "id", "type", "subject", "time", "data"]
Found = Counter[tuple[str, str]]


def with_polars(events: Path, standards: Standards) -> Found:
    """How often each standard finds what."""
    read = pl.scan_parquet(events).select(*_COLUMNS[:4], at=pl.col("time").cast(pl.Int64), data="data")
    signals = read.unique(["source", "id"]).select("type", "subject", "at", "data").collect(engine="streaming")
    high = signals["at"].max()
    found: Found = Counter()
    for promise in standards.promises:
        opened = signals.lazy().filter(pl.col("type") == promise.opens.type)
        match promise.due:
            case DueAfter(after=after):
                opened = opened.with_columns(due=pl.col("at") + after // _TICK)
            case DueAt(field=field):
                told = pl.col("data").str.json_path_match(f"$.{field}").str.to_datetime(time_unit="us", time_zone="UTC")
                opened = opened.with_columns(due=told.cast(pl.Int64) + promise.due.plus // _TICK)
            case DueBy():
                spans = pl.LazyFrame(_spans(signals["at"].to_numpy(), promise.due, standards)).sort("start")
                opened = opened.sort("at").join_asof(spans, left_on="at", right_on="start")
        closed = signals.lazy().filter(pl.col("type") == promise.closes.type).select("subject", closed="at")
        both = opened.with_columns(due=pl.max_horizontal("due", "at")).join(closed, on="subject", how="left")
        due, end = pl.col("due"), pl.col("closed").fill_null(2**62)
        never = due + promise.gives_up // _TICK if promise.gives_up else pl.lit(2**62)
        warn = pl.max_horizontal(due - promise.warn // _TICK, "at") if promise.warn else due
        counts = both.select(
            at_risk=((warn < due) & (end > warn) & (warn <= high)).sum(),
            breached=((end > due) & (due <= high)).sum(),
            late=((end > due) & (end <= never) & (end <= high)).sum(),
            never=((end > never) & (never <= high)).sum(),
        ).collect(engine="streaming")
        found.update({(promise.id, what): int(number) for what, number in counts.row(0, named=True).items()})
    for one in standards.of_kind(Prohibition):
        found[one.id, "violated"] = signals.filter(pl.col("type") == one.forbids.type).height
    return +found


def with_pandas(events: Path, standards: Standards) -> Found:
    """How often each standard finds what."""
    signals = pd.read_parquet(events, columns=_COLUMNS).drop_duplicates(["source", "id"])
    signals["at"] = signals["time"].astype("int64")
    high = signals["at"].max()
    found: Found = Counter()
    for promise in standards.promises:
        opened = signals[signals["type"] == promise.opens.type]
        match promise.due:
            case DueAfter(after=after):
                due = opened["at"] + after // _TICK
            case DueAt(field=field):
                told = opened["data"].str.extract(rf'"{field}":"([^"]+)"')[0]
                due = pd.to_datetime(told, utc=True).dt.as_unit("us").astype("int64") + promise.due.plus // _TICK
            case DueBy():
                spans = pd.DataFrame(_spans(signals["at"].to_numpy(), promise.due, standards)).sort_values("start")
                opened = pd.merge_asof(opened.sort_values("at"), spans, left_on="at", right_on="start")
                due = opened["due"]
        opened = opened[["subject", "at"]].assign(due=np.maximum(due, opened["at"]))
        closed = signals.loc[signals["type"] == promise.closes.type, ["subject", "at"]]
        both = opened.merge(closed.rename(columns={"at": "closed"}), on="subject", how="left")
        due, end = both["due"], both["closed"].fillna(2**62)
        never: Any = due + promise.gives_up // _TICK if promise.gives_up else 2**62
        warn = np.maximum(due - promise.warn // _TICK, both["at"]) if promise.warn else due
        found[promise.id, "at_risk"] = int(((warn < due) & (end > warn) & (warn <= high)).sum())
        found[promise.id, "breached"] = int(((end > due) & (due <= high)).sum())
        found[promise.id, "late"] = int(((end > due) & (end <= never) & (end <= high)).sum())
        found[promise.id, "never"] = int(((end > never) & (never <= high)).sum())
    for one in standards.of_kind(Prohibition):
        found[one.id, "violated"] = int((signals["type"] == one.forbids.type).sum())
    return +found


def _spans(at: np.ndarray[Any, Any], due: DueBy, standards: Standards) -> dict[str, list[int]]:
    days = range(int(at.min()) // _DAY, int(at.max()) // _DAY + 1)
    spans = [span for day in days for span in spans_of(day, due, standards.calendar(due.calendar))]
    return {"start": [span.start for span in spans], "due": [span.due for span in spans]}
