"""Pages by key: the seek condition, the rows of a page, and the connection around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Enum,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeEngine

from serviceco.api.errors import InvalidArgument, Path
from serviceco.api.plan.arguments import Source
from serviceco.api.plan.clauses import EMPTY_LIST, moved
from serviceco.api.plan.fields import Order
from serviceco.api.plan.pages import MAX_PAGE, cursor_of, read_cursor
from serviceco.api.plan.parameters import Parameters

# No response name holds a dollar, so none can hide these columns.
POSITION, NEXT, KEY = "$position", "$next", "$key{}"

READERS: Mapping[type[Any], Callable[[Any], Any]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Window:
    """Which page is asked: its size, its direction, and the cursor that it lies beyond."""

    size: Source
    beyond: Source | None
    is_backward: bool


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order of an alias: its name in cursors, and its columns, each with its direction."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    is_descending: tuple[bool, ...]

    @classmethod
    def of(cls, name: str, order: Order, alias: FromClause) -> "Ordering":
        """Read a declared order."""
        parts = [moved(part, alias) for part in order]
        falling = tuple(getattr(part, "modifier", None) is operators.desc_op for part in parts)
        columns = tuple(
            part.element if getattr(part, "modifier", None) is not None else part for part in parts
        )
        return cls(name, columns, falling)

    def parts(self, *, is_backward: bool) -> list[ColumnElement[Any]]:
        """Return the ORDER BY, turned round for a page read from the back."""
        return [
            column.desc() if falling is not is_backward else column.asc()
            for column, falling in zip(self.columns, self.is_descending, strict=True)
        ]


def window_of(arguments: Mapping[str, Source], path: Path) -> Window:
    """Return the page that the arguments ask for.

    Raises:
        InvalidArgument: unless it is `first` (with `after`), or `last` (with `before`).
    """
    first, last = arguments.get("first"), arguments.get("last")
    size = first or last
    if size is None or (first is not None and last is not None):
        raise InvalidArgument(f"Ask for a page: first or last, 1 to {MAX_PAGE}.", path=path)
    if ("before" if last is None else "after") in arguments:
        raise InvalidArgument("after belongs to first, before belongs to last.", path=path)
    key = ("page size", size.key)
    checked = Source(key, lambda variables: _page_size(size.read(variables), path))
    beyond = arguments.get("after" if last is None else "before")
    return Window(checked, beyond, is_backward=last is not None)


def seek(ordering: Ordering, window: Window, parameters: Parameters) -> list[ColumnElement[bool]]:
    """Return the condition that a row lies beyond the cursor; nothing without a cursor."""
    if window.beyond is None:
        return []
    keys = [
        parameters.argument(_part(ordering, window.beyond, index), _type(column))
        for index, column in enumerate(ordering.columns)
    ]
    falls = [falling is not window.is_backward for falling in ordering.is_descending]
    if len(set(falls)) == 1:
        here, there = tuple_(*ordering.columns), tuple_(*keys)
        return [here < there if falls[0] else here > there]
    return [_mixed(ordering.columns, keys, falls)]


def key_columns(ordering: Ordering) -> list[ColumnElement[Any]]:
    """Return the columns of a row's key: they come along, and only the rows that need it get a cursor."""
    return [column.label(KEY.format(index)) for index, column in enumerate(ordering.columns)]


def numbered(rows: Select[Any], name: str) -> Subquery:
    """Return the rows of a page and one more, numbered from the side on which reading began."""
    read = rows.subquery(f"{name}r")
    number = func.row_number().over().label(POSITION)
    next_one = func.lead(literal_column("true"), type_=Boolean).over().label(NEXT)
    return select(*read.c, number, next_one).subquery(name)


def listed(
    page: Subquery, column: str, window: Window, size: ColumnElement[int]
) -> ColumnElement[Any]:
    """Return the JSON list of a column over the page, in the order of the list."""
    value: ColumnElement[Any] = page.c[column]
    if window.is_backward:
        value = aggregate_order_by(value, page.c[POSITION].desc())
    objects = func.json_agg(value).filter(page.c[POSITION] <= size)
    return func.coalesce(objects, EMPTY_LIST)


def page_info(
    field: str, page: Subquery, ordering: Ordering, window: Window, size: ColumnElement[int]
) -> ColumnElement[Any]:
    """Return the expression of one field of PageInfo over the rows of a page.

    On the side of the cursor rows are taken to exist where a cursor is given: it was one of them.
    """
    more = func.count() > size
    came_from: ColumnElement[Any] = literal(window.beyond is not None)
    position = page.c[POSITION]
    keys = [page.c[KEY.format(index)] for index in range(len(ordering.columns))]
    cursor = cursor_of(ordering.name, keys)
    is_last = or_(position == size, and_(position < size, page.c[NEXT].is_(None)))
    near, far = func.max(case((position == 1, cursor))), func.max(case((is_last, cursor)))
    fields = {
        "hasNextPage": came_from if window.is_backward else more,
        "hasPreviousPage": more if window.is_backward else came_from,
        "startCursor": far if window.is_backward else near,
        "endCursor": near if window.is_backward else far,
    }
    return fields[field]


def _mixed(
    columns: Sequence[ColumnElement[Any]], keys: Sequence[ColumnElement[Any]], falls: Sequence[bool]
) -> ColumnElement[bool]:
    """Return the seek condition where some columns rise and others fall."""
    ways = []
    for index, (column, key, falling) in enumerate(zip(columns, keys, falls, strict=True)):
        equal = [columns[i] == keys[i] for i in range(index)]
        ways.append(and_(*equal, column < key if falling else column > key))
    return or_(*ways)


def _part(ordering: Ordering, cursor: Source, index: int) -> Source:
    length, type_ = len(ordering.columns), _type(ordering.columns[index])

    def read(variables: Mapping[str, Any]) -> Any:
        key = read_cursor(cursor.read(variables), order=ordering.name, length=length)
        return _typed(key[index], type_.python_type)

    return Source((cursor.key, ordering.name, index), read)


def _type(column: ColumnElement[Any]) -> TypeEngine[Any]:
    return Text() if isinstance(column.type, Enum) else column.type


def _typed(value: Any, python: type[Any]) -> Any:
    read = READERS.get(python)
    try:
        typed = value if read is None else read(value)
    except (TypeError, ValueError):
        typed = None
    if not isinstance(typed, python):
        raise InvalidArgument("This cursor belongs to another list.")
    return typed


def _page_size(size: int, path: Path) -> int:
    if not 1 <= size <= MAX_PAGE:
        raise InvalidArgument(f"A page has 1 to {MAX_PAGE} entries.", path=path)
    return size
