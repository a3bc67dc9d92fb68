"""What the steps of a monitor found: each step's findings are one piece, in their order."""

from typing import Any, Final

import duckdb
import pyarrow as pa

from amends.monitor.engines.pieces import add_piece, forget_pieces, pieces
from amends.monitor.engines.state import FINDINGS_SCHEMA, arrow_schema
from amends.monitor.tables.findings import FINDINGS, ORDER

_COLUMNS, _ORDER = (", ".join(f'"{name}"' for name in names) for names in (FINDINGS, ORDER))
_RAW: Final = arrow_schema(FINDINGS)  # times in microseconds


class Found:
    """The findings of one monitor; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._con = connection
        self.begin(0)

    def begin(self, step: int) -> None:
        """The step of that number has found nothing yet."""
        self.step = step
        self.last = FINDINGS_SCHEMA.empty_table()  # of the step, all and in their order, once they are kept
        self._so_far: list[pa.Table] = []

    def add(self, query: str, parameters: dict[str, Any] | None = None) -> None:
        """What this query finds."""
        found = self._con.execute(query, parameters or {}).to_arrow_table()
        if found.num_rows:
            self._so_far.append(found.cast(_RAW))

    def tell(self) -> None:
        """Have what the step has found so far as the table `found`."""
        self._con.register("found", pa.concat_tables([_RAW.empty_table(), *self._so_far]))

    def keep(self) -> None:
        """The step has found all that it will."""
        self.last = self._in_order(self._so_far)
        if self.last.num_rows:
            add_piece(self._con, "findings", self.step, self.last)

    def since(self, step: int) -> pa.Table:
        """The findings of all steps after that one, in a stable order."""
        found = list(pieces(self._con, "findings", after=step))
        return found[0] if len(found) == 1 else self._in_order(found)

    def forget_before(self, step: int) -> None:
        """Drop those of the steps before that one."""
        forget_pieces(self._con, "findings", before=step)

    def _in_order(self, tables: list[pa.Table]) -> pa.Table:
        if not tables:
            return FINDINGS_SCHEMA.empty_table()
        self._con.register("in_no_order", pa.concat_tables(tables))
        try:
            ordered = self._con.execute(f"SELECT {_COLUMNS} FROM in_no_order ORDER BY {_ORDER}").to_arrow_table()
        finally:
            self._con.unregister("in_no_order")
        return ordered.cast(FINDINGS_SCHEMA)
