"""The economics that price the tests' failures, a world to write them into, and the summary of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from amends.kernel.blueprint import Blueprint, load_shipped
from tests.learn.worlds import ECONOMICS, NOW, World


@pytest.fixture(scope="session")
def pack() -> Blueprint:
    return load_shipped("airline").model_copy(update={"economics": ECONOMICS})


@pytest.fixture
def world(db: None, pack: Blueprint) -> World:
    return World(pack)


@pytest.fixture
def refresh(db: None) -> Callable[..., Any]:
    from amends.learn.services import refresh_summary

    return lambda **options: refresh_summary(now=NOW, **options)
