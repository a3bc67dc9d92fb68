"""The whole service on one machine as one group: database, web, worker, monitor."""

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from amends.site.postgres import Lease, PostgresError
from amends.site.supervise import Command, Supervisor
from amends.site.tables import TablesError, brought_up_to_date

AT_ONCE = 4  # requests in hand, at least, so that a slow one keeps nobody else waiting

_SETTINGS = {"DJANGO_SETTINGS_MODULE": "amends.site.settings"}


class ServiceError(Exception):
    """The service can't start; says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the web part listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    def answers(self) -> bool:
        """Whether somebody listens there."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - asked for by the user
        with contextlib.suppress(OSError), socket.create_connection((here, self.port), timeout=1):
            return True
        return False


def free_address(host: str, port: int) -> Address:
    """The address if it can be had; port 0 means any free one."""
    try:
        family, kind, protocol, _name, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            return Address(host=host, port=probe.getsockname()[1])
    except OSError as error:
        raise ServiceError(
            f"Port {port} on {host} can't be had: {error.strerror}. Choose another one with --port."
        ) from error


def serve(address: Address, *, workers: int, say: Callable[[str], None], monitor: bool = True) -> None:
    """Run until asked to stop. `say` gets what a person should read; the processes' own words go to standard output."""
    with _database() as (url, keep):
        environment = {**_SETTINGS, "DATABASE_URL": url}
        try:
            with brought_up_to_date(url, environment):
                pass
        except TablesError as error:
            raise ServiceError(str(error)) from error
        supervisor = Supervisor(_commands(address, workers=workers, environment=environment, monitor=monitor))
        announced = False

        def look() -> None:
            nonlocal announced
            try:
                keep()
            except PostgresError as error:
                supervisor.say(f"the database can't be started: {error}")
            if not announced and address.answers():
                announced = True
                say(f"Amends is at {address.url} (Ctrl-C stops it).")

        supervisor.run(look)


def threads_of(workers: int) -> int:
    """How many requests each of so many web processes takes in hand at once.

    Threads of one process take turns at its interpreter and delay each other; so no more than are needed.
    """
    return max(1, AT_ONCE // workers)


def _commands(address: Address, *, workers: int, environment: dict[str, str], monitor: bool = True) -> list[Command]:
    web = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--respawn-failed-workers"),
        *("--host", address.host, "--port", str(address.port), "--workers", str(workers)),
        *("--blocking-threads", str(threads_of(workers)), "--workers-kill-timeout", "5"),
        "amends.site.wsgi:application",
    ]
    # granian's own workers don't notice when granian is killed: amends.site.wsgi binds each to its parent then
    commands = [
        Command(name="web", argv=web, environment={**environment, "AMENDS_SUPERVISED": "1"}),
        Command(name="worker", argv=[sys.executable, "-m", "amends.site.worker"], environment=environment),
    ]
    if monitor:
        argv = [sys.executable, "-m", "amends.site.monitor_loop"]
        commands.append(Command(name="monitor", argv=argv, environment=environment))
    if _reads_kafka():
        argv = [sys.executable, "-m", "amends.site.kafka_loop"]
        commands.append(Command(name="kafka", argv=argv, environment=environment))
    return commands


def _reads_kafka() -> bool:
    """Whether this machine is to read Kafka topics.

    Raises:
        ServiceError: it is, and what is said of them can't be used.
    """
    if not os.environ.get("AMENDS_KAFKA"):
        return False
    from amends.monitor.sources.kafka import KafkaSettingsError, kafka_settings

    try:
        return kafka_settings() is not None
    except KafkaSettingsError as error:
        raise ServiceError(str(error)) from error


@contextlib.contextmanager
def _database() -> Iterator[tuple[str, Callable[[], None]]]:
    """The database's address, and what has to be called now and then to keep it. (No thread: the supervisor forks.)"""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given, lambda: None
        return
    lease = Lease()
    try:
        yield lease.url, lease.keep
    finally:
        lease.release()
