"""One group of processes: what dies is started again, what hangs is killed, and all end together.

One thread waits for output, deaths and signals at once. Each child leads a process group of its own, so that its
helpers end with it, and dies with the supervisor even when that is killed -9."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from amends.site.orphans import die_with_parent

GRACE = 8.0  # seconds that children get between "stop" and kill
_LOOK = 0.5  # seconds between two calls of `each_look`
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 30.0  # seconds before a child that died is started again; doubles each time
_STEADY = 30.0  # seconds of life after which a death is a first death again
_OFTEN = 3  # deaths in a row after which it is time for a plain word
_LONGEST_LINE = 2**16


@dataclass(frozen=True, kw_only=True)
class Command:
    """One process of the group."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)  # on top of the supervisor's own


class _Child:
    """A command and its present process."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.rest = b""  # of a line that has no end yet
        self.last_line = ""
        self.deaths = 0  # in a row
        self.started_at = self.start_again_at = 0.0

    def start(self) -> subprocess.Popen[bytes]:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the commands are our own
            list(self.command.argv),
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.command.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - the supervisor has one thread
        )
        return self.process

    def signal(self, number: signal.Signals) -> None:
        """To the child and all its helpers."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def lines(self, read: bytes) -> Iterator[str]:
        *whole, self.rest = (self.rest + read).split(b"\n")
        if not read or len(self.rest) > _LONGEST_LINE:
            whole, self.rest = [*whole, *([self.rest] if self.rest else [])], b""
        for line in whole:
            text = line.decode(errors="replace").rstrip("\r")
            self.last_line = text or self.last_line
            yield text

    def note_death(self) -> float:
        """Count it; gives the seconds to wait before the next start."""
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > _STEADY else self.deaths + 1
        wait = min(_FIRST_WAIT * 2.0 ** min(self.deaths - 1, 16), _LONGEST_WAIT)
        self.start_again_at = now + wait
        return wait


class Supervisor:
    """Runs commands until it gets SIGTERM, SIGINT or SIGHUP. To be used from the main thread, and only once."""

    def __init__(self, commands: Sequence[Command], *, output: TextIO | None = None, grace: float = GRACE) -> None:
        self._children = [_Child(command) for command in commands]
        self._output, self._grace = output or sys.stdout, grace
        self._width = max((len(command.name) for command in commands), default=0)
        self._selector = selectors.DefaultSelector()
        self._asked = 0  # how often we were asked to stop

    def run(self, each_look: Callable[[], None] = lambda: None) -> None:
        """Returns when all have ended. `each_look` is called about twice a second while they run."""
        with self._signals():
            try:
                while not self._asked:
                    self._start_what_is_due()
                    due = [child.start_again_at - time.monotonic() for child in self._children if child.process is None]
                    self._wait(min([_LOOK, *due]))
                    for child, how in self._bury():
                        self._mourn(child, how)
                    each_look()
            finally:
                self._stop()

    def say(self, text: str, *, name: str = "amends") -> None:
        """A line of output under a name; work goes on when nobody reads it any more."""
        with contextlib.suppress(OSError):
            self._output.write(f"{name:<{self._width}} | {text}\n")
            self._output.flush()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """While inside, a signal wakes the selector."""
        heard, told = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(heard, selectors.EVENT_READ, None)
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        woken = signal.set_wakeup_fd(told)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(heard)
            os.close(told)

    def _on_signal(self, number: int, _frame: object) -> None:
        self._asked += number != signal.SIGCHLD

    def _start_what_is_due(self) -> None:
        for child in self._children:
            if child.process is None and child.start_again_at <= time.monotonic():
                try:
                    process = child.start()
                except OSError as error:
                    child.last_line = str(error)
                    self._mourn(child, "could not be started")
                    continue
                assert process.stdout is not None  # noqa: S101 - it was asked for
                os.set_blocking(process.stdout.fileno(), False)
                self._selector.register(process.stdout, selectors.EVENT_READ, child)

    def _wait(self, seconds: float) -> None:
        """For output or a signal; passes the output on."""
        for key, _events in self._selector.select(max(0.0, seconds)):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 512)
            else:
                self._pass_on(key.data)

    def _pass_on(self, child: _Child) -> None:
        if child.process is None or child.process.stdout is None or child.process.stdout.closed:
            return
        try:
            read = os.read(child.process.stdout.fileno(), _LONGEST_LINE)
        except BlockingIOError:
            return
        for line in child.lines(read):
            self.say(line, name=child.command.name)
        if not read:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()

    def _bury(self) -> list[tuple[_Child, str]]:
        """Who died, and how; what is left of their groups is ended."""
        dead = []
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                code = child.process.returncode
                self._end(child)
                dead.append(
                    (child, f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}")
                )
        return dead

    def _mourn(self, child: _Child, how: str) -> None:
        """Say it and plan the next start."""
        wait = child.note_death()
        if child.deaths < _OFTEN:
            self.say(f"{child.command.name} {how}; starting it again")
        else:
            last = f" Its last words: {child.last_line}" if child.last_line else ""
            self.say(f"{child.command.name} {how}, {child.deaths} times in a row; next try in {wait:.0f} s.{last}")

    def _end(self, child: _Child) -> None:
        """The helpers of a child that died end too; what it said last is still passed on."""
        process = child.process
        if process is None:
            return
        child.signal(signal.SIGKILL)
        process.wait()
        while process.stdout is not None and not process.stdout.closed:
            self._pass_on(child)
            if not process.stdout.closed and not _readable(process.stdout.fileno()):
                self._selector.unregister(process.stdout)  # someone else still has the other end
                process.stdout.close()
        child.process = None

    def _stop(self) -> None:
        deadline = time.monotonic() + self._grace
        for child in self._children:
            child.signal(signal.SIGTERM)
        while any(child.process for child in self._children):
            if time.monotonic() > deadline or self._asked > 1:  # asked once more: somebody has no patience
                break
            self._wait(0.1)
            self._bury()
        for child in self._children:
            if child.process is not None:
                self.say(f"{child.command.name} did not stop and is killed")
                self._end(child)


def _readable(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))
