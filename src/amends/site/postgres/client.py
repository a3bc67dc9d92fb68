"""PostgreSQL's own client programs on our database: psql, pg_dump, pg_restore."""

import os
from dataclasses import dataclass
from typing import Any

from amends.site.postgres import binaries


@dataclass(frozen=True, kw_only=True)
class Client:
    """How to call a client program on the database at `url`; a password never shows in the list of processes."""

    url: str

    def command(self, program: str, *arguments: str, database: str | None = None) -> dict[str, Any]:
        """The arguments for `subprocess.run`."""
        parts = self._parts(database)
        password = parts.pop("password", None)
        environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
        from psycopg.conninfo import make_conninfo

        argv = [binaries.find().program(program), f"--dbname={make_conninfo(**parts)}", *arguments]
        return {"args": argv, "env": environment}

    def address(self, database: str | None = None) -> str:
        """The address of another database on the same server."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(**self._parts(database))

    @property
    def database(self) -> str:
        """The name of our database."""
        parts = self._parts(None)
        return str(parts.get("dbname") or parts.get("user") or os.environ.get("PGDATABASE", ""))

    def _parts(self, database: str | None) -> dict[str, Any]:
        from psycopg.conninfo import conninfo_to_dict

        return {**conninfo_to_dict(self.url), **({"dbname": database} if database else {})}
