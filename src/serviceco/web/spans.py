"""The period of a report: presets that move with the day, or two days typed, both in."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from serviceco.core.periods import Period, add_months
from serviceco.web.listing import Address
from serviceco.web.typed_dates import parse_day

DEFAULT = "days30"
# Before this day no branch of ours kept records that could be imported.
_EARLIEST = date(2000, 1, 1)
_DAY = timedelta(days=1)


class PeriodReversed(ValueError):  # noqa: N818 - a slip of the one who typed
    """The last day lies before the first."""


def _last(days: int) -> Callable[[date], Period]:
    return lambda today: Period(today - timedelta(days=days - 1), today + _DAY)


PRESETS: Mapping[str, Callable[[date], Period]] = {
    "days7": _last(7),
    "days30": _last(30),
    "month": lambda today: Period(today.replace(day=1), today + _DAY),
    "last_month": lambda today: Period(add_months(today.replace(day=1), -1), today.replace(day=1)),
    "days90": _last(90),
    "days365": _last(365),
    "all": lambda today: Period(_EARLIEST, today + _DAY),
}


def asked_period(address: Address, today: date) -> tuple[str, Period]:
    """Return the preset that an address names, `""` for typed days, and its period.

    A single typed day reaches to today, or from the beginning of records.

    Raises:
        PeriodReversed: the typed days are in the wrong order.
    """
    first = parse_day(address.text("from"), today)
    last = parse_day(address.text("to"), today)
    if first or last:
        since, until = first or _EARLIEST, (last or today) + _DAY
        if until <= since:
            raise PeriodReversed
        return "", Period(since, until)
    preset = next(iter(address.among("period", PRESETS)), DEFAULT)
    return preset, PRESETS[preset](today)
