"""Global registers of the trade; written by operators, read by everybody."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import GlobalTable
from serviceco.tenancy.tables import Brand


class Category(GlobalTable):
    """A kind of product. `ords_id` is its number in the Open Repair Data Standard, if it has one.

    `takes_imei` says that a unit's serial is its IMEI, so that no other serial is accepted.
    """

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, Any]]
    ords_id: Mapped[int | None] = mapped_column(unique=True)
    takes_imei: Mapped[bool] = mapped_column(default=False)


class ProductModel(GlobalTable):
    """A model of a brand. `serial_pattern` is a regular expression over the normalised serial;
    `tac_prefixes` are the first eight digits of its IMEIs (3GPP TS 23.003); `gtin` is the EAN-13 of its box.
    """

    __tablename__ = "product_model"
    __table_args__ = (UniqueConstraint("brand_id", "code"),)

    brand_id: Mapped[UUID] = mapped_column(ForeignKey(Brand.id))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    code: Mapped[str]
    name: Mapped[str]
    serial_pattern: Mapped[str | None]
    tac_prefixes: Mapped[list[str]]
    gtin: Mapped[str | None] = mapped_column(index=True)


class Symptom(GlobalTable):
    """A coded symptom as the customer perceives it; `position` orders the chips at the counter."""

    __tablename__ = "symptom"
    __table_args__ = (UniqueConstraint("category_id", "code"),)

    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    code: Mapped[str]
    names: Mapped[dict[str, Any]]
    position: Mapped[int]
