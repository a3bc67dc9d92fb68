"""The demo as a person starts it: a process of its own, in a data folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

QUIET = ("demo", "--from", "2013-11-29", "--days", "1", "--no-serve", "--json")  # least was late that day

# what an undisturbed demo of that day finds and opens; a change of the airline's pack may change it, too
QUIET_DAY = {"signals": 2645, "findings": 602, "failures": 452, "incidents": 48, "cases": 1222, "plans": 1222}


_MAKE_TABLES = "from amends.cli.with_database import with_database\nwith with_database(fresh=True):\n    pass"


def make_tables(home: Path) -> None:
    """Make a data folder as the first command that needs the database leaves it."""
    _process(home, "-c", _MAKE_TABLES).communicate(timeout=120)


def start(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Run `amends` with the embedded database of this folder and of no other."""
    return _process(home, "-m", "amends.cli", *arguments, **environment)


def _process(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**inherited, "AMENDS_HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], *, seconds: float = 240) -> dict[str, Any]:
    """Its figures; it must have ended well."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"the demo did not end within {seconds:.0f} s; it said:\n{err}") from None
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
