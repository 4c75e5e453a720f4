"""The split of a finished order, by example and for any lines."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceco.billing.rules import Books, amount_due, handover_sides, payment_sides
from serviceco.billing.words import PaymentMethod
from serviceco.core.ids import new_id
from serviceco.ledger.rules import imbalance
from serviceco.policy.words import LineKind, Payer

BOOKS = Books(currency="CNY", branch_id=new_id(), brand_id=new_id())


@dataclass
class Line:
    payer: Payer
    line: LineKind
    amount_minor: int


lines = st.lists(
    st.builds(
        Line,
        payer=st.sampled_from(Payer),
        line=st.sampled_from(LineKind),
        amount_minor=st.integers(0, 10**9),
    )
)


def amounts(sides) -> dict[str, int]:
    sums: dict[str, int] = {}
    for side in sides:
        sums[side.account_code] = sums.get(side.account_code, 0) + side.amount_minor
    return sums


def test_a_mixed_order_is_split_by_payer_and_kind():
    split = handover_sides(
        BOOKS,
        [
            Line(Payer.BRAND, LineKind.LABOUR, 6_000),
            Line(Payer.BRAND, LineKind.PART, 31_000),
            Line(Payer.CUSTOMER, LineKind.LABOUR, 8_000),
            Line(Payer.CUSTOMER, LineKind.TRAVEL, 2_000),
            Line(Payer.CUSTOMER, LineKind.PART, 19_900),
            Line(Payer.TENANT, LineKind.PART, 1_500),
            Line(Payer.OTHER, LineKind.LABOUR, 700),
        ],
    )

    assert amounts(split) == {
        "brand_receivable": 37_000,
        "warranty_income": -37_000,
        "customer_deposits": 29_900,
        "labour_income": -10_000,
        "part_sales": -19_900,
        "goodwill_cost": 1_500,
        "goodwill_income": -1_500,
        "other_receivable": 700,
        "other_payer_income": -700,
    }
    assert {(side.branch_id, side.brand_id) for side in split} == {
        (BOOKS.branch_id, BOOKS.brand_id)
    }


@given(lines)
def test_any_order_balances_and_every_payer_owes_their_lines_to_the_cent(charged: list[Line]):
    split = handover_sides(BOOKS, charged)

    assert imbalance(split) == {}
    owed = {"brand_receivable": Payer.BRAND, "customer_deposits": Payer.CUSTOMER,
            "goodwill_cost": Payer.TENANT, "other_receivable": Payer.OTHER}  # fmt: skip
    for code, payer in owed.items():
        wanted = sum(line.amount_minor for line in charged if line.payer is payer)
        assert amounts(split).get(code, 0) == wanted


@pytest.mark.parametrize("method", PaymentMethod)
def test_every_method_of_payment_has_an_account_of_its_own(method: PaymentMethod):
    money, deposit = payment_sides(BOOKS, method, 500)

    assert (deposit.account_code, deposit.amount_minor) == ("customer_deposits", -500)
    assert money.amount_minor == 500
    assert money.account_code == {"account": "customer_receivable"}.get(method, method.value)


def test_money_given_back_is_the_payment_turned_round():
    assert amounts(payment_sides(BOOKS, PaymentMethod.CASH, -500)) == {
        "cash": -500,
        "customer_deposits": 500,
    }


def test_what_is_due_may_be_owed_to_the_customer():
    assert amount_due(customer_minor=900, paid_minor=1_000) == -100
