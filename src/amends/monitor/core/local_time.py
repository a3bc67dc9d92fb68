"""Times as tables of people have them, in many spellings, as moments in UTC. Pure: the zone is an argument."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal

from amends.monitor.core.signal import Unusable

Order = Literal["month_first", "day_first"]
ORDERS: Final[tuple[Order, ...]] = ("month_first", "day_first")

_CLOCK: Final = (
    r"(?:[T\s]+(?P<hour>\d{1,2})(?:[:：时點点](?P<minute>\d{1,2}))?"
    r"(?:[:：分](?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?\s*[分秒]?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
    r"\s*(?P<offset>Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?"
)
_YEAR_FIRST: Final = re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _CLOCK)
_YEAR_LAST: Final = re.compile(r"(?P<first>\d{1,2})[-/.](?P<other>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK)
_PACKED: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?(?P<offset>Z)?"
)


def time_of(text: str, zone: tzinfo, order: Order) -> datetime:
    """The moment that a text names, in UTC.

    Args:
        text: a date alone is its midnight.
        zone: of a text without an offset.
        order: what comes first where a year stands last, as in 3/2/2026.

    Raises:
        Unusable: it is no time, or names none or two moments in that zone, as when clocks change.
    """
    found = _matched(text.strip(), order)
    if found is None:
        raise Unusable(f"time cannot be read: {text[:60]}", f"无法识别的时间：{text[:60]}")
    naive, offset = found
    try:
        if offset is not None:
            return naive.replace(tzinfo=offset).astimezone(UTC)
        local = naive.replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != naive:
            raise Unusable(
                f"there was no such time in {zone}, as clocks were put forward: {text[:60]}",
                f"{zone} 时钟拨快，不存在该时刻：{text[:60]}",
            )
        if local.replace(fold=1).utcoffset() != local.utcoffset():
            raise Unusable(
                f"that time came twice in {zone}, as clocks were put back; give an offset: {text[:60]}",
                f"{zone} 时钟拨慢，该时刻出现两次，请注明时差：{text[:60]}",
            )
    except OverflowError:
        raise Unusable(f"time cannot be read: {text[:60]}", f"无法识别的时间：{text[:60]}") from None
    return moment


def _matched(text: str, order: Order) -> tuple[datetime, tzinfo | None] | None:
    found = _YEAR_FIRST.fullmatch(text) or _PACKED.fullmatch(text)
    if found is not None:
        year, month, day = (int(found[name]) for name in ("year", "month", "day"))
    else:
        found = _YEAR_LAST.fullmatch(text)
        if found is None:
            return None
        year, first, other = (int(found[name]) for name in ("year", "first", "other"))
        day, month = (first, other) if order == "day_first" else (other, first)
    parts = found.groupdict()
    try:
        hour = _hour(int(parts.get("hour") or 0), parts.get("half"))
        fraction = int((parts.get("fraction") or "0").ljust(6, "0")[:6])
        naive = datetime(year, month, day, hour, int(parts.get("minute") or 0), int(parts.get("second") or 0), fraction)  # noqa: DTZ001 -- its zone is settled by who asks
        return naive, _offset(parts.get("offset"))
    except ValueError:
        return None


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no such hour")
    return hour % 12 + (12 if half[0] in "Pp" else 0)


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    length = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-length if text[0] == "-" else length)
