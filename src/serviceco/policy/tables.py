"""Published policy: a tenant's brand policies and the law, each immutable once written."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import GlobalTable, TenantRow


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


class LawVersion(GlobalTable):
    """One version of a statutory floor, from the date it is in force."""

    __tablename__ = "law_version"
    __table_args__ = (UniqueConstraint("code", "version"),)

    code: Mapped[str]
    version: Mapped[str]
    in_force_from: Mapped[date]
    sha256: Mapped[str]
    document: Mapped[dict[str, Any]]
