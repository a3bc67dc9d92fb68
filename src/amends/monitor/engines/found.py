"""What the steps of a monitor found: each step's findings are one piece, in their order."""

from typing import Final

import duckdb
import pyarrow as pa

from amends.monitor.engines.asking import Shown
from amends.monitor.engines.pieces import add_piece, forget_pieces, packed, pieces
from amends.monitor.engines.state import FINDINGS_SCHEMA, arrow_schema
from amends.monitor.tables.findings import FINDINGS, ORDER

_ORDER: Final = [(name, "ascending") for name in ORDER]
_NONE: Final = FINDINGS_SCHEMA.empty_table()
_RAW: Final = arrow_schema(FINDINGS)  # times in microseconds


class Found:
    """The findings of one monitor; it works in the transaction of the step that runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, on_disk: bool) -> None:
        """`on_disk`: they are known still when the file is opened again."""
        self._con = connection
        self._on_disk = on_disk
        self._found = Shown(connection, "found", _RAW)
        self._in_memory: dict[int, pa.Table] = {}  # by step; a step that fails is done again under its number
        self.begin(0)

    def begin(self, step: int) -> None:
        """The step of that number has found nothing yet."""
        self.step = step
        self.last = _NONE  # of the step, all and in their order, once it has ended
        self._piece: bytes | None = None  # the same for the file
        self._so_far = [_RAW.empty_table()]

    def add(self, more: pa.Table) -> None:
        """What was found besides."""
        self._so_far.append(more.cast(_RAW))

    def tell(self) -> None:
        """Have what the step has found so far as the table `found`."""
        self._found.show(pa.concat_tables(self._so_far))

    def end(self) -> None:
        """The step has found all that it will; asks nothing of the connection."""
        self.last = pa.concat_tables(self._so_far).sort_by(_ORDER).cast(FINDINGS_SCHEMA)
        if not self._on_disk:
            self._in_memory[self.step] = self.last
        elif self.last.num_rows:
            self._piece = packed(self.last)

    def keep(self) -> None:
        """Have what was found in the file, if there is one."""
        if self._piece is not None:
            add_piece(self._con, "findings", self.step, self._piece)

    def since(self, step: int) -> pa.Table:
        """The findings of all steps after that one, in a stable order."""
        found = [table for number, table in self._in_memory.items() if number > step]
        if self._on_disk:
            found = list(pieces(self._con, "findings", after=step))
        return found[0] if len(found) == 1 else pa.concat_tables([_NONE, *found]).sort_by(_ORDER)

    def forget_before(self, step: int) -> None:
        """Drop those of the steps before that one."""
        self._in_memory = {number: table for number, table in self._in_memory.items() if number >= step}
        if self._on_disk:
            forget_pieces(self._con, "findings", before=step)
