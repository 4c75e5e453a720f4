"""Where a person is told of: found from the register of personal columns and the foreign keys.

A table that leads to the customer by its keys holds rows of theirs as a whole. Other tables that
may hold personal words (answers kept for repeats, reports of imports) are searched for the
person's name, telephone and addresses. So a new column in the register is never missed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from serviceco.storage.base import Kind, Table
from serviceco.storage.personal import SUBJECTS, Subject, columns_about

_ROOT = "customer"
# Made of other columns, and made anew when those change.
_DERIVED = frozenset({"search_key"})
# A shorter mark would be found in other people's texts.
_SHORTEST_MARK = 2


@cache
def personal_columns() -> Mapping[str, Sequence[sa.Column[Any]]]:
    """Return the columns that tell of customers, by the name of their table."""
    found: dict[str, list[sa.Column[Any]]] = {}
    for table, column in columns_about(Subject.CUSTOMER):
        found.setdefault(table, []).append(Table.metadata.tables[table].columns[column])
    return found


@cache
def linked_tables() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return the tables whose keys lead to a customer: name → (column, name of the parent).

    The shortest way counts: an order is its customer's, whoever owns its device by now.
    """
    ways: dict[str, list[tuple[str, str]]] = {_ROOT: []}
    tenants = {
        mapper.class_.__tablename__: cast("sa.Table", mapper.local_table)
        for mapper in Table.registry.mappers
        if mapper.class_.kind is Kind.TENANT
    }
    while True:
        further = {
            name: leading
            for name, table in sorted(tenants.items())
            if name not in ways and (leading := _ways_to(table, ways))
        }
        if not further:
            return ways
        ways |= further


def rows_about(name: str, tenant_id: UUID, customer_id: UUID) -> sa.ColumnElement[bool]:
    """Return the condition of the rows of a linked table that are the customer's."""
    table = Table.metadata.tables[name]
    mine = table.c.tenant_id == tenant_id
    if name == _ROOT:
        return sa.and_(mine, table.c.id == customer_id)
    return sa.and_(
        mine,
        sa.or_(
            *(
                table.c[column] == customer_id
                if parent == _ROOT
                else table.c[column].in_(
                    sa.select(Table.metadata.tables[parent].c.id).where(
                        rows_about(parent, tenant_id, customer_id)
                    )
                )
                for column, parent in linked_tables()[name]
            )
        ),
    )


def rows_naming(name: str, tenant_id: UUID, marks: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition of the rows of any other table whose personal columns hold a mark."""
    table = Table.metadata.tables[name]
    texts = [sa.cast(column, sa.Text) for column in personal_columns()[name]]
    naming = [sa.func.strpos(text, mark) > 0 for text in texts for mark in _as_kept(marks)]
    return sa.and_(table.c.tenant_id == tenant_id, sa.or_(sa.false(), *naming))


def loose_tables() -> list[str]:
    """Return the tables of companies that may tell of customers, and do not lead to one.

    What brands are shown is no company's table; that, and what is derived, is made anew instead.
    """
    own = {name for name in personal_columns() if _is_of_a_tenant(name)}
    return sorted(own - linked_tables().keys() - _DERIVED)


def blank(column: sa.Column[Any]) -> Any:
    """Return what a personal column holds once its person is erased."""
    if column.nullable:
        return sa.null()
    if isinstance(column.type, JSONB):
        empty = sa.case((sa.func.jsonb_typeof(column) == "array", "[]"), else_="{}")
        return sa.cast(empty, JSONB)
    if isinstance(column.type, sa.ARRAY):
        return sa.cast([], column.type)
    return ""


def is_shown(column: sa.Column[Any]) -> bool:
    """Tell whether an export holds the column: not what only machines read, nor other people's."""
    if column.name == "tenant_id" or isinstance(column.type, sa.LargeBinary):
        return False
    return SUBJECTS.get((column.table.name, column.name)) is not Subject.STAFF


def _is_of_a_tenant(name: str) -> bool:
    return any(
        mapper.class_.__tablename__ == name and mapper.class_.kind is Kind.TENANT
        for mapper in Table.registry.mappers
    )


def _ways_to(table: sa.Table, known: Mapping[str, object]) -> list[tuple[str, str]]:
    return sorted(
        (key.parent.name, key.column.table.name)
        for constraint in table.foreign_key_constraints
        for key in constraint.elements
        if key.column.name == "id" and key.column.table.name in known
    )


def _as_kept(marks: Iterable[str]) -> set[str]:
    """Return the marks as text and as JSON write them."""
    long = {mark for mark in marks if len(mark) >= _SHORTEST_MARK}
    return long | {json.dumps(mark, ensure_ascii=False)[1:-1] for mark in long}
