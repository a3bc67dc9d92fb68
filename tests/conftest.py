"""One embedded PostgreSQL for a whole run, also a parallel one, where each worker has a database of its own in it.

The server is up before Django reads its settings. No test reaches the network or anybody's real data folder."""

import gc
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

from amends.site.postgres import Lease
from tests.browsers import chromium_of_process

__all__ = ["chromium_of_process"]  # a fixture: one for all folders that have tests in a browser

# how long one example takes says something of the machine and what else it does, not of the code
hypothesis.settings.register_profile("amends", deadline=None)
# before a change lands, the same examples each time; new ones are looked for at each developer's
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, max_examples=30)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "amends"))

# Django does not know these for ours. A job that one test leaves is in the way of another's: those of a kind are done
# one after the other, and one that fails is waited for.
QUEUE = ("procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers")

_home = pytest.StashKey[Path]()
_lease = pytest.StashKey[Lease]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """In the process that the tester starts: make the data folder and the server; the workers inherit both."""
    if not hasattr(config, "workerinput"):
        home = Path(tempfile.mkdtemp(prefix="amends-tests-", dir=_in_memory()))
        config.stash[_home] = home
        os.environ["AMENDS_HOME"] = os.environ["AMENDS_TESTS_HOME"] = str(home)
        os.environ["OMP_NUM_THREADS"] = "1"  # workers beside each other have the cores; threads would wait in circles
        if not os.environ.get("DATABASE_URL"):
            config.stash[_lease] = Lease(home, durable=False)
            os.environ["DATABASE_URL"] = config.stash[_lease].url
            _without_autovacuum(config.stash[_lease].url)
    if config.pluginmanager.hasplugin("django"):  # `-p no:django` is for tests of pure parts
        os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
        from django.conf import settings

        assert settings.DATABASES  # pytest-django sets Django up when the settings were read
        # a password that is hard to guess is hard to reckon, too: a fiftieth of a run, for accounts of nobody
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    gc.freeze()
    gc.set_threshold(100_000)  # of what is loaded nothing is garbage; looking at it again and again is a tenth of a run


def _in_memory() -> str | None:
    """Where files are never written to a disk, if there is such a place with room enough; they are gone in minutes."""
    memory = Path("/dev/shm")  # noqa: S108 -- a folder of our own in it, as in /tmp
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 2**30
    return str(memory) if roomy else None


def _without_autovacuum(url: str) -> None:
    """It would look at tables at any moment, also between two tests, and have queries planned for what it saw there."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    early = item.get_closest_marker("early")
    return 100 if early is None else int(early.kwargs.get("turn", 99))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _lease in config.stash:
        config.stash[_lease].release()
        del os.environ["DATABASE_URL"]
    if _home in config.stash:
        shutil.rmtree(config.stash[_home], ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _render_plainly(request: pytest.FixtureRequest) -> None:
    """Django's test set-up keeps a copy of the context of each template for `response.context`: a tenth of a page.
    Tests look at what a page says, as its reader does."""
    if request.config.pluginmanager.hasplugin("django"):
        request.getfixturevalue("django_test_environment")
        from django.template import Template
        from django.test.utils import _TestState

        Template._render = _TestState.saved_data.template_render


@pytest.fixture(autouse=True, scope="session")
def _middleware_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test client makes its middleware anew, and that reads the folders of all static files."""
    if not request.config.pluginmanager.hasplugin("django"):
        yield
        return
    request.getfixturevalue("django_test_environment")
    from django.conf import settings
    from django.test.client import ClientHandler

    made: dict[tuple[str, ...], Any] = {}
    make = ClientHandler.load_middleware

    def load_middleware(self: ClientHandler, is_async: bool = False) -> None:
        kinds = tuple(settings.MIDDLEWARE)
        if kinds not in made:
            make(self, is_async)
            made[kinds] = vars(self).copy()
        vars(self).update(made[kinds] | {"enforce_csrf_checks": self.enforce_csrf_checks})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load_middleware)
        yield


@pytest.fixture(autouse=True, scope="session")
def _empty_quickly(pytestconfig: pytest.Config) -> None:
    """After a test that commits, delete what is there: truncating a hundred tables, and telling every app that the
    database was made anew, takes far longer than the test."""
    if not pytestconfig.pluginmanager.hasplugin("django"):
        return
    from django.db import connection
    from django.db.models.signals import post_migrate

    def sql_flush(ops: Any, style: object, tables: list[str], **_: object) -> list[str]:
        emptied = "; ".join(f"delete from {ops.quote_name(table)}" for table in sorted({*tables, *QUEUE}))
        # triggers that keep what is on record are for the product, not for the end of a test
        return [f"set session_replication_role = replica; {emptied}; reset session_replication_role"] if tables else []

    type(connection.ops).sql_flush = sql_flush  # of all connections: tests in a browser have one of their own
    post_migrate.receivers.clear()


@pytest.fixture(autouse=True)
def _language_and_zone_of_nobody(pytestconfig: pytest.Config) -> Iterator[None]:
    """A request leaves its person's language and zone with the thread; the next test begins without."""
    yield
    if pytestconfig.pluginmanager.hasplugin("django"):
        from django.utils import timezone, translation

        translation.deactivate()
        timezone.deactivate()


@pytest.fixture(autouse=True, scope="module")
def _small_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a file's tests wrote and took back is cleared out: else all that come after it read over it."""
    yield
    if not request.config.pluginmanager.hasplugin("django"):
        return
    from django.db import connection

    if not connection.settings_dict["NAME"].startswith("test_"):
        return  # no test has needed rows so far
    with request.getfixturevalue("django_db_blocker").unblock(), connection.cursor() as cursor:
        cursor.execute(
            """
            select string_agg(quote_ident(relname), ', ') from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 262144
            """
        )
        (large,) = cursor.fetchone()
        if large:
            cursor.execute(f"vacuum {large}")


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """A test that wants to talk to another machine fails."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(original: Any) -> Any:
    def call(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise PermissionError(f"a test tried to reach {address[0]}, which is not this machine")
        return original(self, *arguments)

    return call


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
