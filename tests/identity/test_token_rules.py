from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from serviceco.core.actor import Permission
from serviceco.identity.token_rules import (
    KEY_PUBLISHED_BEFORE,
    KEY_SIGNS_FOR,
    KEYS_REMEMBERED,
    TOKEN_LASTS,
    known_scopes,
    next_signs_from,
    published,
    signer,
)
from tests.factories import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Key:
    signs_from: datetime
    withdrawn_at: datetime | None = None


FIRST, SECOND, THIRD = (Key(NOON + KEY_SIGNS_FOR * n) for n in range(3))
KEYS = [SECOND, THIRD, FIRST]
CHANGE = SECOND.signs_from


def test_tokens_end_before_their_key_is_forgotten_and_within_a_quarter_of_an_hour():
    assert timedelta(minutes=15) >= TOKEN_LASTS
    assert TOKEN_LASTS < KEYS_REMEMBERED < KEY_PUBLISHED_BEFORE


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON - HOUR, None),
        (NOON, FIRST),
        (CHANGE - HOUR, FIRST),
        (CHANGE, SECOND),
        (CHANGE + 300 * DAY, THIRD),
    ],
)
def test_the_key_that_began_last_signs(at, expected):
    assert signer(KEYS, at) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (CHANGE - HOUR, [FIRST, SECOND, THIRD]),
        (CHANGE + HOUR / 2, [FIRST, SECOND, THIRD]),
        (CHANGE + HOUR, [SECOND, THIRD]),
        (CHANGE + 300 * DAY, [THIRD]),
    ],
)
def test_a_key_is_published_before_it_signs_and_until_its_tokens_have_ended(at, expected):
    assert published(KEYS, at) == expected


def test_the_next_key_is_made_a_day_before_the_change_and_signs_at_it():
    assert next_signs_from([], NOON) == NOON
    assert next_signs_from([FIRST], CHANGE - DAY - HOUR) is None
    assert next_signs_from([FIRST], CHANGE - DAY) == CHANGE
    assert next_signs_from([FIRST, SECOND], CHANGE - HOUR) is None


def test_after_a_long_pause_the_new_key_is_still_published_before_it_signs():
    late = CHANGE + 100 * DAY
    assert next_signs_from([FIRST], late) == late + KEY_PUBLISHED_BEFORE


def test_a_withdrawn_key_neither_signs_nor_checks():
    withdrawn = Key(NOON, withdrawn_at=NOON + HOUR)
    assert signer([withdrawn], NOON + DAY) is None
    assert published([withdrawn], NOON + DAY) == []
    assert next_signs_from([withdrawn], NOON + DAY) == NOON + DAY


def test_a_scope_of_a_later_version_is_dropped():
    assert known_scopes(["read_orders", "fly"]) == {Permission.READ_ORDERS}
