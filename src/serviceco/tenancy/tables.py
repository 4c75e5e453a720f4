"""Tenants and brands are global; what a tenant owns is its own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.identity.tables import Account
from serviceco.storage.base import GlobalTable, TenantRow, TenantTable, tenant_key


class Tenant(GlobalTable):
    """A repair company. `zone` is an IANA name, `language` a BCP 47 tag."""

    __tablename__ = "tenant"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    currency: Mapped[str]
    zone: Mapped[str]
    language: Mapped[str]
    country: Mapped[str]
    created_at: Mapped[datetime]


class Brand(GlobalTable):
    """A brand manufacturer as an organisation; `names` holds one text per language."""

    __tablename__ = "brand"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[dict[str, Any]]


class Branch(TenantRow, Chained):
    """A service point. `imported_as` is the group under which history was imported.

    One that is closed takes nothing in; its history stays.
    """

    __tablename__ = "branch"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "imported_as"),
    )

    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    zone: Mapped[str]
    imported_as: Mapped[str | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class BrandAlias(TenantRow):
    """A brand as somebody printed it. `brand_id` stays empty until staff say which brand it is.

    `spelling` is the printed name folded for comparison (tenancy/rules.py).
    """

    __tablename__ = "brand_alias"
    __table_args__ = (UniqueConstraint("tenant_id", "spelling"),)

    spelling: Mapped[str]
    printed: Mapped[str]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"))
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Contract(TenantRow, Chained):
    """A brand's authorisation of the tenant, from `since` (in) to `until` (out).

    `category_codes` are the product lines under contract; None means all of them.
    """

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("until is null or until > since", name="ends_after_start"),
        Index("contract_brand_idx", "tenant_id", "brand_id"),
    )

    number: Mapped[str]
    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    since: Mapped[date]
    until: Mapped[date | None]
    category_codes: Mapped[list[str] | None]


class ContractBranch(TenantTable):
    """A branch that the contract authorises, up to a repair level (1, 2 or 3).

    `category_levels` holds the levels of categories in which the branch may do more or less.
    """

    __tablename__ = "contract_branch"
    __table_args__ = (
        tenant_key("contract_id", "contract"),
        tenant_key("branch_id", "branch"),
        CheckConstraint("repair_level between 1 and 3", name="repair_level"),
    )

    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    repair_level: Mapped[int]
    category_levels: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'::jsonb")
    )


class Staff(TenantRow, Chained):
    """A person who works for the tenant; the owner of orders and the author of events."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)

    code: Mapped[str]
    name: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey(Account.id))
    is_active: Mapped[bool] = mapped_column(default=True)
