"""The demo's workers: what is left to do is said when it changed."""

from types import SimpleNamespace
from typing import Any

import pytest

from amends.site.demo import hands


def test_a_number_of_jobs_is_said_once_for_as_long_as_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    idle: Any = SimpleNamespace(poll=lambda: None, terminate=lambda: None, wait=lambda **_: 0)
    left = iter([1, 1, 0, 1, 0, 2, 0])
    monkeypatch.setattr(hands, "_started", lambda: idle)
    monkeypatch.setattr(hands, "_jobs_left", lambda _besides: next(left))
    said: list[str] = []
    with hands.Hands() as workers:
        for _ in range(3):
            workers.finish(said.append)
    assert said == ["1 job left", "2 jobs left"]
