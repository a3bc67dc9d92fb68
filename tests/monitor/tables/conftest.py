"""Streams here are short: what is done with long batches is done with more than a few signals."""

from collections.abc import Iterator

import pytest

from amends.monitor.engines import arriving


@pytest.fixture(scope="module", autouse=True)
def _long_batches_are_short() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arriving, "_UP_TO", 12)
        yield
