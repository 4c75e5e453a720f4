"""The vocabulary of the ledger."""

from enum import StrEnum


class AccountKind(StrEnum):
    """On which side an account grows: assets and costs by debit (+), the rest by credit (-)."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    COST = "cost"
