"""A company in a real database, for every test of recovery that needs one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for the tests' own `stories`

if TYPE_CHECKING:
    from stories import Company


@pytest.fixture
def company(db: None) -> "Company":
    """A company with the airline's blueprint in force."""
    from stories import kept_company

    return kept_company()
