from datetime import UTC, datetime, timedelta

import pytest

from serviceco.identity.rules import (
    FREE_PER_ACCOUNT,
    LONGEST_EMAIL,
    counted,
    fits_password,
    folded_email,
    network_of,
    new_key,
    new_token,
    token_hash,
    wait_before,
)

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds_ago", "wait_seconds"),
    [
        (0, 0, 0),
        (FREE_PER_ACCOUNT - 1, 0, 0),
        (FREE_PER_ACCOUNT, 0, 30),
        (FREE_PER_ACCOUNT, 29, 1),
        (FREE_PER_ACCOUNT, 30, 0),
        (FREE_PER_ACCOUNT + 1, 0, 60),
        (FREE_PER_ACCOUNT + 4, 0, 480),
        (FREE_PER_ACCOUNT + 5, 0, 900),
        (1_000_000, 0, 900),
    ],
)
def test_each_failure_beyond_the_free_ones_doubles_the_wait(failures, seconds_ago, wait_seconds):
    last_at = AT - timedelta(seconds=seconds_ago)
    wait = wait_before(failures, last_at, free=FREE_PER_ACCOUNT, at=AT)
    assert wait.total_seconds() == wait_seconds


def test_an_hour_without_a_failure_forgets_them_all():
    assert counted(9, AT - timedelta(minutes=59), at=AT) == 9
    assert counted(9, AT - timedelta(minutes=60), at=AT) == 0


def test_tokens_carry_256_bits_and_are_stored_hashed():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 for token in tokens)
    assert token_hash("a") != token_hash("b")
    assert len(token_hash("a")) == 32
    assert new_key().startswith("svc_")


def test_an_email_is_found_whatever_its_case_and_spaces():
    assert folded_email("  Wang.Fang@Example.COM ") == "wang.fang@example.com"


@pytest.mark.parametrize(("length", "fits"), [(7, False), (8, True), (256, True), (257, False)])
def test_a_password_has_bounds(length, fits):
    assert fits_password("x" * length) is fits


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_household_is_counted_once_however_many_addresses_it_has(address, counted_as):
    assert network_of(address) == counted_as


@pytest.mark.parametrize("typed", ["a\0b@x.test", "x" * 20_000, "\u00df" * 400])
def test_whatever_is_typed_as_an_email_can_be_looked_up(typed):
    assert "\0" not in folded_email(typed)
    assert len(folded_email(typed)) <= LONGEST_EMAIL
