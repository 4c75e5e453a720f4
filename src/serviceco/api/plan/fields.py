"""Declarations of planned fields, written on Strawberry types in SQLAlchemy Core terms.

Each function returns a Strawberry field that carries its declaration; nothing here runs at a
request. The declarations are read once (plan/model.py) and compiled per document.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, cast, func
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from serviceco.api.plan.access import Access, Needs, access
from serviceco.api.plan.filters import Filter, required
from serviceco.api.plan.pages import MAX_PAGE
from serviceco.storage.base import Table

PLAN = "serviceco-plan"
ORDER_BY = "order_by"
Attribute = InstrumentedAttribute[Any]
Expression = Attribute | ColumnElement[Any]
Order = Sequence[ColumnElement[Any] | Attribute]


@dataclass(frozen=True, slots=True)
class Value:
    """An expression over the columns of the type's own table; an aggregate in a grouped type."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Amount:
    """Money from two columns; null where the amount is null."""

    minor: Expression
    currency: Expression


@dataclass(frozen=True, slots=True)
class Filled:
    """A value that Python makes from columns, after PostgreSQL has answered."""

    expressions: tuple[Expression, ...]
    fill: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Join:
    """How rows of another table belong to a row of this one: `key` equals `own`.

    `key` is a column of either table; `own` None stands for the id of this one.
    """

    key: Attribute
    own: Attribute | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A count or sum over the rows of another table that belong to this row."""

    join: Join
    result: ColumnElement[Any]
    where: ColumnElement[bool] | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the field's type: pages, a list of `at_most`, or one row; a root has no `join`.

    `orders` maps the values of the argument `orderBy` to columns; without such an argument it
    holds the one order under the empty name.
    """

    join: Join | None = None
    where: ColumnElement[bool] | None = None
    orders: Mapping[str, Order] | None = None
    filters: Mapping[str, Filter] | None = None
    at_most: int | None = None
    is_paged: bool = False
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class AnyRow:
    """The row of one of several types that has an id: the argument `id`, or what `key` holds."""

    key: Attribute | None


Declaration = Value | Amount | Filled | Aggregate | Rows | AnyRow


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration with the access it asks; None takes the access of the type."""

    declaration: Declaration
    needs: Access | None


def table_of(attribute: Attribute) -> type[Table]:
    """Return the table class to which a mapped column belongs."""
    cls = attribute.class_
    if not (isinstance(cls, type) and issubclass(cls, Table)):
        raise TypeError(f"{attribute} is no column of a table.")
    return cls


def column(expression: Expression, description: str, *, needs: Needs | None = None) -> Any:
    """Declare a column, or an expression over columns of the type's own table."""
    return _field(Value(expression), description, needs)


def money(
    minor: Expression, currency: Expression, description: str, *, needs: Needs | None = None
) -> Any:
    """Declare an amount of money from a column of minor units and one of its currency."""
    return _field(Amount(minor, currency), description, needs)


def in_python(
    *expressions: Expression,
    fill: Callable[..., Any],
    description: str,
    needs: Needs | None = None,
) -> Any:
    """Declare a field made by `fill(actor, *values)`, given the JSON values of the expressions.

    Rare: an answer with such a field is parsed and written again. `fill` must not block.
    """
    return _field(Filled(expressions, fill), description, needs)


def to_one(
    key: Attribute,
    description: str,
    *,
    order_by: Order = (),
    where: ColumnElement[bool] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare an edge to one row: `key` is a column of this table, or of the other one.

    In the first case it holds the other row's id. In the second it holds the id of this row, and
    `order_by` says which row is meant where there are several.
    """
    rows = Rows(Join(key), where, {"": order_by})
    return _field(rows, description, needs)


def to_many(
    key: Attribute,
    description: str,
    *,
    order_by: Order,
    at_most: int,
    own: Attribute | None = None,
    where: ColumnElement[bool] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare the rows whose `key` holds this row's id (or the column `own`), at most so many."""
    rows = Rows(Join(key, own), where, {"": order_by}, at_most=at_most)
    return _field(rows, description, needs)


def pages(
    description: str,
    *,
    of: Attribute | None = None,
    order_by: Order | Mapping[Any, Order],
    where: ColumnElement[bool] | None = None,
    filters: Mapping[str, Filter] | None = None,
    counted: bool = False,
    needs: Needs | None = None,
) -> Any:
    """Declare a connection; below the root, `of` is the key that holds this row's id.

    `order_by` is one order, or a mapping from the members of an enum to orders, of which the
    first is the default. An order must end in a unique column, and all its columns be not null.
    """
    orders = order_by if isinstance(order_by, Mapping) else {"": order_by}
    rows = Rows(
        Join(of) if of is not None else None,
        where,
        orders,
        filters,
        is_paged=True,
        is_counted=counted,
    )
    return _field(rows, description, needs, [*_page_arguments(), *_arguments(rows)])


def one(
    description: str,
    *,
    by: Mapping[str, Filter],
    where: ColumnElement[bool] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare a root field: the one row that all of the required arguments name, or null."""
    rows = Rows(None, where, {"": ()}, {name: required(f) for name, f in by.items()})
    return _field(rows, description, needs, _arguments(rows))


def any_one(description: str, *, needs: Needs, key: Attribute | None = None) -> Any:
    """Declare one row of any type of an interface or union; at the root by its id.

    Types that the actor may not read are left out, so a forbidden id and an unknown one are alike.
    """
    arguments = [] if key is not None else [_argument("id", UUID, "Its id.", is_required=True)]
    return _field(AnyRow(key), description, needs, arguments)


def many(
    description: str,
    *,
    order_by: Order | Mapping[Any, Order],
    at_most: int,
    where: ColumnElement[bool] | None = None,
    filters: Mapping[str, Filter] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare a root field: a short list without pages, or the groups of a grouped type."""
    orders = order_by if isinstance(order_by, Mapping) else {"": order_by}
    rows = Rows(None, where, orders, filters, at_most=at_most)
    return _field(rows, description, needs, _arguments(rows))


def count_of(
    key: Attribute,
    description: str,
    *,
    where: ColumnElement[bool] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare the number of rows whose `key` holds this row's id."""
    return _field(Aggregate(Join(key), func.count(), where), description, needs)


def sum_of(
    expression: Expression,
    key: Attribute,
    description: str,
    *,
    where: ColumnElement[bool] | None = None,
    needs: Needs | None = None,
) -> Any:
    """Declare a sum over the rows whose `key` holds this row's id; 0 where there are none."""
    total = cast(func.coalesce(func.sum(expression), 0), BigInteger)
    return _field(Aggregate(Join(key), total, where), description, needs)


def _field(
    declaration: Declaration,
    description: str,
    needs: Needs | None,
    arguments: Sequence[StrawberryArgument] = (),
) -> StrawberryField:
    declared = Declared(declaration, None if needs is None else access(needs))
    field = StrawberryField(description=description, metadata={PLAN: declared})
    field.arguments = list(arguments)
    return field


def _arguments(rows: Rows) -> list[StrawberryArgument]:
    arguments = [
        _argument(name, f.annotation, f.description, is_required=f.is_required)
        for name, f in (rows.filters or {}).items()
    ]
    order = next(iter(rows.orders or {""}))
    if isinstance(order, StrEnum):
        arguments.append(_argument(ORDER_BY, type(order), "The order of the list."))
    return arguments


def _page_arguments() -> list[StrawberryArgument]:
    return [
        _argument("first", int, f"Size of the page from the front, 1 to {MAX_PAGE}."),
        _argument("after", str, "The page begins after this cursor."),
        _argument("last", int, f"Size of the page from the back, 1 to {MAX_PAGE}."),
        _argument("before", str, "The page ends before this cursor."),
    ]


def _argument(
    name: str, annotation: Any, description: str, *, is_required: bool = False
) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation if is_required else annotation | None),
        description=description,
        default=UNSET,
    )
