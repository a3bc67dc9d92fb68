"""Made-up signals of a parcel carrier, the same for the same seed: registered, picked up, sorted, out, delivered;
some lost, some late.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

STANDARDS: dict[str, Any] = {
    "version": 1,
    "lateness": "PT30M",
    "standards": [
        {
            "id": "picked-up",
            "opens": {"type": "parcel.registered"},
            "closes": {"type": "parcel.picked_up"},
            "due": {"after": "PT24H"},
            "warn": "PT4H",
            "gives_up": "P5D",
        },
        {
            "id": "delivered",
            "opens": {"type": "parcel.registered"},
            "closes": {"type": "parcel.delivered"},
            "due": {"at": "data.promised"},
            "warn": "PT6H",
            "gives_up": "P10D",
        },
        {
            "id": "sorted-overnight",
            "opens": {"type": "parcel.picked_up"},
            "closes": {"type": "parcel.sorted"},
            "due": {"by": "06:00", "days": 1, "calendar": "depot", "cutoff": "18:00"},
        },
        {
            "id": "out-for-delivery",
            "opens": {"type": "parcel.out"},
            "closes": {"type": "parcel.delivered"},
            "due": {"after": "PT10H"},
            "gives_up": "P3D",
        },
        {"id": "not-damaged", "forbids": {"type": "parcel.damaged"}},
    ],
    "calendars": {"depot": {"tz": "Europe/Berlin", "week": {"mon-sat": ["06:00-22:00"]}}},
}
_KINDS = ("parcel.registered", "parcel.picked_up", "parcel.sorted", "parcel.out", "parcel.delivered", "parcel.damaged")
_HOUR = 3_600_000_000
_START = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1_000_000


def write(path: Path, signals: int, seed: int = 7, days: int = 60) -> int:
    """About so many signals over so many days, out of order by up to 20 minutes, 1 % of them sent twice; gives the
    exact number.
    """
    chance = np.random.default_rng(seed)
    parcels = signals // 5
    registered = _START + np.sort(chance.integers(0, days * 24 * _HOUR, parcels))
    times = [registered]
    for mean in (12, 8, 10, 6):  # hours from each stage to the next
        times.append(times[-1] + (chance.gamma(2.0, mean / 2, parcels) * _HOUR).astype(np.int64))
    lost_at = np.where(chance.random(parcels) < 0.03, chance.integers(1, 5, parcels), 9)
    promised = registered + chance.integers(30, 60, parcels) * _HOUR
    parts = [(times[stage][lost_at > stage], np.flatnonzero(lost_at > stage), stage) for stage in range(5)]
    damaged = np.flatnonzero(chance.random(parcels) < 0.005)
    parts.append((times[2][damaged], damaged, 5))
    time = np.concatenate([part[0] for part in parts])
    parcel = np.concatenate([part[1] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    again = np.flatnonzero(chance.random(len(time)) < 0.01)
    name = np.concatenate([np.arange(len(time)), again])
    time, parcel, kind = (np.concatenate([column, column[again]]) for column in (time, parcel, kind))
    order = np.argsort(time + chance.integers(0, 20 * 60_000_000, len(time)), kind="stable")
    time, parcel, kind, name = time[order], parcel[order], kind[order], name[order]
    _write(path, time=time, parcel=parcel, kind=kind, name=name, promised=promised)
    return len(time)


def most_open(path: Path) -> int:
    """How many promises are open at most at one time; those that are never kept are left out."""
    table = pq.read_table(path, columns=["id", "type", "subject", "time"])
    table = table.group_by(["type", "subject"]).aggregate([("time", "min")])
    at = {
        kind: table.filter(pc.field("type") == kind).select(["subject", "time_min"]).rename_columns(["subject", kind])
        for kind in _KINDS
    }
    began, ended = [], []
    for promise in (one for one in STANDARDS["standards"] if "opens" in one):
        opens, closes = promise["opens"]["type"], promise["closes"]["type"]
        both = at[opens].join(at[closes], "subject", join_type="inner")
        began.append(both[opens].cast(pa.int64()).to_numpy())
        ended.append(both[closes].cast(pa.int64()).to_numpy())
    starts, ends = np.concatenate(began), np.concatenate(ended)
    change = np.concatenate([np.ones(len(starts), np.int64), np.full(len(ends), -1)])
    return int(np.cumsum(change[np.argsort(np.concatenate([starts, ends]), kind="stable")]).max())


def _write(
    path: Path, *, time: np.ndarray, parcel: np.ndarray, kind: np.ndarray, name: np.ndarray, promised: np.ndarray
) -> None:
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("source", pa.string()),
            ("type", pa.string()),
            ("subject", pa.string()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("customer", pa.string()),
            ("unit", pa.string()),
            ("data", pa.string()),
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, len(time), 200_000):
            cut = slice(start, start + 200_000)
            due = np.datetime_as_string(promised[parcel[cut]].astype("datetime64[us]"), unit="s")
            data = ['{"promised":"' + at + 'Z"}' if k == 0 else None for at, k in zip(due, kind[cut], strict=True)]
            columns = [
                pa.array([f"s{n}" for n in name[cut]]),
                pa.repeat("carrier", len(data)),
                pa.array(_KINDS).take(pa.array(kind[cut])),
                pa.array([f"P{n:09d}" for n in parcel[cut]]),
                pa.array(time[cut], pa.int64()).cast(pa.timestamp("us", tz="UTC")),
                pa.array([f"C{n % 500_000:06d}" for n in parcel[cut]]),
                pa.array([f"depot-{n % 120}" for n in parcel[cut]]),
                pa.array(data, pa.string()),
            ]
            writer.write_table(pa.table(columns, schema=schema))
