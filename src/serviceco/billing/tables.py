"""Quotes, payments and hand-overs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
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


class Handover(TenantRow):
    """How a device left the branch; `id` is the order's.

    `collector` is who took it, where that was not the customer. It is personal, so the order's
    chain holds only the commitment made with `salt`. `note` says why an accessory is missing.
    """

    __tablename__ = "handover"
    __table_args__ = (tenant_key("id", "repair_order"), tenant_key("entry_id", "entry"))

    entry_id: Mapped[UUID | None]
    accessories: Mapped[list[str]]
    collector: Mapped[str] = mapped_column(default="")
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(default="")
    handed_over_at: Mapped[datetime]
    handed_over_by: Mapped[UUID]
