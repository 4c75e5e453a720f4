"""The algebra of double entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceco.ledger.rules import balanced, imbalance, reversal, transfer
from serviceco.ledger.words import AccountCode, Side, Unbalanced

sides = st.builds(
    Side,
    account_code=st.sampled_from(AccountCode),
    amount_minor=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(["CNY", "TWD", "EUR"]),
)


def side(amount_minor: int, currency: str = "CNY") -> Side:
    return Side(account_code=AccountCode.CASH, amount_minor=amount_minor, currency=currency)


def test_a_transfer_balances_when_the_parts_make_the_whole():
    assert imbalance(transfer(side(100), side(60), side(40))) == {}


def test_each_currency_balances_alone():
    assert imbalance([side(100, "CNY"), side(-100, "EUR")]) == {"CNY": 100, "EUR": -100}


def test_sides_of_zero_are_left_out():
    assert balanced([side(5), side(0), side(-5)]) == [side(5), side(-5)]


@pytest.mark.parametrize("crooked", [[], [side(0)], [side(1)], [side(2), side(-1)]])
def test_an_entry_that_does_not_balance_is_a_fault(crooked: list[Side]):
    with pytest.raises(Unbalanced):
        balanced(crooked)


@given(st.lists(sides))
def test_an_entry_and_its_reversal_cancel_out(written: list[Side]):
    assert imbalance([*written, *reversal(written)]) == {}
