from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceco.core.periods import Period
from serviceco.reports.rules import (
    BINS,
    TURNAROUND_ERROR,
    add_up,
    bin_edges,
    bin_of,
    exact_quantile,
    filled_bins,
    is_provisional,
    odd_days,
    orders_in,
    pack,
    quantile_of_bins,
    rate,
    rate_interval,
    unpack,
    whole_months,
)

MINUTE, DAY = 60, 86_400
durations = st.lists(st.floats(0, 330 * DAY), min_size=1, max_size=60)


def histogram(seconds):
    counts = [0] * BINS
    for one in seconds:
        counts[bin_of(one)] += 1
    return counts


@given(durations, st.floats(0, 1))
def test_a_quantile_from_bins_is_within_the_stated_error(seconds, share):
    exact = exact_quantile(seconds, share)
    read = quantile_of_bins(histogram(seconds), share)
    assert exact is not None
    assert read is not None
    assert abs(read - exact) <= TURNAROUND_ERROR * exact + MINUTE / 2 + 1e-6


@given(st.lists(durations, min_size=1, max_size=8))
def test_merging_packed_histograms_is_the_histogram_of_all(many):
    together = [one for seconds in many for one in seconds]
    packed = [pack(histogram(seconds)) for seconds in many]
    assert unpack(add_up(packed)) == histogram(together)


@given(st.floats(0, 1_000 * DAY))
def test_every_turnaround_lies_within_the_edges_of_its_bin(seconds):
    number = bin_of(seconds)
    since, until = bin_edges(number)
    assert since * (1 - 1e-9) <= seconds
    assert seconds < until * (1 + 1e-9) or number == BINS - 1


def test_nothing_has_no_quantile_no_rate_and_no_bytes():
    assert quantile_of_bins([0] * BINS, 0.5) is None
    assert exact_quantile([], 0.5) is None
    assert rate(0, 0) is None
    assert rate_interval(0, 0) is None
    assert pack([0] * BINS) == b""
    assert filled_bins(unpack(add_up([]))) == ()


@pytest.mark.parametrize(
    ("seconds", "share", "expected"),
    [([10], 0.9, 10), ([10, 20], 0.5, 15), ([1, 2, 3, 4], 0.5, 2.5), ([1, 2, 3], 0.9, 2.8)],
)
def test_exact_quantiles_interpolate(seconds, share, expected):
    assert exact_quantile(seconds, share) == pytest.approx(expected)


@pytest.mark.parametrize(("part", "whole"), [(0, 5), (3, 30), (1, 1), (400, 1000)])
def test_the_interval_of_a_rate_is_wilsons(part, whole):
    # Wilson (1927): the bounds p solve (share - p)^2 = z^2 p (1 - p) / n.
    interval = rate_interval(part, whole)
    assert interval is not None
    for bound in interval:
        distance = (part / whole - bound) ** 2
        assert distance == pytest.approx(1.959964**2 * bound * (1 - bound) / whole, abs=1e-9)


@pytest.mark.parametrize(
    ("since", "until", "months", "days"),
    [
        ((2026, 1, 1), (2027, 1, 1), ((2026, 1, 1), (2027, 1, 1)), 0),
        ((2026, 1, 2), (2026, 3, 1), ((2026, 2, 1), (2026, 3, 1)), 30),
        ((2026, 1, 31), (2026, 2, 28), None, 28),
        ((2025, 12, 15), (2026, 2, 10), ((2026, 1, 1), (2026, 2, 1)), 26),
        ((2026, 1, 5), (2026, 1, 5), None, 0),
    ],
)
def test_a_period_is_whole_months_and_the_days_around_them(since, until, months, days):
    period = Period(date(*since), date(*until))
    whole = whole_months(period)
    if months is None:
        assert whole.days == 0
    else:
        assert whole == Period(date(*months[0]), date(*months[1]))
    assert sum(part.days for part in odd_days(period)) == days
    assert whole.days + days == period.days


def test_a_repeat_rate_is_provisional_until_90_days_have_passed():
    period = Period(date(2026, 1, 1), date(2026, 2, 1))
    assert is_provisional(period, date(2026, 5, 1))
    assert not is_provisional(period, date(2026, 5, 2))


def test_an_entry_names_one_order_or_many():
    one, two = "0197a000-0000-7000-8000-000000000001", "0197a000-0000-7000-8000-000000000002"
    assert {str(order) for order in orders_in({"order_id": one, "number": "1"})} == {one}
    assert {str(order) for order in orders_in({"order_ids": [one, two]})} == {one, two}
    assert orders_in({"order_ids": []}) == set()
