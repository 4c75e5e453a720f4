"""Writing new rows in few round trips, past the session's unit of work.

The statements are built once for a table, or a sequence of tables, and then only filled: building
an insert costs more than sending it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    Insert,
    bindparam,
    func,
    insert,
    inspect,
    literal,
    schema,
    select,
)
from sqlalchemy import column as sql_column
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from serviceco.storage.base import Table
from serviceco.storage.direct import Direct


@dataclass(frozen=True, slots=True)
class Alike:
    """Many new rows of one table that differ in few columns; `shared` holds the others."""

    kind: type[Table]
    rows: Sequence[Mapping[str, Any]]
    shared: Mapping[str, Any]


async def insert_row(session: AsyncSession, row: Table) -> None:
    """Insert a new row at once; it is not added to the session."""
    await session.execute(_insert(type(row)), _values(row))


async def insert_together(session: AsyncSession, rows: Sequence[Table | Alike]) -> None:
    """Insert new rows, of whatever tables, in one statement; they are not added to the session.

    Each row is a writing CTE; PostgreSQL checks foreign keys when the whole statement ends, so
    the rows may refer to each other in any order.
    """
    values = {
        _name(position, column): value
        for position, row in enumerate(rows)
        for column, value in (_spread(row) if isinstance(row, Alike) else _values(row)).items()
    }
    await _insert_all(tuple(map(_form, rows))).rows(session, values)


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
    await session.execute(_insert(kind).from_select([*names, *alike], chosen))


def adopt(session: AsyncSession, row: Table) -> None:
    """Let the session keep a row that was inserted here, as if it had read it."""
    for name, value in _values(row).items():
        if row.__dict__.get(name) is not value or value is None:
            setattr(row, name, value)
    make_transient_to_detached(row)
    session.add(row)


@lru_cache
def _insert(table: type[Table]) -> Insert:
    return insert(cast("schema.Table", table.__table__))


# A table, or for rows that are alike also the columns in which they differ, and the others.
_Form = tuple[type[Table], tuple[str, ...], tuple[str, ...]]


def _form(row: Table | Alike) -> _Form:
    if isinstance(row, Alike):
        return row.kind, tuple(row.rows[0]), tuple(row.shared)
    return type(row), (), ()


@lru_cache
def _insert_all(forms: tuple[_Form, ...]) -> Direct:
    statement = select(literal(1))
    for position, (table, differing, shared) in enumerate(forms):
        columns = {column.key: column.type for column in inspect(table).columns}

        def given(name: str, type_: Any, position: int = position) -> Any:
            return bindparam(_name(position, name), type_=type_)

        if differing:
            arrays = func.unnest(*(given(name, ARRAY(columns[name])) for name in differing))
            rows = arrays.table_valued(*differing).render_derived(name=f"given_{position}")
            chosen = select(*rows.c, *(given(name, columns[name]) for name in shared))
            new = _insert(table).from_select([*differing, *shared], chosen)
        else:
            new = _insert(table).values({name: given(name, columns[name]) for name in columns})
        statement = statement.add_cte(new.cte(f"new_{position}"))
    return Direct(statement)


def _spread(many: Alike) -> dict[str, Any]:
    """Return what is alike, and the values of each other column as one array."""
    return {name: [row[name] for row in many.rows] for name in many.rows[0]} | dict(many.shared)


def _values(row: Table) -> dict[str, Any]:
    """Return what is set, else the column's Python default, else None, for every column."""
    given = row.__dict__
    return {
        name: default if (value := given.get(name)) is None else value
        for name, default in _columns(type(row))
    }


@lru_cache
def _columns(table: type[Table]) -> tuple[tuple[str, Any], ...]:
    """Return the names of a table's columns, each with its Python default or None."""
    return tuple(
        (column.key, column.default.arg)
        if isinstance(column.default, ScalarElementColumnDefault)
        else (column.key, None)
        for column in inspect(table).columns
    )


def _name(position: int, column: str) -> str:
    return f"new_{position}_{column}"
