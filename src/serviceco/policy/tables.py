"""A tenant's brand policies and the law, each immutable once published, and drafts of policies."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.policy.words import DraftStatus
from serviceco.storage.base import GlobalTable, TenantRow, enum_column, tenant_key


class PolicyVersion(TenantRow):
    """One version of a brand's policy for this tenant, in force from a date on.

    `document` is the pack in canonical form and `sha256` the hash of that form; a decision
    names the version, so it can be recomputed years later.
    """

    __tablename__ = "policy_version"
    is_append_only = True
    __table_args__ = (
        UniqueConstraint("tenant_id", "code", "version"),
        Index("policy_version_brand_idx", "tenant_id", "brand_id", "effective_from"),
    )

    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    code: Mapped[str]
    version: Mapped[str]
    effective_from: Mapped[date]
    sha256: Mapped[str]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID]


class PolicyDraft(TenantRow, Chained):
    """A policy that is being written; publishing it makes a `PolicyVersion` and ends it.

    `pack` is its text as it is edited, whether it can be read or not. `changed_by` is who saved
    it last and `submitted_by` who held it ready for review: neither of them publishes it.
    """

    __tablename__ = "policy_draft"
    __table_args__ = (
        tenant_key("based_on_id", "policy_version"),
        tenant_key("published_id", "policy_version"),
        Index("policy_draft_status_idx", "tenant_id", "status", text("id desc")),
    )

    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    based_on_id: Mapped[UUID | None]
    published_id: Mapped[UUID | None]
    status: Mapped[DraftStatus] = mapped_column(enum_column(DraftStatus))
    pack: Mapped[str]
    note: Mapped[str] = mapped_column(default="", server_default=text("''"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class LawVersion(GlobalTable):
    """One version of a statutory floor, from the date it is in force."""

    __tablename__ = "law_version"
    __table_args__ = (UniqueConstraint("code", "version"),)

    code: Mapped[str]
    version: Mapped[str]
    in_force_from: Mapped[date]
    sha256: Mapped[str]
    document: Mapped[dict[str, Any]]
