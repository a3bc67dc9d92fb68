"""Fixtures for tests in a browser; the folders that have such tests take them into their conftest.

The browser is asked for before anything that writes rows, so that it outlives them: while it is open, Django has a
connection that goes with them.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.people.models import Staff
    from tests.web.console.browsing import Visitor
    from tests.web.console.world import World

__all__ = ["airline", "chromium", "chromium_of_process", "visit", "visitors"]


@pytest.fixture(scope="session")
def chromium_of_process() -> Iterator[tuple[Any, AbstractEventLoop]]:
    """One Chromium for all tests of a process, and the event loop that speaks with it."""
    from tests.web.console.browsing import browser

    with browser() as launched:
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield launched, loop
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="module")
def chromium(chromium_of_process: tuple[Any, AbstractEventLoop]) -> Iterator[Any]:
    """The Chromium, for the tests of a file.

    Playwright leaves its event loop running in this thread, which Django takes for an asynchronous one. Other files'
    tests run loops of their own, so between files the thread has none.
    """
    launched, loop = chromium_of_process
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        asyncio._set_running_loop(loop)
        yield launched
        asyncio._set_running_loop(None)


@pytest.fixture
def airline(transactional_db: None) -> World:
    """A small airline in trouble."""
    from tests.web.console import world

    return world.airline()


@pytest.fixture
def visit(chromium: Any, live_server: Any, airline: World) -> Iterator[Callable[..., Visitor]]:
    """A person at a screen: a role of the file's `airline`, or nobody who is signed in. All leave at the end."""
    with visitors(chromium, live_server.url) as enter:
        yield lambda who="", **look: enter(airline.staff[who] if who else None, **look)


@contextmanager
def visitors(chromium: Any, address: str) -> Iterator[Callable[..., Visitor]]:
    """People at screens, signed in or not; all leave at the end, and what went wrong at any of them is told."""
    from tests.web.console.browsing import Visitor

    opened: list[Visitor] = []

    def visitor(
        who: Staff | None = None,
        *,
        language: str = "en",
        theme: str = "light",
        size: str = "desktop",
        contrast: bool = False,
    ) -> Visitor:
        one = Visitor(chromium, address, language=language, theme=theme, size=size, contrast=contrast)
        if who is not None:
            one.sign_in(who)
        opened.append(one)
        return one

    yield visitor
    for one in opened:
        one.leave()
