"""Instants as whole microseconds since 1970 (UTC), for reads of very many rows: a number is read ten times as fast as
a time, and many rows share theirs."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_sql(instant: str) -> str:
    """SQL for the microseconds of an instant; null stays null."""
    return f"(extract(epoch from {instant}) * 1000000)::bigint"


@lru_cache(maxsize=16_384)
def instant_of(micros: int) -> datetime:
    """The aware time so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)
