"""The portal's world is the console's: the same cases, seen from the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

if TYPE_CHECKING:  # Django is set up only after this file was read
    from tests.web.console.world import World


@pytest.fixture(autouse=True)
def _nothing_sent_yet() -> None:
    """Each test begins with a fresh count of forms sent."""
    cache.clear()


@pytest.fixture
def world(db: None) -> World:
    """A small airline in trouble, its letters gone out."""
    from tests.web.portal.mail import build_with_letters_sent

    return build_with_letters_sent()
