"""Writing rows of several tables in one round trip."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Insert, func, insert, inspect, literal, select
from sqlalchemy import column as sql_column
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


async def insert_many(
    session: AsyncSession,
    kind: type[Table],
    rows: Sequence[Mapping[str, Any]],
    **alike: Any,
) -> None:
    """Insert many new rows of one table in one statement; `alike` are columns equal in all of them.

    Every row names the same columns; those that no row names get their Python default, else NULL.
    Each column travels as one array, which costs a third of a statement per row. An array cannot
    hold arrays, so columns of that type must be alike.
    """
    if not rows:
        return
    columns = inspect(kind).columns
    for column in columns:
        if column.key not in rows[0] and isinstance(column.default, ScalarElementColumnDefault):
            alike.setdefault(column.key, column.default.arg)
    names = list(rows[0])
    given = (
        func.unnest(
            *(literal([row[name] for row in rows], ARRAY(columns[name].type)) for name in names)
        )
        .table_valued(*(sql_column(name, columns[name].type) for name in names))
        .render_derived(name="given")
    )
    same = [literal(value, columns[name].type) for name, value in alike.items()]
    chosen = select(*(given.c[name] for name in names), *same)
    table = kind.metadata.tables[kind.__tablename__]
    await session.execute(insert(table).from_select([*names, *alike], chosen))


def adopt(session: AsyncSession, row: Table) -> None:
    """Let the session keep a row that `insert_together` wrote, as if it had read it."""
    make_transient_to_detached(row)
    session.add(row)
