"""A signal as it comes in: one fact from operations or from a customer, and its form as a CloudEvent 1.0.

`customer` and `unit` are CloudEvents extension attributes. An event or a row that can't be kept is refused in words.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from amends.kernel.text import Localised

AHEAD: Final = timedelta(minutes=5)  # how far a sender's clock may be ahead of ours
DEEPEST: Final = 100  # levels of nesting in `data`
# attribute -> most characters; the first four are required
LENGTHS: Final = {"id": 200, "source": 200, "type": 200, "subject": 300, "customer": 100, "unit": 64}
REQUIRED: Final = ("id", "source", "type", "subject")


class Unusable(ValueError):
    """What was told is no signal that can be kept; the words are for whoever sent it."""

    def __init__(self, en: str, zh: str) -> None:
        self.said = Localised(en=en, zh=zh)
        super().__init__(en)


class Ahead(Unusable):
    """Its time lies in the future: the sender's clock is wrong, or ours."""

    def __init__(self, source: str, by: timedelta, now: datetime) -> None:
        self.source, self.by = source, by
        minutes = AHEAD // timedelta(minutes=1)
        super().__init__(
            f"time lies in the future, by more than the {minutes} minutes that clocks may differ;"
            f" it is {now:%Y-%m-%dT%H:%MZ} here",
            f"时间（time）在未来，超出时钟允许的 {minutes} 分钟误差；此处现为 {now:%Y-%m-%dT%H:%MZ}",
        )


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
        Unusable: it is no CloudEvent or says too little.
    """
    if not isinstance(event, dict):
        raise Unusable("it is no JSON object", "不是 JSON 对象")
    if event.get("specversion") != "1.0":
        raise Unusable('specversion must be "1.0"', "specversion 必须为“1.0”")
    return _signal(event, _data_of_event, now)


def signal_from_row(row: Mapping[str, Any], *, now: datetime) -> SignalIn:
    """The signal that a row of a table tells: `time` is a moment already, `data` JSON text or an object.

    Raises:
        Unusable: it can't be kept, or says too little.
    """
    return _signal(row, _data_of_row, now)


def _signal(told: Mapping[str, Any], data_of: Callable[[Mapping[str, Any]], Any], now: datetime) -> SignalIn:
    texts = {name: _text(told, name, most) for name, most in LENGTHS.items()}
    if missing := [name for name in REQUIRED if texts[name] is None]:
        raise Unusable(f"it has no {' and no '.join(missing)}", f"缺少 {'、'.join(missing)}")
    source = texts["source"] or ""
    return SignalIn(
        id=texts["id"] or "",
        source=source,
        type=texts["type"] or "",
        subject=texts["subject"] or "",
        time=_not_ahead(_time(told.get("time")), source, now),
        customer=texts["customer"],
        unit=texts["unit"],
        data=data_of(told),
    )


def _text(told: Mapping[str, Any], name: str, most: int) -> str | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unusable(f"{name} must be text", f"{name} 必须为文本")
    if not 0 < len(value) <= most:
        raise Unusable(f"{name} must have 1 to {most} characters", f"{name} 须为 1 至 {most} 个字符")
    if not _storable(value):
        raise Unusable(f"{name} has characters that can't be kept", f"{name} 含有无法保存的字符")
    return value


def _time(value: object) -> datetime:
    if value is None:
        raise Unusable("it has no time", "缺少时间（time）")
    try:
        parsed = value if isinstance(value, datetime) else None
        if isinstance(value, str) and "T" in value.upper():
            parsed = datetime.fromisoformat(value)
        in_utc = parsed.astimezone(UTC) if parsed and parsed.tzinfo else None
    except (ValueError, OverflowError):
        parsed = in_utc = None
    if parsed is None:
        raise Unusable("time is no RFC 3339 time", "时间（time）不符合 RFC 3339")
    if in_utc is None:
        raise Unusable(
            "time needs an offset, such as 2026-03-02T09:00:00Z", "时间（time）须带时差，例如 2026-03-02T09:00:00Z"
        )
    return in_utc


def _not_ahead(time: datetime, source: str, now: datetime) -> datetime:
    # a watermark follows the latest signal: one from next year would make every open promise late and every honest
    # signal after it too old
    if time > now + AHEAD:
        raise Ahead(source, time - now, now)
    return time


def _data_of_event(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "data_base64" in event:
        raise Unusable("data must be JSON, not data_base64", "data 必须为 JSON，而非 data_base64")
    kind = event.get("datacontenttype")
    if kind is not None and not (isinstance(kind, str) and _is_json(kind)):
        raise Unusable("datacontenttype must be application/json", "datacontenttype 必须为 application/json")
    return _data(event.get("data"))


def _data_of_row(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    data = row.get("data")
    if isinstance(data, str):
        if not data.strip():
            return None
        try:
            data = json.loads(data, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise Unusable("data is no JSON object", "data 不是 JSON 对象") from None
    return _data(data)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _data(data: Any) -> Mapping[str, Any] | None:
    if data is None:
        return None
    if not isinstance(data, dict):
        raise Unusable("data must be a JSON object", "data 必须为 JSON 对象")
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
                raise Unusable("data has characters that can't be kept", "data 含有无法保存的字符")
            elif isinstance(value, float) and not math.isfinite(value):
                raise Unusable("data has a number that is none", "data 含有非数值的数字")
        if not below:
            return
        level = below
    raise Unusable(f"data is nested more than {DEEPEST} levels deep", f"data 嵌套超过 {DEEPEST} 层")


def _storable(text: str) -> bool:
    """Neither NUL, which PostgreSQL has no room for, nor half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))
