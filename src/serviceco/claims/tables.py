"""Claims and their lines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.claims.words import ClaimStatus
from serviceco.evidence.tables import Chained
from serviceco.policy.words import LineKind
from serviceco.storage.base import TenantRow, enum_column, tenant_key


class Claim(TenantRow, Chained):
    """What the tenant asks a brand to pay for one order. `problems` are codes of missing evidence."""

    __tablename__ = "claim"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id"),
        tenant_key("order_id", "repair_order"),
        tenant_key("branch_id", "branch"),
        tenant_key("contract_id", "contract"),
        Index("claim_list_idx", "tenant_id", "status", text("opened_at desc"), text("id desc")),
    )

    order_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    contract_id: Mapped[UUID | None]
    status: Mapped[ClaimStatus] = mapped_column(enum_column(ClaimStatus))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    problems: Mapped[list[Any]]
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class ClaimLine(TenantRow):
    """One claimed order line with the clauses and the evidence that carry it."""

    __tablename__ = "claim_line"
    __table_args__ = (
        UniqueConstraint("tenant_id", "claim_id", "position"),
        tenant_key("claim_id", "claim"),
        tenant_key("order_line_id", "order_line"),
        tenant_key("decision_id", "coverage_decision"),
    )

    claim_id: Mapped[UUID]
    order_line_id: Mapped[UUID]
    decision_id: Mapped[UUID | None]
    position: Mapped[int]
    line: Mapped[LineKind] = mapped_column(enum_column(LineKind))
    code: Mapped[str]
    names: Mapped[dict[str, Any]]
    quantity: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    evidence: Mapped[dict[str, Any]]
