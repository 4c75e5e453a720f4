"""Fields as people type them."""

from datetime import date

import pytest

from serviceco.web.forms import FIELD, Form
from serviceco.web.refused import Refused
from serviceco.web.typed_dates import parse_day

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20260302", date(2026, 3, 2)),
        ("2026-3-2", date(2026, 3, 2)),
        ("2026/03/02", date(2026, 3, 2)),
        ("2026年3月2日", date(2026, 3, 2)),
        ("3/2", date(2026, 3, 2)),
        ("12/24", date(2025, 12, 24)),
        ("2/29", date(2024, 2, 29)),
        ("2027-01-01", date(2027, 1, 1)),
        ("2026-02-30", None),
        ("00010101", None),
        ("9999-12-31", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_any_usual_way(typed: str, day: date | None) -> None:
    assert parse_day(typed, TODAY) == day


def test_a_number_is_read_with_thousands_apart_and_nothing_else() -> None:
    form = Form.holding(a="1,234", b="-5", c="5x", d="", e="9" * 5000, f="--1")
    assert [form.number(name) for name in "abcdef"] == [1234, -5, None, None, None, None]


def test_every_empty_field_is_named() -> None:
    form = Form.holding(phone=" ", name="Wang")
    assert not form.require("Needed", "phone", "name", "serial")
    assert set(form.errors) == {"serial", "phone"}


def test_a_refusal_stands_beside_its_field_or_above_all() -> None:
    form = Form.holding(phone="1")
    form.refuse(Refused("INVALID_PHONE", "No phone.", "phone", {}))
    form.refuse(Refused("OPEN_ORDER", "It is here already.", "serial", {}))
    assert form.errors == {"phone": "No phone.", "": "It is here already."}


def test_a_clash_shows_what_the_row_holds_now_where_it_differs() -> None:
    form = Form.holding(note="wet", name="Wang", boxes=["a", "b"])
    form.clash(note="dry", name="Wang", boxes=["a"])
    assert form.theirs == {"note": "dry", "boxes": "a"}


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [
        ("1,234.50", "CNY", 123_450),
        ("120", "JPY", 120),
        ("-3.", "EUR", -300),
        ("0.005", "EUR", None),
        ("1e99999999", "EUR", None),
        ("9" * 5000, "EUR", None),
        ("NaN", "EUR", None),
        ("٣", "EUR", None),
        ("", "EUR", None),
    ],
)
def test_an_amount_is_plain_digits_with_the_places_of_its_currency(
    typed: str, currency: str, amount_minor: int | None
) -> None:
    assert Form.holding(paid=typed).amount("paid", currency) == amount_minor


def test_a_sentence_takes_in_the_label_of_its_field_or_stands_behind_it() -> None:
    form = Form.holding(phone="")
    form.require(f"Fill in {FIELD}", "phone")
    form.errors["dated_on"] = "No date"
    form.errors[""] = "Not now"
    form.labels.update(phone="Phone", dated_on="Date of purchase")
    assert form.fault("phone") == form.fault("phone", named=True) == "Fill in Phone"
    assert form.fault("dated_on") == "No date"
    assert form.fault("dated_on", named=True) == "Date of purchase: No date"
    assert form.fault("", named=True) == "Not now"
