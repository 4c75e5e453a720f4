"""Days, months and periods. Instants are UTC; a day belongs to a branch's time zone."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The first and last day of the calendar stand for infinity in PostgreSQL, and no zone fits there.
_YEARS = range(1900, 2200)


def is_plausible(day: date) -> bool:
    """Tell whether somebody may mean the day: it lies in the years 1900 to 2199."""
    return day.year in _YEARS


def add_months(day: date, months: int) -> date:
    """Return the same day that many calendar months later, clipped to the month's last day."""
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    # Every month has the first 28 days; asking how long it is costs more than all the rest.
    last = 28 if day.day <= 28 else monthrange(year, month)[1]
    return date(year, month, min(day.day, last))


def local_day(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in an IANA zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def day_start(day: date, zone: str) -> datetime:
    """Return the UTC instant at which the zone's day begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `since` (in) to `until` (out)."""

    since: date
    until: date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.until < self.since:
            raise ValueError(f"a period cannot end on {self.until}, before {self.since}")

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.until - self.since).days

    def previous(self) -> "Period":
        """Return the period of the same length that ends where this one begins."""
        return Period(self.since - timedelta(days=self.days), self.since)
