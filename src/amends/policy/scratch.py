"""Temporary tables of set-wise work."""

from typing import Any


def know(cursor: Any, *tables: str) -> None:
    """Let the planner know these temporary tables. A small sample does: it is their size that matters."""
    cursor.execute(
        f"set local default_statistics_target = 10; analyze {', '.join(tables)}; reset default_statistics_target"
    )
