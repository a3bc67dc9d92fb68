"""One embedded PostgreSQL for a whole run, also a parallel one, where each worker has a database of its own in it.

The server is up before Django reads its settings. No test reaches the network or anybody's real data folder."""

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amends.site.postgres import Lease

_home = pytest.StashKey[Path]()
_lease = pytest.StashKey[Lease]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """In the process that the tester starts: make the data folder and the server; the workers inherit both."""
    if not hasattr(config, "workerinput"):
        home = Path(tempfile.mkdtemp(prefix="amends-tests-"))
        config.stash[_home] = home
        os.environ["AMENDS_HOME"] = str(home)
        if not os.environ.get("DATABASE_URL"):
            config.stash[_lease] = Lease(home, durable=False)
            os.environ["DATABASE_URL"] = config.stash[_lease].url
    if config.pluginmanager.hasplugin("django"):  # `-p no:django` is for tests of pure parts
        os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
        from django.conf import settings

        assert settings.DATABASES  # pytest-django sets Django up when the settings were read


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _lease in config.stash:
        config.stash[_lease].release()
        del os.environ["DATABASE_URL"]
    if _home in config.stash:
        shutil.rmtree(config.stash[_home], ignore_errors=True)


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
