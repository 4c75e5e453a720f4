"""Quotes and payments."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.billing.words import ApprovalChannel, PaymentMethod, QuoteStatus
from serviceco.storage.base import TenantRow, enum_column, tenant_key


class Quote(TenantRow):
    """What the customer is asked to pay; `lines` are frozen as they were shown."""

    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "revision"),
        tenant_key("order_id", "repair_order"),
    )

    order_id: Mapped[UUID]
    revision: Mapped[int]
    status: Mapped[QuoteStatus] = mapped_column(enum_column(QuoteStatus))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    lines: Mapped[list[Any]]
    valid_until: Mapped[date]
    sent_at: Mapped[datetime]
    sent_by: Mapped[UUID]
    decided_at: Mapped[datetime | None]
    channel: Mapped[ApprovalChannel | None] = mapped_column(enum_column(ApprovalChannel))
    note: Mapped[str] = mapped_column(default="")


class Payment(TenantRow):
    """Money from the customer; below zero, money given back. `entry_id` is its place in the ledger."""

    __tablename__ = "payment"
    __table_args__ = (
        tenant_key("order_id", "repair_order"),
        tenant_key("entry_id", "entry"),
        CheckConstraint("amount_minor <> 0", name="not_zero"),
        Index("payment_order_idx", "tenant_id", "order_id"),
    )

    order_id: Mapped[UUID]
    entry_id: Mapped[UUID]
    method: Mapped[PaymentMethod] = mapped_column(enum_column(PaymentMethod))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
    received_by: Mapped[UUID]
