"""The vocabulary of the ledger."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import Refusal


class AccountKind(StrEnum):
    """On which side an account grows: assets and costs by debit (+), the rest by credit (-)."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    COST = "cost"


class AccountCode(StrEnum):
    """The accounts that verbs post to; every chart of accounts must hold them."""

    CASH = "cash"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    CARD = "card"
    CUSTOMER_RECEIVABLE = "customer_receivable"
    BRAND_RECEIVABLE = "brand_receivable"
    OTHER_RECEIVABLE = "other_receivable"
    CUSTOMER_DEPOSITS = "customer_deposits"
    WARRANTY_INCOME = "warranty_income"
    LABOUR_INCOME = "labour_income"
    PART_SALES = "part_sales"
    OTHER_PAYER_INCOME = "other_payer_income"
    GOODWILL_INCOME = "goodwill_income"
    GOODWILL_COST = "goodwill_cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of an entry before it is posted: debit positive, credit negative."""

    account_code: str
    amount_minor: int
    currency: str
    branch_id: UUID | None = None
    brand_id: UUID | None = None


class EntryReversed(Refusal):
    """The entry was reversed before, or is itself a reversal."""

    code = "ENTRY_REVERSED"


class Unbalanced(Exception):  # noqa: N818 - read as "the entry is unbalanced"
    """A fault of ours: the sides of an entry do not sum to zero in each currency."""
