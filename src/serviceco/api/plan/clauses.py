"""Small pieces of SQL from which every statement of the planner is made."""

from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    case,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import coercions, roles, visitors
from sqlalchemy.util import immutabledict

from serviceco.storage.base import Table

EMPTY_LIST: ColumnElement[Any] = literal_column("'[]'::json")


@lru_cache(maxsize=128)
def alias_of(table: type[Table], number: int) -> FromClause:
    """Return the alias for the nth mention of a table: kept, because it copies every column."""
    return table.__table__.alias(f"{table.__tablename__}_{number}")


def moved(expression: object, alias: FromClause) -> ColumnElement[Any]:
    """Return a declared expression with its columns taken from an alias of their table."""
    if isinstance(expression, InstrumentedAttribute):
        column: ColumnElement[Any] = alias.c[expression.property.columns[0].key]
        return column

    def replacement(element: Any, **_: Any) -> Any:
        has_table = getattr(element, "table", None) is not None
        return alias.corresponding_column(element) if has_table else None

    clause: ColumnElement[Any] = coercions.expect(roles.ByOfRole, expression)
    found: ColumnElement[Any] = visitors.replacement_traverse(clause, {}, replacement)
    if found._propagate_attrs:  # noqa: SLF001 - no public way back from the ORM to Core
        # Else the statement would be compiled by the ORM, which is slower and wants entities.
        found._propagate_attrs = immutabledict()  # noqa: SLF001 - the same
    return found


def one_object(rows: Select[Any], name: str) -> ScalarSelect[Any]:
    """Return the JSON object of the one row that `rows` may have, or null.

    `name` must be no GraphQL name: a column of that name would hide the row.
    """
    return select(_object(name)).select_from(rows.subquery(name)).scalar_subquery()


def object_list(rows: Select[Any], name: str) -> ScalarSelect[Any]:
    """Return the JSON list of the objects that `rows` has, in their order; `[]` for none."""
    objects = func.coalesce(func.json_agg(_object(name)), EMPTY_LIST)
    return select(objects).select_from(rows.subquery(name)).scalar_subquery()


def constant(text: str) -> ColumnElement[str]:
    """Return a name of the schema or the document as a literal of the statement."""
    return literal_column(f"'{text}'", Text) if text.isidentifier() else literal(text, Text)


def text_of(element: object) -> str | None:
    """Return the SQL of an element that is text already, else None."""
    return element.name if isinstance(element, ColumnClause) and element.is_literal else None


def enum_name(stored: ColumnElement[Any], enum: type[StrEnum]) -> ColumnElement[str]:
    """Return the GraphQL name of an enum that is stored by value."""
    if all(member.name == member.value.upper() for member in enum):
        return func.upper(stored, type_=Text)
    names = [(stored == member.value, member.name) for member in enum]
    return case(*((test, constant(name)) for test, name in names))


def _object(name: str) -> ColumnElement[Any]:
    row: ColumnElement[Any] = func.row_to_json(literal_column(f'"{name}"'))
    return row
