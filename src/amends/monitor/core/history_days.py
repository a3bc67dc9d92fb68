"""The days by which the history lies on disk: those of UTC."""

from datetime import UTC, date, datetime, time, timedelta


def day_of(instant: datetime) -> date:
    """The day on which it is filed."""
    return instant.astimezone(UTC).date()


def span_of(day: date) -> tuple[datetime, datetime]:
    """The first instant of a day, and the first after it."""
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)
