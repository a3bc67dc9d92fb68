"""What the monitor keeps between steps on Spark: Parquet folders that every machine sees, and one small file a step.

A step writes its rows into folders of its own and then, by renaming, the file that names the folders of every table.
So a step is there whole or not at all. A file that is torn, or names rows that are gone, is as if it were not there:
the state is that of the step before, and what came after is taken again.
"""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import pyarrow as pa

from amends.monitor.engines.state import FORM, Counts
from amends.monitor.tables.moments import BEGINNING

KEPT_STEPS = 2  # whole steps that can be fallen back to


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the monitor is, and where its rows lie."""

    step: int = 0
    seq: int = 0
    position: str | int | None = None
    high: int = BEGINNING
    given: int = BEGINNING
    counts: Counts = field(default_factory=Counts)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)  # folders, below the state's
    sizes: dict[str, int] = field(default_factory=dict)  # bytes of each folder

    @classmethod
    def read(cls, text: str) -> Self:
        said = json.loads(text)
        said["counts"] = Counts(**said["counts"])
        said["tables"] = {name: tuple(folders) for name, folders in said["tables"].items()}
        return cls(**said)


class StateFolder:
    """The folder of one state. One driver writes into it at a time."""

    def __init__(self, path: Path, standards: str) -> None:
        self.path = path
        self._standards = hashlib.sha256(standards.encode()).hexdigest()
        (path / "steps").mkdir(parents=True, exist_ok=True)
        (path / "rows").mkdir(exist_ok=True)
        self._tidied = False

    def last(self) -> Progress:
        """The last step that is whole; where there is none, the beginning."""
        for file in sorted((self.path / "steps").glob("*.json"), reverse=True):
            progress = self._whole(file)
            if progress is not None:
                return progress
        return Progress()

    def folder(self, step: int, name: str) -> tuple[str, Path]:
        """Where a step may put rows of a table: the folder's name below the state's, and its place."""
        below = f"rows/{step:09}-{os.urandom(4).hex()}-{name}"
        return below, self.path / below

    def commit(self, progress: Progress) -> Progress:
        """Make the step the last one. It is on disk when this returns."""
        folders = {one for names in progress.tables.values() for one in names}
        known = progress.sizes
        progress = replace(
            progress, sizes={one: known[one] if one in known else _size(self.path / one) for one in folders}
        )
        text = json.dumps(asdict(progress))
        whole = {"form": FORM, "standards": self._standards, "mark": _mark(text), "progress": text}
        file = self.path / "steps" / f"{progress.step:09}.json"
        being_written = file.with_suffix(".writing")
        with being_written.open("w") as stream:
            json.dump(whole, stream)
            stream.flush()
            os.fsync(stream.fileno())
        being_written.replace(file)
        self._tidy()
        return progress

    def _whole(self, file: Path) -> Progress | None:
        try:
            said = json.loads(file.read_text())
            if (said["form"], said["standards"]) != (FORM, self._standards) or said["mark"] != _mark(said["progress"]):
                return None
            progress = Progress.read(said["progress"])
        except (ValueError, KeyError, TypeError):
            return None
        return progress if all(_size(self.path / one) == size for one, size in progress.sizes.items()) else None

    def _tidy(self) -> None:
        """Drop the files of older steps, and rows that no step names: of steps that were not finished, or compacted."""
        steps = sorted((self.path / "steps").glob("*.json"), reverse=True)
        for old in steps[KEPT_STEPS:]:
            old.unlink()
        named: set[str] = set()
        for file in steps[:KEPT_STEPS]:
            progress = self._whole(file)
            named |= set() if progress is None else set(progress.sizes)
        for folder in (self.path / "rows").iterdir():
            if f"rows/{folder.name}" not in named:
                shutil.rmtree(folder, ignore_errors=True)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.parquet")) if folder.is_dir() else -1


def spark_schema(columns: dict[str, str]) -> str:
    """The columns as Spark writes a schema."""
    kinds = {"string": "string", "int64": "bigint", "float64": "double", "boolean": "boolean", "uint64": "bigint"}
    return ", ".join(f"`{name}` {kinds[kind]}" for name, kind in columns.items())


def arrow_schema(columns: dict[str, str]) -> pa.Schema:
    """The columns as Arrow has them."""
    kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "boolean": pa.bool_()}
    return pa.schema([(name, kinds["int64" if kind == "uint64" else kind]) for name, kind in columns.items()])
