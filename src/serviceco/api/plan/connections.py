"""The JSON of a connection: edges, nodes, page information and count around the rows of a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType, get_named_type
from sqlalchemy import ColumnElement, Subquery, func, select

from serviceco.api.errors import NotCompilable
from serviceco.api.plan.clauses import constant, object_list, one_object
from serviceco.api.plan.model import PlannedType
from serviceco.api.plan.pages import cursor_of
from serviceco.api.plan.paging import Window, key_columns, listed, numbered, page_info
from serviceco.api.plan.places import Place
from serviceco.api.plan.rows import Columns, Listing, Row
from serviceco.api.plan.selection import Fields, Selections

TYPENAME = "__typename"
ColumnsOf = Callable[[PlannedType, Sequence[FieldNode], Row, Place], Columns]


@dataclass(frozen=True, slots=True)
class ConnectionCompiler:
    """Compiles what is asked of one page; `columns` compiles what is asked of its nodes."""

    listing: Listing
    window: Window
    size: ColumnElement[int]
    beyond: list[ColumnElement[bool]]
    is_counted: bool
    selections: Selections
    columns: ColumnsOf
    name: Callable[[], str]

    def compiled(
        self, nodes: Sequence[FieldNode], type_: GraphQLObjectType, place: Place
    ) -> ColumnElement[Any]:
        """Return the connection's JSON object."""
        asked = self.selections.of(nodes, type_)
        if not self.window.is_backward and _asks_for_nodes_only(asked):
            return self._plain(asked, type_, place)
        per_row = [
            self._per_row(fields, type_, place.at(name)).label(name)
            for name, fields in asked.items()
            if fields[0].name.value in {"edges", "nodes"}
        ]
        rows = self.listing.select(
            [*per_row, *key_columns(self.listing.order)],
            beyond=self.beyond,
            size=self.size + 1,
            is_backward=self.window.is_backward,
        )
        page = numbered(rows, self.name())
        columns = [
            self._column(name, fields, type_, page, place.at(name)).label(name)
            for name, fields in asked.items()
        ]
        # One row whatever is asked: without an aggregate there would be one for each of the page.
        whole = select(*columns).select_from(page).having(func.count() >= 0)
        return one_object(whole, self.name())

    def _plain(self, asked: Fields, type_: GraphQLObjectType, place: Place) -> ColumnElement[Any]:
        """Return a connection without cursors: its rows need no numbers, and none is read beyond."""
        columns = []
        for name, fields in asked.items():
            if fields[0].name.value == "nodes":
                listing = self.listing
                of_node = self.columns(listing.type_, fields, listing.row, place.at(name))
                rows = listing.select(of_node, beyond=self.beyond, size=self.size)
                value: ColumnElement[Any] = object_list(rows, self.name())
            else:
                value = self._beside(fields, type_, place.at(name))
            columns.append(value.label(name))
        return one_object(select(*columns), self.name())

    def _column(
        self,
        name: str,
        nodes: Sequence[FieldNode],
        type_: GraphQLObjectType,
        page: Subquery,
        place: Place,
    ) -> ColumnElement[Any]:
        match nodes[0].name.value:
            case "edges" | "nodes":
                return listed(page, name, self.window, self.size)
            case "pageInfo":
                return self._page_info(nodes, _object_type(type_, "pageInfo"), page)
            case _:
                return self._beside(nodes, type_, place)

    def _beside(
        self, nodes: Sequence[FieldNode], type_: GraphQLObjectType, place: Place
    ) -> ColumnElement[Any]:
        """Return what does not depend on the page."""
        if nodes[0].name.value == TYPENAME:
            return constant(type_.name)
        if not self.is_counted:
            raise NotCompilable("This list is not counted.", path=place.path)
        return self.listing.counted(func.count())

    def _per_row(
        self, nodes: Sequence[FieldNode], type_: GraphQLObjectType, place: Place
    ) -> ColumnElement[Any]:
        if nodes[0].name.value == "nodes":
            return self._node(nodes, place)
        edge = _object_type(type_, "edges")
        columns: Columns = []
        for name, asked in self.selections.of(nodes, edge).items():
            match asked[0].name.value:
                case "cursor":
                    order = self.listing.order
                    columns.append(cursor_of(order.name, order.columns).label(name))
                case "node":
                    columns.append(self._node(asked, place.at(name)).label(name))
                case _:
                    columns.append(constant(edge.name).label(name))
        return self._row_object(columns)

    def _node(self, nodes: Sequence[FieldNode], place: Place) -> ColumnElement[Any]:
        listing = self.listing
        return self._row_object(self.columns(listing.type_, nodes, listing.row, place))

    def _row_object(self, columns: Columns) -> ColumnElement[Any]:
        return self.listing.row.object(columns, self.name())

    def _page_info(
        self, nodes: Sequence[FieldNode], type_: GraphQLObjectType, page: Subquery
    ) -> ColumnElement[Any]:
        pairs: list[ColumnElement[Any]] = []
        for name, asked in self.selections.of(nodes, type_).items():
            field = asked[0].name.value
            value = (
                constant(type_.name)
                if field == TYPENAME
                else page_info(field, page, self.listing.order, self.window, self.size)
            )
            pairs += [constant(name), value]
        return func.json_build_object(*pairs)


def _asks_for_nodes_only(asked: Fields) -> bool:
    names = [fields[0].name.value for fields in asked.values()]
    return names.count("nodes") == 1 and {"nodes", "totalCount", TYPENAME}.issuperset(names)


def _object_type(type_: GraphQLObjectType, field: str) -> GraphQLObjectType:
    named = get_named_type(type_.fields[field].type)
    assert isinstance(named, GraphQLObjectType)  # noqa: S101 - pages.py declares it so
    return named
