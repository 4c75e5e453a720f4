"""Declarative bases: every table says which kind it is, and so where its rows may live."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


class Kind(StrEnum):
    """Where a table's rows belong; `migrations/placement.py` distributes by it."""

    TENANT = "tenant"
    BRAND = "brand"
    GLOBAL = "global"
    LOCAL = "local"


class Table(DeclarativeBase):
    """Base of all tables. Python `int` is `bigint`, `datetime` is `timestamptz`."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text,
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
    }
    kind: ClassVar[Kind]
    # No role may update or delete what is only ever added; a test reads the grants.
    is_append_only: ClassVar[bool] = False


class TenantTable(Table):
    """A row owned by one tenant. Keys lead with `tenant_id`, so foreign keys carry it."""

    __abstract__ = True
    kind = Kind.TENANT

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


class TenantRow(TenantTable):
    """A tenant's row with an id of its own: the usual kind."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class BrandTable(Table):
    """What a brand is shown of its contractors' work; keys lead with `brand_id`.

    `tenant_id` is the company whose work it is, and the only one that writes the row.
    """

    __abstract__ = True
    kind = Kind.BRAND

    brand_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-3)
    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)
    tenant_id: Mapped[UUID] = mapped_column(sort_order=-1)


class GlobalTable(Table):
    """A small, read-mostly row that belongs to no tenant."""

    __abstract__ = True
    kind = Kind.GLOBAL

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)


class LocalTable(Table):
    """A row of this database alone; no foreign key leads in or out."""

    __abstract__ = True
    kind = Kind.LOCAL


def enum_column(words: type[StrEnum]) -> Enum:
    """Store an enum by its value as checked text; a native type could not grow inside a transaction."""
    return Enum(
        words,
        native_enum=False,
        length=40,
        validate_strings=True,
        create_constraint=False,
        values_callable=lambda members: [member.value for member in members],
    )


def tenant_key(column: str, table: str) -> ForeignKeyConstraint:
    """Refer to a row of the same tenant: a foreign-key check ignores row-level security."""
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])
