"""Reading a long list page by page: by the key of the last row seen, so page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

MOST_COUNTED: Final = 100  # of what a page counts beside a list; beyond it a number says no more


class BadCursor(ValueError):
    """A page key that this list did not give out."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some rows of a list and the key to go on from; `after` is None on the last page."""

    rows: list[Any]
    after: str | None
    first_of: int = 0  # of a search that has more matches than are looked through: only so many of them; else 0


def _packed(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def _unpacked(cursor: str, *, width: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor("This page key is not one of ours; start again from the first page.") from error
    if not isinstance(values, list) or len(values) != width or any(isinstance(v, list | dict) for v in values):
        raise BadCursor("This page key belongs to another list; start again from the first page.")
    return values


def _of_field(field: Any, value: Any) -> Any:
    """The value as the field has it; a foreign one fails here and not in the database."""
    try:
        read = field.to_python(value)
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise BadCursor("This page key belongs to another list; start again from the first page.") from error
    if read is None or (isinstance(read, datetime) and read.tzinfo is None) or (isinstance(read, str) and "\0" in read):
        raise BadCursor("This page key belongs to another list; start again from the first page.")
    return read


def beyond(rows: QuerySet[Any], *, order: Sequence[str], after: str | None) -> QuerySet[Any]:
    """The rows that come after a page key in this order, not sorted yet; all of them without a key.

    Raises:
        BadCursor: `after` was not given out by a list of this order.
    """
    names = [name.lstrip("-") for name in order]
    falling = order[0].startswith("-")
    if any(name.startswith("-") != falling for name in order):
        raise ValueError(f"All fields of a keyset order must run the same way, not {list(order)}")
    if after is None:
        return rows
    compare = TupleLessThan if falling else TupleGreaterThan
    fields = tuple(F(name) for name in names)
    values = tuple(
        _of_field(rows.model._meta.get_field(name), value)
        for name, value in zip(names, _unpacked(after, width=len(names)), strict=True)
    )
    return rows.filter(compare(fields, values))


def page_of(rows: QuerySet[Any], *, order: Sequence[str], after: str | None, limit: int) -> Page:
    """The next `limit` rows in an order whose fields all run the same way ("-priority", "-id") and end in a unique one.

    One more row than asked for is read to know whether there is a next page; nothing is counted. Rows may be models'
    instances or dicts (`.values()` with the order's fields among them). A nullable field needs a filter against null.

    Raises:
        BadCursor: `after` was not given out by a list of this order.
    """
    names = [name.lstrip("-") for name in order]
    found = list(beyond(rows, order=order, after=after).order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return Page(rows=found, after=None)
    last = found[limit - 1]
    key = [last[name] if isinstance(last, dict) else getattr(last, name) for name in names]
    return Page(rows=found[:limit], after=_packed(key))
