"""Periods and bounds of privacy. Pure."""

from calendar import monthrange
from datetime import datetime, timedelta

# Whoever looks at more customers than this within an hour is not working on one device.
MOST_REVEALS_AN_HOUR = 20
REVEALS_WITHIN = timedelta(hours=1)
EXPORT_LASTS = timedelta(minutes=15)
LONGEST_REASON = 300
# A month of the books is closed with the brand; until then it may ask for a claim's evidence.
CLAIM_WINDOW = timedelta(days=90)
LONGEST_CONSENT_HOURS = 72
SHORTEST_MONTHS, LONGEST_MONTHS = 1, 240


def months_before(at: datetime, months: int) -> datetime:
    """Return the same instant so many calendar months earlier; the month's last day at most."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
