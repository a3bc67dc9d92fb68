"""The console's world, and a signed-in client for each role."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:  # Django is set up only after this file was read
    from amends.people.models import Staff
    from tests.web.console.world import World


@pytest.fixture
def world(db: None) -> World:
    """A small airline in trouble."""
    from tests.web.console.world import airline

    return airline()


@pytest.fixture
def as_(world: World) -> Callable[..., Client]:
    """A browser in which this role, or this person, is signed in; in English unless said otherwise."""

    def signed_in(who: str | Staff = "supervisor", language: str = "en") -> Client:
        client = Client()
        client.force_login(world.staff[who] if isinstance(who, str) else who)
        client.cookies["django_language"] = language
        return client

    return signed_in
