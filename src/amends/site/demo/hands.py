"""The demo's workers: processes of their own, as in `amends serve`, started again when they die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from django.db import connection

from amends.channels.services import CHANNELS
from amends.learn.jobs import LEARN
from amends.recover.jobs import pick_up_forgotten
from amends.recover.queue import OPENING, RECOVER
from amends.site.orphans import die_with_parent

WORKERS: Final = (
    (OPENING, CHANNELS),
    (RECOVER, LEARN),
)  # queues of each: one opens cases and sends letters while the other acts on the cases and writes the letters
LONGEST_WAIT: Final = 4 * 3600  # seconds for all that is left to do; a month of flights needs minutes
DEATHS: Final = 5  # after so many it is no accident
AGAIN_AFTER: Final = 0.5  # seconds between a worker's death and the next one's start


class Hands:
    """Workers beside the demo."""

    def __enter__(self) -> Self:
        self._deaths = 0
        self._processes = {queues: self._started(queues) for queues in WORKERS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.terminate()  # it ends its job first; a killed one would be done again, too
        for process in self._processes.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def finish(self, say: Callable[[str], None]) -> None:
        """Wait until nothing is left to do."""
        deadline, said = time.monotonic() + LONGEST_WAIT, 0.0
        while (left := _jobs_left() or pick_up_forgotten()) and time.monotonic() < deadline:
            self._look_after()
            if time.monotonic() - said > 2:
                say(f"{left:,} jobs left")
                said = time.monotonic()
            time.sleep(0.1)
        if left:
            raise RuntimeError(
                f"{left} jobs were not done; `amends db psql` and the table procrastinate_jobs say which"
            )

    def _started(self, queues: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-m", "amends.site.worker", *queues],
            env={**os.environ, "DATABASE_URL": os.environ.get("DATABASE_URL") or _database_url()},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- the demo has one thread
        )

    def _look_after(self) -> None:
        for queues, process in self._processes.items():
            if process.poll() is None:
                continue
            self._deaths += 1
            if self._deaths >= DEATHS:
                raise RuntimeError(
                    f"the demo's workers died {self._deaths} times; the last exit code was {process.returncode}"
                )
            time.sleep(AGAIN_AFTER)  # what killed it, such as a database that restarts, may need a moment
            self._processes[queues] = self._started(queues)


def _jobs_left() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where status in ('todo', 'doing')")
        return int(cursor.fetchone()[0])


def _database_url() -> str:
    from amends.site.postgres import database_url

    url = database_url()
    if url is None:
        raise RuntimeError("the database is not running")
    return url
