"""What is due, and how a finished order is split between those who pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from serviceco.billing.words import PaymentMethod
from serviceco.ledger.rules import transfer
from serviceco.ledger.words import AccountCode, Side
from serviceco.policy.words import LineKind, Payer

_MONEY = {
    PaymentMethod.CASH: AccountCode.CASH,
    PaymentMethod.WECHAT: AccountCode.WECHAT,
    PaymentMethod.ALIPAY: AccountCode.ALIPAY,
    PaymentMethod.CARD: AccountCode.CARD,
    PaymentMethod.ACCOUNT: AccountCode.CUSTOMER_RECEIVABLE,
}
_OWED_BY = {
    Payer.BRAND: AccountCode.BRAND_RECEIVABLE,
    Payer.CUSTOMER: AccountCode.CUSTOMER_DEPOSITS,
    Payer.TENANT: AccountCode.GOODWILL_COST,
    Payer.OTHER: AccountCode.OTHER_RECEIVABLE,
}
_EARNED_FROM = {
    Payer.BRAND: AccountCode.WARRANTY_INCOME,
    Payer.CUSTOMER: AccountCode.LABOUR_INCOME,
    Payer.TENANT: AccountCode.GOODWILL_INCOME,
    Payer.OTHER: AccountCode.OTHER_PAYER_INCOME,
}


class Charged(Protocol):
    """A line that counts: who pays, for what, how much."""

    payer: Payer
    line: LineKind
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where an order is booked: the currency, branch and brand that every side carries."""

    currency: str
    branch_id: UUID
    brand_id: UUID | None

    def side(self, code: AccountCode, amount_minor: int) -> Side:
        """Return a side on an account."""
        return Side(
            account_code=code,
            amount_minor=amount_minor,
            currency=self.currency,
            branch_id=self.branch_id,
            brand_id=self.brand_id,
        )


def amount_due(*, customer_minor: int, paid_minor: int) -> int:
    """Return what the customer still owes; below zero is what the company owes back."""
    return customer_minor - paid_minor


def payment_sides(books: Books, method: PaymentMethod, amount_minor: int) -> list[Side]:
    """Return money in against the customer's deposits, or out of them for an amount below zero.

    Until the device is handed over the company has earned nothing: what was paid is a deposit.
    """
    return transfer(
        books.side(_MONEY[method], amount_minor),
        books.side(AccountCode.CUSTOMER_DEPOSITS, amount_minor),
    )


def handover_sides(books: Books, lines: Iterable[Charged]) -> list[Side]:
    """Return who owes for the lines of a finished order, against what they earn.

    The brand owes warranty income; the customer's deposits turn into labour income and part
    sales. Goodwill is a cost against income at list price, apart from paid income, so that it
    shows and changes no profit. Prices are gross: tax is not split off yet.
    """
    sums: dict[tuple[AccountCode, AccountCode], int] = {}
    for line in lines:
        pair = (_OWED_BY[line.payer], _earned(line))
        sums[pair] = sums.get(pair, 0) + line.amount_minor
    return [
        side
        for (owed, earned), amount in sorted(sums.items())
        for side in transfer(books.side(owed, amount), books.side(earned, amount))
    ]


def _earned(line: Charged) -> AccountCode:
    if line.payer is Payer.CUSTOMER and line.line is LineKind.PART:
        return AccountCode.PART_SALES
    return _EARNED_FROM[line.payer]
