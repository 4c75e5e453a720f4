"""What is found, decided and done on an order: findings, lines, decisions, checks, photos."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.policy.words import LineKind, Payer
from serviceco.repairs.words import LineStatus, StepOutcome
from serviceco.storage.base import TenantRow, enum_column, tenant_key


class InspectionResult(TenantRow):
    """The answer to one step of the brand's standard. `reading` is decimal text in `unit`."""

    __tablename__ = "inspection_result"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "step_code"),
        tenant_key("order_id", "repair_order"),
        tenant_key("photo_id", "photo"),
    )

    order_id: Mapped[UUID]
    step_code: Mapped[str]
    position: Mapped[int]
    outcome: Mapped[StepOutcome] = mapped_column(enum_column(StepOutcome))
    reading: Mapped[str | None]
    unit: Mapped[str | None]
    finding_code: Mapped[str | None]
    photo_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(default="")
    staff_id: Mapped[UUID | None]
    answered_at: Mapped[datetime]


class Photo(TenantRow):
    """A picture of the device in a named slot; the file lies under its SHA-256."""

    __tablename__ = "photo"
    __table_args__ = (
        tenant_key("order_id", "repair_order"),
        Index("photo_order_idx", "tenant_id", "order_id"),
    )

    order_id: Mapped[UUID]
    slot: Mapped[str]
    sha256: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime]
    taken_by: Mapped[UUID]


class CoverageDecision(TenantRow):
    """Who pays for a line and why. Immutable: a new decision supersedes, none is changed.

    `line_id` is empty for the decision on the visit as a whole, made at intake. `facts` and the
    pinned versions recompute `decision` (policy/rules.py) at any later time.
    """

    __tablename__ = "coverage_decision"
    is_append_only = True
    __table_args__ = (
        tenant_key("order_id", "repair_order"),
        tenant_key("policy_version_id", "policy_version"),
        Index("coverage_decision_order_idx", "tenant_id", "order_id", "decided_at"),
    )

    order_id: Mapped[UUID]
    line_id: Mapped[UUID | None]
    payer: Mapped[Payer] = mapped_column(enum_column(Payer))
    policy_version_id: Mapped[UUID]
    law_codes: Mapped[list[str]]
    facts: Mapped[dict[str, Any]]
    decision: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID]


class OrderLine(TenantRow):
    """One part, labour or travel line, with its payer and its price to that payer.

    `amount_minor` is quantity times `price_minor`, in the order's currency. `names` holds one
    description per language. `labour_minutes` are the standard ones of the rate. A part keeps both
    serials: what went in and what came out.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "position"),
        tenant_key("order_id", "repair_order"),
        tenant_key("decision_id", "coverage_decision"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount_minor = quantity * price_minor", name="amount"),
    )

    order_id: Mapped[UUID]
    position: Mapped[int]
    line: Mapped[LineKind] = mapped_column(enum_column(LineKind))
    code: Mapped[str]
    names: Mapped[dict[str, Any]]
    component: Mapped[str | None]
    repair_level: Mapped[int | None]
    quantity: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    price_minor: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    payer: Mapped[Payer] = mapped_column(enum_column(Payer))
    decision_id: Mapped[UUID | None]
    status: Mapped[LineStatus] = mapped_column(enum_column(LineStatus))
    labour_minutes: Mapped[int | None]
    new_serial: Mapped[str | None]
    old_serial: Mapped[str | None]


class QualityCheck(TenantRow):
    """One check of a finished repair by another person."""

    __tablename__ = "quality_check"
    __table_args__ = (
        tenant_key("order_id", "repair_order"),
        tenant_key("staff_id", "staff"),
        Index("quality_check_order_idx", "tenant_id", "order_id"),
    )

    order_id: Mapped[UUID]
    passed: Mapped[bool]
    note: Mapped[str] = mapped_column(default="")
    staff_id: Mapped[UUID]
    checked_at: Mapped[datetime]
