"""How answers are written: JSON by orjson, straight from plain values; the schemas beside them document it.

Lists are pages: `items`, and `next` to be given as `after` for the page that follows, null on the last one.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from ninja.parser import Parser

from amends.kernel.text import Localised
from amends.people.keyset import Page
from amends.policy.models import Explanation

Item = TypeVar("Item")

After = Annotated[str | None, Field(max_length=1000, description="`next` of the page before.")]
Limit = Annotated[int, Field(ge=1, le=200, description="Items a page.")]
_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS


class PageOf(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class Words(Schema):
    """Why it was so decided, in words that a customer could be shown."""

    en: str
    zh: str


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no half surrogates; and no NUL, which the database can't keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The parsed body; what it raises is answered as 400."""
        parsed = orjson.loads(request.body)
        if b"\\u0000" in request.body and _has_nul(parsed):
            raise ValueError("NUL")
        return parsed


def answer(payload: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer from plain values; money and other decimals are strings, times are in UTC."""
    try:
        body = orjson.dumps(payload, default=_plain, option=_OPTIONS)
    except TypeError:  # a whole number beyond 64 bits, which only data from outside may hold
        body = json.dumps(payload, default=_plain, ensure_ascii=False).encode()
    return HttpResponse(
        body,
        status=status,
        content_type="application/json",
        headers=dict(headers or {}),
    )


def page_answer(page: Page, shown: Callable[[Any], dict[str, Any]]) -> HttpResponse:
    """A page as JSON."""
    return answer({"items": [shown(row) for row in page.rows], "next": page.after})


def both(text: Localised) -> dict[str, str]:
    """A text in both languages, as the API tells it."""
    return {"en": text.en, "zh": text.zh}


def words_of(explanation: Explanation | None) -> dict[str, str] | None:
    """The words of a decision in both languages."""
    return None if explanation is None else {"en": explanation.en, "zh": explanation.zh}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | str):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(below) for key, below in value.items())
    return isinstance(value, list) and any(_has_nul(below) for below in value)
