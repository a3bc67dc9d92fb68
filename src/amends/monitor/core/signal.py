"""A signal as it comes in: one fact from operations or from a customer, and its form as a CloudEvent 1.0.

`customer` and `unit` are CloudEvents extension attributes. An event that can't be kept is refused in words.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

AHEAD: Final = timedelta(minutes=5)  # how far a sender's clock may be ahead of ours
DEEPEST: Final = 100  # levels of nesting in `data`
# attribute -> most characters; the first four are required
LENGTHS: Final = {"id": 200, "source": 200, "type": 200, "subject": 300, "customer": 100, "unit": 64}
REQUIRED: Final = ("id", "source", "type", "subject")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalIn:
    """One fact, told but not yet kept."""

    id: str  # unique together with source
    source: str  # which system says it
    type: str  # kind of event, dotted
    subject: str  # what the service is about
    time: datetime  # when it happened, aware, in UTC
    customer: str | None = None  # reference
    unit: str | None = None  # code
    data: Mapping[str, Any] | None = None


def signal_from_cloudevent(event: object, *, now: datetime) -> SignalIn:
    """The signal that a parsed CloudEvent (structured mode, JSON) tells.

    Raises:
        ValueError: it is no CloudEvent or says too little; the words are for whoever sent it.
    """
    if not isinstance(event, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 -- all refusals are one kind of error
    if event.get("specversion") != "1.0":
        raise ValueError('specversion must be "1.0"')
    texts = {name: _text(event, name, most) for name, most in LENGTHS.items()}
    if missing := [name for name in REQUIRED if texts[name] is None]:
        raise ValueError(f"it has no {' and no '.join(missing)}")
    return SignalIn(
        id=texts["id"] or "",
        source=texts["source"] or "",
        type=texts["type"] or "",
        subject=texts["subject"] or "",
        time=_not_ahead(_time(event.get("time")), now),
        customer=texts["customer"],
        unit=texts["unit"],
        data=_data(event),
    )


def _text(event: dict[str, Any], name: str, most: int) -> str | None:
    value = event.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text")  # noqa: TRY004 -- all refusals are one kind of error
    if not 0 < len(value) <= most:
        raise ValueError(f"{name} must have 1 to {most} characters")
    if not _storable(value):
        raise ValueError(f"{name} has characters that can't be kept")
    return value


def _time(value: object) -> datetime:
    if value is None:
        raise ValueError("it has no time")
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value.upper() else None
        in_utc = parsed.astimezone(UTC) if parsed and parsed.tzinfo else None
    except (ValueError, OverflowError):
        parsed = in_utc = None
    if parsed is None:
        raise ValueError("time is no RFC 3339 time")
    if in_utc is None:
        raise ValueError("time needs an offset, such as 2026-03-02T09:00:00Z")
    return in_utc


def _not_ahead(time: datetime, now: datetime) -> datetime:
    # a watermark follows the latest signal: one from next year would make every open promise late and every honest
    # signal after it too old
    if time > now + AHEAD:
        minutes = AHEAD // timedelta(minutes=1)
        raise ValueError(
            f"time lies in the future, by more than the {minutes} minutes that clocks may differ;"
            f" it is {now:%Y-%m-%dT%H:%MZ} here"
        )
    return time


def _data(event: dict[str, Any]) -> Mapping[str, Any] | None:
    if "data_base64" in event:
        raise ValueError("data must be JSON, not data_base64")
    kind = event.get("datacontenttype")
    if kind is not None and not (isinstance(kind, str) and _is_json(kind)):
        raise ValueError("datacontenttype must be application/json")
    data = event.get("data")
    if data is None:
        return None
    if not isinstance(data, dict):
        raise ValueError("data must be a JSON object")  # noqa: TRY004 -- all refusals are one kind of error
    _check_values(data)
    return data


def _is_json(media_type: str) -> bool:
    name = media_type.split(";", maxsplit=1)[0].strip().lower()
    return name == "application/json" or name.endswith("+json")


def _check_values(data: dict[str, Any]) -> None:
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and not _storable(value):
                raise ValueError("data has characters that can't be kept")
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError("data has a number that is none")
        if not below:
            return
        level = below
    raise ValueError(f"data is nested more than {DEEPEST} levels deep")


def _storable(text: str) -> bool:
    """Neither NUL, which PostgreSQL has no room for, nor half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))
