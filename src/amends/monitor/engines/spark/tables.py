"""The monitor's tables on a cluster: rows that lie in the state's Parquet folders, and rows of one step in memory."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from amends.monitor.engines.spark.state import StateFolder, arrow_schema, spark_schema

_AT_A_TIME = 4  # tables that are written beside each other


class SparkTables:
    """The tables of one state, each a view of its session; what a step adds is there once the step is committed."""

    def __init__(self, session: Any, folder: Path, standards: str, columns: dict[str, dict[str, str]]) -> None:
        """
        Args:
            session: of Spark, with views of its own.
            folder: of the state.
            standards: what is judged by, in words; a state of other standards is begun anew.
            columns: of each table that is kept, with their types.
        """
        self.session = session
        self._columns = columns
        self._state = StateFolder(folder, standards)
        self.last = self._state.last()  # as committed
        self.now = self.last  # as the step under way has it
        self._held = ExitStack()
        self.show_all()

    def attempt(self, act: Callable[[], None]) -> None:
        """A step: all that it does, or nothing of it."""
        try:
            with self.held():
                self.now = replace(self.last, step=self.last.step + 1)
                act()
                self.last = self.now = self._state.commit(self.now)
        except BaseException:
            self.now = self.last
            self.show_all()
            raise

    def held(self) -> ExitStack:
        """While this is open, what is kept in memory stays there."""
        self._held = ExitStack()
        return self._held

    def forget_before(self, step: int, names: Iterable[str]) -> None:
        """Drop what the steps before that one added to these tables, from the next step on."""
        kept = {name: tuple(one for one in self.last.tables.get(name, ()) if _step_of(one) >= step) for name in names}
        tables = self.last.tables | kept
        self.now = self.last = replace(self.last, tables=tables, sizes=_sizes_of(tables, self.last.sizes))

    def let_go(self) -> None:
        """Free the memory that is held."""
        self._held.close()

    def run(self, statement: str, **parameters: int) -> Any:
        """The rows of a statement over the tables by their names."""
        return self.session.sql(statement, args=parameters)

    def rows(self, rows: Iterable[dict[str, Any]], columns: dict[str, str]) -> Any:
        """Rows that we have at hand."""
        return self.session.createDataFrame(pa.Table.from_pylist(list(rows), schema=arrow_schema(columns)))

    def view(self, name: str, rows: Any) -> None:
        """Give rows a name."""
        rows.createOrReplaceTempView(name)

    def keep(self, name: str, rows: Any) -> None:
        """A table of this step: in the workers' memory, made again where a worker is lost."""
        rows = rows.persist()
        self._held.callback(rows.unpersist)
        self.view(name, rows)

    def add(self, tables: dict[str, Any]) -> None:
        """Add rows to tables."""
        for name, below in self._write(tables).items():
            folders = (*self.now.tables.get(name, ()), below)
            self.now = replace(self.now, tables=self.now.tables | {name: folders})
            self.view(name, self._read(name, folders))

    def put(self, tables: dict[str, Any]) -> None:
        """Have tables hold these rows and no others."""
        written = self._write(tables)
        self.now = replace(self.now, tables=self.now.tables | {name: (below,) for name, below in written.items()})
        self.show_all()

    def of_this_step(self, name: str) -> Any:
        """The rows that the step under way has added to a table."""
        return self._read(name, [one for one in self.now.tables.get(name, ()) if _step_of(one) == self.now.step])

    def since(self, name: str, step: int) -> pa.Table:
        """The rows that the steps after that one have added to a table."""
        return self._read(name, [one for one in self.last.tables.get(name, ()) if _step_of(one) > step]).toArrow()

    @property
    def most_folders(self) -> int:
        """How many folders the table has that has the most."""
        return max(map(len, self.now.tables.values()), default=0)

    def show_all(self) -> None:
        """Have each view show its table as it is now."""
        for name in self._columns:
            self.view(name, self._read(name, self.now.tables.get(name, ())))

    def _write(self, tables: dict[str, Any]) -> dict[str, str]:
        """Write several tables beside each other: each alone has little for a cluster to do."""
        with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
            return dict(zip(tables, pool.map(self._write_one, tables, tables.values()), strict=True))

    def _write_one(self, name: str, rows: Any) -> str:
        below, place = self._state.folder(self.now.step, name)
        rows.select(*self._columns[name]).write.parquet(str(place))
        return below

    def _read(self, name: str, folders: Iterable[str]) -> Any:
        places = [str(self._state.path / below) for below in folders]
        if not places:
            return self.rows([], self._columns[name])
        return self.session.read.schema(spark_schema(self._columns[name])).parquet(*places)


def _step_of(below: str) -> int:
    return int(below.removeprefix("rows/")[:9])


def _sizes_of(tables: dict[str, tuple[str, ...]], known: dict[str, int]) -> dict[str, int]:
    named = {one for folders in tables.values() for one in folders}
    return {one: size for one, size in known.items() if one in named}
