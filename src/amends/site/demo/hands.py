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

from amends.site.orphans import die_with_parent

WORKERS: Final = 2  # what only one may do at a time, such as opening cases, leaves the other to do all else
LONGEST_WAIT: Final = 4 * 3600  # seconds for all that is left to do; a month of flights needs minutes
DEATHS: Final = 5  # after so many it is no accident
AGAIN_AFTER: Final = 0.5  # seconds between a worker's death and the next one's start


class Hands:
    """Workers beside the demo, who look for work from now on."""

    def __enter__(self) -> Self:
        self._deaths, self._said = 0, 0
        self._processes = [_started() for _ in range(WORKERS)]
        return self

    def dismiss(self) -> None:
        """Let them go home. Each ends its job first; a killed one would be done again, too."""
        for process in self._processes:
            process.terminate()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss()
        for process in self._processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def finish(self, say: Callable[[str], None], *, besides: str = "") -> None:
        """Wait until nothing is left to do, in whatever queue, or in any but one."""
        deadline, said = time.monotonic() + LONGEST_WAIT, 0.0
        while (left := _jobs_left(besides)) and time.monotonic() < deadline:
            self._look_after()
            if left != self._said and time.monotonic() - said > 2:
                say(f"{left:,} {'job' if left == 1 else 'jobs'} left")
                said, self._said = time.monotonic(), left
            time.sleep(0.03)
        if left:
            raise RuntimeError(
                f"{left} jobs were not done; `amends db psql` and the table procrastinate_jobs say which"
            )

    def _look_after(self) -> None:
        for place, process in enumerate(self._processes):
            if process.poll() is None:
                continue
            self._deaths += 1
            if self._deaths >= DEATHS:
                raise RuntimeError(
                    f"the demo's workers died {self._deaths} times; the last exit code was {process.returncode}"
                )
            time.sleep(AGAIN_AFTER)  # what killed it, such as a database that restarts, may need a moment
            self._processes[place] = _started()


def _jobs_left(besides: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where status in ('todo', 'doing') and queue_name <> %s", [besides]
        )
        return int(cursor.fetchone()[0])


def _started() -> "subprocess.Popen[bytes]":
    # Each commit at once on the disk would be waited for hundreds of times. A job and what it did are in one
    # transaction: of a power cut both or neither come back, and what is missing is done again.
    hurried = {"PGOPTIONS": "-c synchronous_commit=off"}
    return subprocess.Popen(
        [sys.executable, "-m", "amends.site.worker"],
        env={**os.environ, "DATABASE_URL": _database(), **hurried},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        # started by the main thread, which ends last; the other one only keeps the embedded database
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- what runs before exec takes no lock
    )


def _database() -> str:
    """The address of the database that the demo runs in, for its other processes."""
    from amends.site.postgres import database_url

    url = os.environ.get("DATABASE_URL") or database_url()
    if url is None:
        raise RuntimeError("the database is not running")
    return url
