"""Signals as they come, in whatever types a file or a sender has, to signals that the monitor can judge.

Each row keeps its place; what cannot be read gets a `fault` in words instead of being dropped.
"""

from typing import cast

import ibis
import ibis.expr.types as ir

from amends.monitor.tables.moments import moment

REQUIRED = ("id", "type", "subject", "time")
OPTIONAL = ("source", "customer", "unit", "data")
DEFAULT_SOURCE = "file"

SIGNALS = {
    "source": "string",
    "id": "string",
    "type": "string",
    "subject": "string",
    "at": "int64",  # microseconds; null if the time cannot be read
    "customer": "string",
    "unit": "string",
    "data": "string",  # a JSON object
    "fault": "string",  # why the signal cannot be judged
    "unread": "string",  # the data, or the whole line, as it came, if it is no JSON object
}


def readable(raw: ir.Table, *, keep: tuple[str, ...] = ()) -> ir.Table:
    """The columns of SIGNALS, and those to keep, out of a table with the REQUIRED columns and any of the OPTIONAL
    ones or `data.x`.

    A `fault` that the reader of the rows found already comes before any found here.
    """
    values = {name: _text(raw, name) for name in ("source", "id", "type", "subject", "customer", "unit")}
    at = moment(raw.time)
    data, unread = _data(raw)
    found = ibis.cases(
        *((values[name].isnull(), f"{name} is missing") for name in ("id", "type", "subject")),
        (raw.time.isnull(), "time is missing"),
        (at.isnull(), "time cannot be read: " + raw.time.cast("string")),
        (unread.notnull(), "data is no JSON object"),
        else_=ibis.null("string"),
    )
    fault = ibis.coalesce(raw.fault, found) if "fault" in raw.columns else found
    values["source"] = values["source"].fill_null(DEFAULT_SOURCE)
    columns = values | {"at": at, "data": data, "fault": fault, "unread": unread} | {name: raw[name] for name in keep}
    return raw.select(**{name: columns[name] for name in (*SIGNALS, *keep)})


def _text(raw: ir.Table, name: str) -> ir.StringValue:
    if name not in raw.columns:
        return ibis.null("string")
    return cast("ir.StringValue", raw[name].cast("string").nullif(""))


def _data(raw: ir.Table) -> tuple[ir.StringValue, ir.StringValue]:
    """The data as JSON text, and as it came if it is none."""
    none = ibis.null("string")
    if "data" not in raw.columns:
        further = {name.removeprefix("data."): raw[name] for name in raw.columns if name.startswith("data.")}
        return (ibis.struct(further).cast("json").cast("string") if further else none), none
    data = raw.data
    kind = data.type()
    if not kind.is_string() and not kind.is_json():
        return data.cast("json").cast("string"), none
    text = data.cast("string").nullif("")
    shape = _json_shape(text)
    return (
        ibis.ifelse(shape == "OBJECT", text, none),
        ibis.ifelse(text.isnull() | shape.isin(["OBJECT", "NULL"]), none, text),
    )


def _json_shape(text: ir.StringValue) -> ir.StringValue:
    sound = _json_valid(text)
    return cast("ir.StringValue", ibis.ifelse(sound, _json_type(text), "BROKEN"))


@ibis.udf.scalar.builtin(name="json_valid", signature=(("string",), "boolean"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _json_valid(text: object) -> bool:  # type: ignore[empty-body]  # the engine's own function
    """The engine's own."""


@ibis.udf.scalar.builtin(name="json_type", signature=(("string",), "string"))  # type: ignore[untyped-decorator]  # Ibis has no types there
def _json_type(text: object) -> str:  # type: ignore[empty-body]  # the engine's own function
    """The engine's own."""
