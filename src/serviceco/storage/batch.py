"""Writing rows of several tables in one round trip."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Insert, insert, inspect, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from serviceco.storage.base import Table


async def insert_together(session: AsyncSession, rows: Iterable[Table]) -> None:
    """Insert new rows, of whatever tables, in one statement.

    Each row is a writing CTE; PostgreSQL checks foreign keys when the whole statement ends, so
    the rows may refer to each other in any order. They are not added to the session.
    """
    statement = select(literal(1))
    for position, row in enumerate(rows):
        statement = statement.add_cte(insert_row(row).cte(f"new_{position}"))
    await session.execute(statement)


def insert_row(row: Table) -> Insert:
    """Return the insert of one row: what is set, else the column's Python default, else NULL.

    The defaults are set on the row too, so that it reads like the stored one.
    """
    values: dict[str, Any] = {}
    for column in inspect(type(row)).columns:
        value = getattr(row, column.key)
        if value is None and isinstance(column.default, ScalarElementColumnDefault):
            value = column.default.arg
        setattr(row, column.key, value)
        values[column.key] = value
    return insert(type(row)).values(values)


def adopt(session: AsyncSession, row: Table) -> None:
    """Let the session keep a row that `insert_together` wrote, as if it had read it."""
    make_transient_to_detached(row)
    session.add(row)
