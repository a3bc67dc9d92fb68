"""Instants as whole microseconds since 1970 (UTC): what all time tests in these tables are made on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

BEGINNING = -(2**62)  # before every instant
END = 2**62  # after every instant
DAY = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# years that every engine, Arrow and Python can hold
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)
# ISO 8601 lets the seconds be left away; the engines' own readers do not
_WITHOUT_SECONDS = r"^(.{10}[T ]\d{2}:\d{2})( ?(?:Z|[+-].*)?)$"


@ibis.udf.scalar.builtin(name="epoch_us", signature=(("timestamp('UTC')",), "int64"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _epoch_us(instant: Any) -> int:  # type: ignore[empty-body]  # the engine's own function
    """The engine's own."""


@ibis.udf.scalar.builtin(name="make_timestamp", signature=(("int64",), "timestamp"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _make_timestamp(instant: Any) -> datetime:  # type: ignore[empty-body]  # the engine's own function
    """The engine's own."""


def iso(instant: ir.IntegerValue) -> ir.StringValue:
    """The instant as RFC 3339 text."""
    text: ir.StringValue = _make_timestamp(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return text


def micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def length(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def moment(value: ir.Value) -> ir.IntegerValue:
    """An instant of whatever type as microseconds; null if it cannot be read. Without an offset it is UTC."""
    kind = value.type()
    if kind.is_string():
        instant = ibis.coalesce(value.try_cast("timestamp('UTC')"), _plainer(value).try_cast("timestamp('UTC')"))
    elif kind.is_timestamp() or kind.is_date():
        instant = value.cast("timestamp('UTC')")
    else:
        return ibis.null("int64")
    return ibis.ifelse(instant.between(_FIRST, _LAST), _epoch_us(instant), ibis.null("int64"))


def _plainer(text: ir.StringValue) -> ir.StringValue:
    return text.strip().upper().replace(",", ".").re_replace(_WITHOUT_SECONDS, r"\1:00\2")
