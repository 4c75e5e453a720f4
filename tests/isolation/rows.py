"""Makes a valid row of any table from its declaration alone, parents first."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.ids import new_id
from serviceco.storage.base import Kind
from serviceco.storage.engines import open_engine
from serviceco.storage.unit_of_work import global_work, unit_of_work
from tests.isolation.declared import CLASSES, TABLES

Values = dict[str, Any]
_numbers = count(1)
# Tables whose rows a company writes: its own, and those that its brands read.
OWNED = {Kind.TENANT, Kind.BRAND}


def plain_value(column: sa.Column[Any]) -> Any:
    """Return a new value that the column's type and the trade's checks accept."""
    number = next(_numbers)
    by_type: list[tuple[type | tuple[type, ...], Any]] = [
        (sa.Enum, lambda: column.type.enums[0]),  # type: ignore[attr-defined]
        (sa.Uuid, new_id),
        (JSONB, dict),
        (sa.ARRAY, list),
        (sa.Boolean, lambda: False),
        (sa.LargeBinary, lambda: number.to_bytes(32)),
        (sa.DateTime, lambda: datetime(2026, 11, 22, tzinfo=UTC)),
        (sa.Date, lambda: date.fromordinal(date(2026, 1, 1).toordinal() + number)),
        # 1 passes every check of a bound: a repair level, an amount, a version.
        (sa.Integer, lambda: number if column.primary_key else 1),
        (sa.String, lambda: f"{column.name}-{number}"),
    ]
    return next(make() for kind, make in by_type if isinstance(column.type, kind))


def keys_to_parents(table: sa.Table) -> list[sa.ForeignKeyConstraint]:
    """Return the foreign keys that lead to other tables, in order; to itself none is needed."""
    keys = [key for key in table.foreign_key_constraints if key.referred_table is not table]
    return sorted(keys, key=lambda key: str(key.name))


class RowMaker:
    """Writes rows as the application would: a tenant's as its tenant, everybody's as the owner."""

    def __init__(self, engine: AsyncEngine, owner_url: str) -> None:
        self._engine = engine
        self._owner = open_engine(owner_url, pool_size=1)

    async def close(self) -> None:
        await self._owner.dispose()

    async def values(self, table: sa.Table, tenant_id: UUID) -> Values:
        """Return the values of a row that could be inserted now; its parents are there already."""
        values: Values = {}
        for key in keys_to_parents(table):
            parent = await self.row(key.referred_table, tenant_id)
            for mine, theirs in zip(key.columns, key.elements, strict=True):
                values[mine.name] = parent[theirs.column.name]
        if CLASSES[table.name].kind in OWNED:
            values["tenant_id"] = tenant_id
        for column in table.columns:
            if column.name not in values and not column.nullable:
                values[column.name] = plain_value(column)
        return values

    async def row(self, table: sa.Table, tenant_id: UUID, **given: object) -> Values:
        """Insert a row with new parents, and commit it; `given` are the values that matter."""
        values = await self.values(table, tenant_id) | given
        if CLASSES[table.name].kind in OWNED:
            async with unit_of_work(self._engine, tenant_id) as session:
                await session.execute(sa.insert(table).values(values))
        else:
            async with global_work(self._owner) as session:
                await session.execute(sa.insert(table).values(values))
        return values

    async def row_of(self, name: str, tenant_id: UUID, **given: object) -> Values:
        """Insert a row of a table by its name."""
        return await self.row(TABLES[name], tenant_id, **given)


def key_of(table: sa.Table, values: Values) -> sa.ColumnElement[bool]:
    """Return the condition that names exactly this row."""
    return sa.and_(*(column == values[column.name] for column in table.primary_key.columns))


async def count_rows(session: AsyncSession, table: sa.Table, values: Values) -> int:
    """Return how many rows of this key the session sees: 1 or 0."""
    statement = sa.select(sa.func.count()).select_from(table).where(key_of(table, values))
    return await session.scalar(statement) or 0
