"""Days as people type them at a counter: `20260302`, `2026-3-2`, `2026/03/02`, `3/2`."""

import re
from datetime import date

from serviceco.core.periods import is_plausible

_SHAPES = (
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"),
    re.compile(r"(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"),
)


def parse_day(typed: str, today: date) -> date | None:
    """Return the day, or None where the text is no day.

    Without a year it is the latest such day that is not after `today`: at a counter people type
    when something was bought.
    """
    for shape in _SHAPES:
        found = shape.fullmatch(typed.strip())
        if found:
            return _day(found.groupdict(), today)
    return None


def _day(parts: dict[str, str | None], today: date) -> date | None:
    month, day, year = (int(parts.get(part) or 0) for part in ("month", "day", "year"))
    # Five years reach back to the last leap day.
    years = [year] if year else range(today.year, today.year - 5, -1)
    for tried in years:
        try:
            found = date(tried, month, day)
        except ValueError:
            continue
        if year or found <= today:
            return found if is_plausible(found) else None
    return None
