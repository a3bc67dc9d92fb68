"""The demo as a person starts it: a process of its own, in a data folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DAY = ("demo", "--days", "1", "--no-serve", "--json")

FIRST_OF_JANUARY = {"signals": 3339, "findings": 1924, "failures": 1090, "incidents": 144, "cases": 6462, "plans": 6462}
"""What an undisturbed demo of that day finds and opens; a change of the airline's pack may change it, too."""


def start(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run `amends` with the embedded database of this folder and of no other."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-m", "amends.cli", *arguments],
        env={**inherited, "AMENDS_HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], *, seconds: float = 240) -> dict[str, Any]:
    """Its figures; it must have ended well."""
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err
    figures: dict[str, Any] = json.loads(out)
    return figures


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query gives in that folder's database."""
    import psycopg

    from amends.site.postgres import Lease

    lease = Lease(home, durable=True)
    try:
        with psycopg.connect(lease.url) as connection:
            return connection.execute(sql).fetchall()
    finally:
        lease.release()


def done_twice_or_never(home: Path) -> list[tuple[Any, ...]]:
    """Whatever was granted twice, told twice or left undone."""
    return rows(
        home,
        """
        select 'granted twice', action_id from recover_remedy group by 2 having count(*) > 1
        union all select 'done without its remedy', action.id from recover_action as action
            where state = 'done' and amount > 0 and not exists (select from recover_remedy where action_id = action.id)
        union all select 'not sent', id from channels_message where state <> 'sent'
        union all select 'left ready', id from recover_action where state = 'ready' and performer = 'automatic'
        """,
    )
