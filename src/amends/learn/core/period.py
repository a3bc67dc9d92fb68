"""A stretch of time cut to whole local days, since the summary holds whole days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, kw_only=True)
class Days:
    """From `first` up to but not including `end`; None is open on that side."""

    first: date | None = None
    end: date | None = None

    def moments(self, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """The local midnights that bound it: from the first, up to but not including the second."""
        first, end = (None if day is None else datetime.combine(day, time(), zone) for day in (self.first, self.end))
        return first, end

    def where(self) -> dict[str, date]:
        """As a filter of rows that have a `day`."""
        return {
            **({"day__gte": self.first} if self.first is not None else {}),
            **({"day__lt": self.end} if self.end is not None else {}),
        }


def days_of(since: datetime | None, until: datetime | None, zone: tzinfo) -> Days:
    """Every local day of which some part lies in [since, until): none where `until` is not after `since`."""
    first = None if since is None else since.astimezone(zone).date()
    end = None
    if until is not None:
        local = until.astimezone(zone)
        end = local.date() if local.time() == time() else local.date() + timedelta(days=1)
        if since is not None and until <= since:
            end = first
    return Days(first=first, end=end)
