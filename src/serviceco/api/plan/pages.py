"""Pages of a list by key: the types that every connection shares, and their cursors."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement, Text, cast, func, literal

from serviceco.api.errors import InvalidArgument

Node = TypeVar("Node")
MAX_PAGE = 100


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="More follows after `endCursor`.")
    has_previous_page: bool = strawberry.field(description="More precedes `startCursor`.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge, if any.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge, if any.")


@strawberry.type(description="One place in a list.")
class Edge(Generic[Node]):
    """A node with its cursor."""

    cursor: str = strawberry.field(description="Opaque; valid for the same order of the same list.")
    node: Node = strawberry.field(description="What stands at this place.")


@strawberry.type(description="One page of a list, read by key.")
class Connection(Generic[Node]):
    """A page: `first` with `after`, or `last` with `before`."""

    edges: list[Edge[Node]] = strawberry.field(description="The page with a cursor for each node.")
    nodes: list[Node] = strawberry.field(description="The page without cursors.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    total_count: int | None = strawberry.field(
        description="Length of the whole filtered list, offered where counting is cheap."
    )


def cursor_of(order: str, columns: Sequence[ColumnElement[object]]) -> ColumnElement[str]:
    """Return the SQL text of a cursor: base64 of the order's name and the row's key in it."""
    key = cast(func.json_build_array(literal(order, Text), *columns), Text)
    encoded: ColumnElement[str] = func.encode(func.convert_to(key, "UTF8"), "base64", type_=Text)
    return func.translate(encoded, "\n", "", type_=Text)


def read_cursor(cursor: str, *, order: str, length: int) -> list[object]:
    """Return the key that a cursor holds.

    Raises:
        InvalidArgument: it was not made for this order.
    """
    try:
        key = json.loads(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidArgument("This is no cursor of this list.") from None
    if not isinstance(key, list) or len(key) != length + 1 or key[0] != order:
        raise InvalidArgument("This cursor belongs to a list in another order.")
    return key[1:]
