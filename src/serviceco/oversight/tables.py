"""Projections for brands: cases, claims and their lines, as flat as they are read.

They hold nothing of a customer but the serial of the device, no price that a customer pays, and
no word that anybody typed about a person. `seq` is the position in its chain at which the order
or claim was read: an older reading never replaces a newer one.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.claims.words import ClaimStatus
from serviceco.policy.words import Coverage, LineKind
from serviceco.repairs.words import Outcome, RepairStatus
from serviceco.storage.base import BrandTable, enum_column


class BrandCase(BrandTable):
    """A repair order that the brand bears, or may come to bear; `id` is the order's.

    `findings` lists the answered steps of the brand's standard as `{step, outcome, finding}`.
    """

    __tablename__ = "brand_case"
    __table_args__ = (
        UniqueConstraint("brand_id", "tenant_id", "number"),
        Index("brand_case_received_idx", "brand_id", text("received_at desc"), text("id desc")),
    )

    number: Mapped[str]
    company_slug: Mapped[str]
    company_name: Mapped[str]
    branch_code: Mapped[str]
    branch_name: Mapped[str]
    contract_number: Mapped[str]
    category_code: Mapped[str]
    category_names: Mapped[dict[str, Any]]
    model_code: Mapped[str | None]
    model_name: Mapped[str | None]
    serial: Mapped[str | None]
    status: Mapped[RepairStatus] = mapped_column(enum_column(RepairStatus))
    coverage: Mapped[Coverage] = mapped_column(enum_column(Coverage))
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
    symptom_codes: Mapped[list[str]]
    findings: Mapped[list[Any]]
    is_repeat: Mapped[bool]
    repeat_days: Mapped[int | None]
    received_at: Mapped[datetime]
    diagnosed_at: Mapped[datetime | None]
    repaired_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    seq: Mapped[int]
    read_at: Mapped[datetime]


class BrandClaim(BrandTable):
    """A claim that was filed with the brand. `evidence` names what lies with it.

    `case_id` is the order's id. `problems` are codes of the brand's own rules.
    """

    __tablename__ = "brand_claim"
    __table_args__ = (
        Index("brand_claim_filed_idx", "brand_id", text("submitted_at desc"), text("id desc")),
        Index("brand_claim_case_idx", "brand_id", "case_id"),
    )

    case_id: Mapped[UUID]
    number: Mapped[str]
    company_slug: Mapped[str]
    company_name: Mapped[str]
    branch_code: Mapped[str]
    branch_name: Mapped[str]
    status: Mapped[ClaimStatus] = mapped_column(enum_column(ClaimStatus))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    problems: Mapped[list[str]]
    evidence: Mapped[list[str]]
    due_on: Mapped[date | None]
    submitted_at: Mapped[datetime]
    seq: Mapped[int]
    read_at: Mapped[datetime]


class BrandClaimLine(BrandTable):
    """One line of a filed claim, with the policy that decided it and the clauses that carry it."""

    __tablename__ = "brand_claim_line"
    __table_args__ = (
        UniqueConstraint("brand_id", "claim_id", "position"),
        ForeignKeyConstraint(
            ["brand_id", "claim_id"],
            ["brand_claim.brand_id", "brand_claim.id"],
            ondelete="CASCADE",
        ),
    )

    claim_id: Mapped[UUID]
    position: Mapped[int]
    line: Mapped[LineKind] = mapped_column(enum_column(LineKind))
    code: Mapped[str]
    names: Mapped[dict[str, Any]]
    quantity: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    policy_code: Mapped[str | None]
    policy_version: Mapped[str | None]
    clauses: Mapped[list[str]]
