import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator

import pytest

from amends.monitor.sources.flights.records import data_file

RawRow = dict[str, str]


@pytest.fixture(scope="session")
def raw_days() -> Callable[..., Iterator[RawRow]]:
    """Reads the source's own rows of some days with nothing but the standard library."""

    def read(*days: dt.date) -> Iterator[RawRow]:
        starts = tuple(f"{day.year},{day.month},{day.day}," for day in days)
        with zipfile.ZipFile(data_file("flights.csv.zip")) as archive, archive.open("flights.csv") as file:
            lines = io.TextIOWrapper(file, encoding="utf-8")
            header = next(lines)
            yield from csv.DictReader([header, *(line for line in lines if line.startswith(starts))])

    return read
