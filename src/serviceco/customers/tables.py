"""Customers, devices and proofs of purchase."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.catalogue.tables import Category, ProductModel
from serviceco.evidence.tables import Chained
from serviceco.policy.words import ProofKind, SaleChannel
from serviceco.storage.base import TenantRow, enum_column, tenant_key
from serviceco.tenancy.tables import Brand


class Customer(TenantRow, Chained):
    """A person or company. `phone` is E.164, and how the counter finds them again.

    People share a phone, so phone and name together tell two customers apart. An erased one has
    neither; `erased_at` says since when.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(
            "customer_phone_idx",
            "tenant_id",
            "phone",
            "name",
            unique=True,
            postgresql_where=text("phone <> ''"),
        ),
    )

    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str | None]
    address: Mapped[str | None]
    language: Mapped[str]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Device(TenantRow):
    """One unit. `serial` is normalised (catalogue/rules.py); an IMEI stands there for phones.

    `brand_printed` is what stands on the device; `brand_id` is the organisation, once known.
    `serial_note` says why staff accepted a serial that does not fit its model.
    """

    __tablename__ = "device"
    __table_args__ = (
        tenant_key("customer_id", "customer"),
        Index(
            "device_serial_idx",
            "tenant_id",
            "serial",
            "brand_printed",
            unique=True,
            postgresql_where=text("serial is not null"),
        ),
        Index("device_alias_idx", "tenant_id", "brand_alias_id"),
        tenant_key("brand_alias_id", "brand_alias"),
    )

    category_id: Mapped[UUID] = mapped_column(ForeignKey(Category.id))
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey(Brand.id))
    brand_alias_id: Mapped[UUID | None]
    model_id: Mapped[UUID | None] = mapped_column(ForeignKey(ProductModel.id))
    customer_id: Mapped[UUID | None]
    brand_printed: Mapped[str]
    model_printed: Mapped[str] = mapped_column(default="")
    serial: Mapped[str | None]
    second_serial: Mapped[str | None]
    serial_note: Mapped[str] = mapped_column(default="")
    manufactured_year: Mapped[int | None]
    created_at: Mapped[datetime]


class ProofOfPurchase(TenantRow):
    """A dated proof; which one counts is the policy's order of precedence."""

    __tablename__ = "proof_of_purchase"
    __table_args__ = (
        tenant_key("device_id", "device"),
        Index("proof_of_purchase_device_idx", "tenant_id", "device_id"),
    )

    device_id: Mapped[UUID]
    proof: Mapped[ProofKind] = mapped_column(enum_column(ProofKind))
    dated_on: Mapped[date]
    number: Mapped[str] = mapped_column(default="")
    seller: Mapped[str] = mapped_column(default="")
    channel: Mapped[SaleChannel] = mapped_column(enum_column(SaleChannel))
    is_verified: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
