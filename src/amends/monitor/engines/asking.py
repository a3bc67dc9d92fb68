"""What is asked at every step: planned once, of tables that have other rows each time."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa


class Shown:
    """A table that the engine has by its name, with the rows of now.

    Were each step's rows registered as a table of their own, all statements would be planned anew: that takes longer
    than a small step.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
        self._schema = schema
        self._rows = schema.empty_table()
        connection.register(name, self)

    def show(self, rows: pa.Table) -> None:
        """Have these rows, in the columns and types of the schema."""
        self._rows = rows.select(self._schema.names).cast(self._schema)

    def add(self, rows: pa.Table) -> None:
        """Have these rows, too."""
        self._rows = pa.concat_tables([self._rows, rows.select(self._schema.names).cast(self._schema)])

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """What the engine reads whenever it looks at the table."""
        return self._rows.__arrow_c_stream__(requested_schema)


class Questions:
    """Statements asked of one connection about tables that are shown, each planned when it is asked first.

    DuckDB plans a statement again when a table of its own was made or registered anew, and not when rows were added to
    one: what it planned while that was empty finds nothing of them. So no question may look at such a table.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._con = connection
        self._names: dict[str, str] = {}  # by statement

    def ask(self, statement: str, **numbers: int) -> duckdb.DuckDBPyConnection:
        """What the statement finds with these parameters, all that it has.

        Raises:
            ValueError: it looks at a table that is not shown.
        """
        name = self._names.get(statement)
        if name is None:
            name = self._planned(statement, numbers)
        given = ", ".join(f"{key} := {number}::BIGINT" for key, number in numbers.items())
        return self._con.execute(f"EXECUTE {name}({given})" if given else f"EXECUTE {name}")

    def _planned(self, statement: str, parameters: Iterable[str]) -> str:
        without = statement
        for parameter in parameters:
            without = without.replace(f"${parameter}", "0")
        if others := self._con.get_table_names(without):
            raise ValueError(f"what is planned once cannot look at {', '.join(sorted(others))}: only at what is shown")
        name = self._names[statement] = f"question_{len(self._names)}"
        self._con.execute(f"PREPARE {name} AS {statement}")
        return name
