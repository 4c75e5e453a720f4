"""Periods of a report: presets, and days as people type them."""

from datetime import date

import pytest

from serviceco.core.periods import Period
from serviceco.web.listing import Address
from serviceco.web.spans import PeriodReversed, asked_period

TODAY = date(2026, 3, 5)


def asked(**query: str) -> tuple[str, Period]:
    return asked_period(
        Address("/", {name.strip("_"): (text,) for name, text in query.items()}), TODAY
    )


@pytest.mark.parametrize(
    ("preset", "since", "until"),
    [
        ("days7", date(2026, 2, 27), date(2026, 3, 6)),
        ("month", date(2026, 3, 1), date(2026, 3, 6)),
        ("last_month", date(2026, 2, 1), date(2026, 3, 1)),
        ("days365", date(2025, 3, 6), date(2026, 3, 6)),
    ],
)
def test_a_preset_moves_with_the_day(preset, since, until):
    assert asked(period=preset) == (preset, Period(since, until))


def test_thirty_days_are_shown_where_nothing_known_is_asked():
    assert (
        asked(period="nonsense")
        == asked()
        == ("days30", Period(date(2026, 2, 4), date(2026, 3, 6)))
    )


def test_typed_days_are_both_in_and_go_before_a_preset():
    found = asked(period="days7", from_="20260110", to="2026-1-12")
    assert found == ("", Period(date(2026, 1, 10), date(2026, 1, 13)))


def test_a_single_day_reaches_to_today():
    assert asked(from_="20260301") == ("", Period(date(2026, 3, 1), date(2026, 3, 6)))


def test_days_in_the_wrong_order_are_refused():
    with pytest.raises(PeriodReversed):
        asked(from_="20260302", to="20260301")
