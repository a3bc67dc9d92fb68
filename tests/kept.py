"""Worlds that are made once: what their making wrote is copied out of the tables, and in again for each further test.

So a test has the rows that the services wrote, under the same ids, in a tenth of the time. It works in a test's own
transaction as well as without one. A world is kept only if nothing but what migrations wrote was there before it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

from django.core.cache import cache
from django.db import connection, transaction

W = TypeVar("W")
LEFT: Final = ("procrastinate_events", "procrastinate_jobs")  # a kept world has rows of them, so none may be there
OF_MIGRATIONS: Final = frozenset({"auth_permission", "django_content_type", "django_migrations"})


class Kept(Generic[W]):
    """What `make` makes, at its first call; then the same again. Each test has its own copy of what speaks of it, but
    for what is `shared`: large, and changed by nobody."""

    def __init__(self, make: Callable[[], W], *, shared: Callable[[W], Iterable[object]] = lambda _: ()) -> None:
        self._make, self._shared = make, shared
        self._world: W | None = None
        self._rows: dict[str, bytes] = {}

    def __call__(self) -> W:
        """The world, in the database as it is now, where it may not yet be."""
        _empty(LEFT)
        if self._world is None:
            if filled() - OF_MIGRATIONS:
                return self._make()
            world = self._make()
            self._rows = {table: _copied_out(table) for table in filled() - OF_MIGRATIONS}
            self._world = self._copied(world)
            return world
        cache.clear()  # the ids are those of an earlier test, and what was counted of them then is not so now
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")  # the trail is among what was copied
            for table, rows in self._rows.items():
                with cursor.copy(f"copy {connection.ops.quote_name(table)} from stdin (format binary)") as copied:
                    copied.write(rows)
            cursor.execute("set local session_replication_role = origin")
        return self._copied(self._world)

    def _copied(self, world: W) -> W:
        return copy.deepcopy(world, {id(one): one for one in self._shared(world)})


def filled() -> set[str]:
    """The tables that have rows."""
    with connection.cursor() as cursor:
        cursor.execute("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
        tables = sorted(name for (name,) in cursor.fetchall())
        asked = " union all ".join(
            f"select '{table}' where exists (select from {connection.ops.quote_name(table)})" for table in tables
        )
        cursor.execute(asked)
        return {name for (name,) in cursor.fetchall()}


def _empty(tables: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"delete from {connection.ops.quote_name(table)}")


def _copied_out(table: str) -> bytes:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {connection.ops.quote_name(table)} to stdout (format binary)") as copied,
    ):
        return b"".join(bytes(part) for part in copied)
