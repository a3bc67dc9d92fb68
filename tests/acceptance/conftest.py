"""Fixtures of the stories: data folders for demos, people at a browser, an airline that is watched."""

from pathlib import Path

import pytest

from tests.acceptance.field import company
from tests.acceptance.watching import airline_watched
from tests.browsers import airline, chromium, visit
from tests.homes import copy_of_made_home

__all__ = ["airline", "airline_watched", "chromium", "company", "visit"]  # fixtures


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder of one's own whose database has its tables, and in them nothing."""
    return copy_of_made_home(tmp_path)
