"""What was done with people's data, for how long they are kept, and whom the company lets in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.privacy.words import AuditAct
from serviceco.storage.base import TenantRow, enum_column, tenant_key


class AuditRecord(TenantRow):
    """Who did what with whose data, when and why, as the company reads it.

    `reason` is typed freely, so it goes when the person is erased; the chain of the subject holds
    the act for ever. Of support, `actor_name` is theirs, and `consented_by` who let them in.
    """

    __tablename__ = "audit_record"
    __table_args__ = (
        tenant_key("customer_id", "customer"),
        tenant_key("order_id", "repair_order"),
        Index("audit_record_list_idx", "tenant_id", text("at desc"), text("id desc")),
        Index("audit_record_account_idx", "tenant_id", "account_id", "at"),
        Index("audit_record_customer_idx", "tenant_id", "customer_id"),
    )

    act: Mapped[AuditAct] = mapped_column(enum_column(AuditAct))
    at: Mapped[datetime]
    account_id: Mapped[UUID]
    actor_kind: Mapped[str]
    actor_name: Mapped[str]
    consented_by: Mapped[str] = mapped_column(default="")
    ticket: Mapped[str] = mapped_column(default="")
    customer_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    order_number: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    until: Mapped[datetime | None]
    detail: Mapped[dict[str, Any]]


class RetentionRule(TenantRow, Chained):
    """For how many months after its last use a company keeps a kind of data; None is for ever.

    `kept` is a value of words.Kept. `generation` moves
    with each change and each round of the worker, so that an older round stops.
    """

    __tablename__ = "retention_rule"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kept"),
        CheckConstraint("months between 1 and 240", name="months"),
    )

    kept: Mapped[str]
    months: Mapped[int | None]
    generation: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]


class SupportConsent(TenantRow, Chained):
    """The company lets support look at its orders until then, or until it withdraws."""

    __tablename__ = "support_consent"
    __table_args__ = (Index("support_consent_idx", "tenant_id", "until"),)

    granted_by: Mapped[UUID]
    granted_by_name: Mapped[str]
    granted_at: Mapped[datetime]
    until: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
