"""Accounts, entries and postings; entries and postings are only ever added."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.ledger.words import AccountKind
from serviceco.storage.base import TenantRow, TenantTable, enum_column, tenant_key


class LedgerAccount(TenantTable):
    """One account of the tenant's chart, in use from `since` (in) to `until` (out)."""

    __tablename__ = "ledger_account"

    code: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[AccountKind] = mapped_column(enum_column(AccountKind))
    names: Mapped[dict[str, Any]]
    since: Mapped[date]
    until: Mapped[date | None]


class Entry(TenantRow):
    """One fact of business. `subject_id` names what it is about; a correction names what it reverses.

    An entry is reversed once at most.
    """

    __tablename__ = "entry"
    is_append_only = True
    __table_args__ = (
        tenant_key("reverses_id", "entry"),
        UniqueConstraint("tenant_id", "reverses_id"),
        Index("entry_subject_idx", "tenant_id", "subject_id"),
        Index("entry_booked_idx", "tenant_id", "booked_on"),
    )

    act: Mapped[str]
    subject_id: Mapped[UUID]
    booked_on: Mapped[date]
    booked_at: Mapped[datetime]
    booked_by: Mapped[UUID]
    reverses_id: Mapped[UUID | None]


class Posting(TenantTable):
    """One side of an entry: debit positive, credit negative, zero in sum per entry and currency."""

    __tablename__ = "posting"
    is_append_only = True
    __table_args__ = (
        tenant_key("entry_id", "entry"),
        ForeignKeyConstraint(
            ["tenant_id", "account_code"], ["ledger_account.tenant_id", "ledger_account.code"]
        ),
        CheckConstraint("amount_minor <> 0", name="not_zero"),
        Index("posting_account_idx", "tenant_id", "account_code", "branch_id"),
    )

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    account_code: Mapped[str]
    branch_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
