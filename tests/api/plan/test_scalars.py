from datetime import UTC, date, datetime

import pytest
from graphql import GraphQLError

from serviceco.api.plan.scalars import parse_date, parse_instant


def test_an_instant_is_kept_in_utc():
    assert parse_instant("2026-11-22T20:00:00+08:00") == datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00Z",  # PostgreSQL writes it back as -infinity, which nothing reads
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-22T20:00:00",
        "yesterday",
    ],
)
def test_an_instant_that_nobody_means_is_none(text):
    with pytest.raises(GraphQLError):
        parse_instant(text)


def test_a_day_is_read_as_written():
    assert parse_date("1900-01-01") == date(1900, 1, 1)
    assert parse_date("2199-12-31") == date(2199, 12, 31)


@pytest.mark.parametrize(
    "text", ["0001-01-01", "9999-12-31", "1899-12-31", "2026-02-30", 20261122.5]
)
def test_a_day_that_nobody_means_is_none(text):
    with pytest.raises(GraphQLError):
        parse_date(text)
