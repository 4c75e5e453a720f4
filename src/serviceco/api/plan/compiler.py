"""Compiles the selections of one operation into one tree of SQLAlchemy Core."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    cast,
    func,
    literal_column,
    null,
    select,
)

from serviceco.api.errors import Forbidden, NotCompilable
from serviceco.api.plan.access import Rights
from serviceco.api.plan.arguments import Source, arguments_of
from serviceco.api.plan.clauses import constant, enum_name, moved, object_list, one_object
from serviceco.api.plan.connections import TYPENAME, ConnectionCompiler
from serviceco.api.plan.fields import (
    ORDER_BY,
    Aggregate,
    Amount,
    AnyRow,
    Expression,
    Filled,
    Join,
    Rows,
    Value,
    table_of,
)
from serviceco.api.plan.mentions import Mentions
from serviceco.api.plan.model import Model, PlannedField, PlannedType
from serviceco.api.plan.paging import Ordering, Window, seek, window_of
from serviceco.api.plan.parameters import Parameters
from serviceco.api.plan.places import Cost, Filling, Place
from serviceco.api.plan.rows import Columns, Listing, Row
from serviceco.api.plan.selection import Selections
from serviceco.api.plan.statement import as_text

# Fields times mentions of their table, which documents decide: what comes later is not kept.
MOST_TEXTS = 20_000


@dataclass(slots=True)
class Compiler:
    """The compilation of one operation for certain rights and variables."""

    model: Model
    selections: Selections
    rights: Rights
    parameters: Parameters = field(default_factory=Parameters)
    fillings: list[Filling] = field(default_factory=list)
    cost: Cost = field(default_factory=lambda: Cost(1))
    _mentions: Mentions = field(init=False)
    _names: int = 0

    def __post_init__(self) -> None:
        """Begin to count the mentions of tables."""
        given = self.selections.given
        self._mentions = Mentions(self.model, self.rights, self.parameters, given)

    def operation(self, asked: SelectionSetNode, root: GraphQLObjectType) -> Select[Any]:
        """Return one row with a column for each root field.

        Raises:
            NotCompilable: a root field is not planned.
            Forbidden: the actor may not touch a field.
        """
        columns: Columns = []
        for name, nodes in self.selections.at_root(asked, root).items():
            asked_name = nodes[0].name.value
            planned = self.model.roots.get(asked_name)
            place = Place(self.cost).at(name, is_nullable=planned is None or planned.is_nullable)
            if asked_name == TYPENAME:
                columns.append(constant(root.name).label(name))
            elif planned is None:
                raise NotCompilable(f"{asked_name} is not read by a plan.", path=place.path)
            else:
                columns.append(self._field(planned, nodes, None, place).label(name))
        return select(*columns)

    def by_id(self, type_: PlannedType, nodes: Sequence[FieldNode], key: Source) -> Select[Any]:
        """Return the row of a type that has the id `key`, as a selection of a mutation asks it."""
        row, where = self._mentions.row(type_.plan.table)
        where.append(row.alias.c.id == self.parameters.argument(key, row.alias.c.id.type))
        place = Place(self.cost).at((nodes[0].alias or nodes[0].name).value)
        columns = self._columns(type_, nodes, row, place)
        return select(*columns).select_from(row.frame.clause()).where(*where)

    def _any_row(
        self,
        planned: PlannedField,
        declared: AnyRow,
        nodes: Sequence[FieldNode],
        parent: Row | None,
        place: Place,
    ) -> ColumnElement[Any]:
        """Look for an id among the types that the actor may read, one after the other."""
        if declared.key is not None and parent is not None:
            wanted: ColumnElement[Any] = parent.alias.c[declared.key.key]
        else:
            given = arguments_of(planned.graphql, nodes[0], self.selections.given, place.path)
            wanted = self.parameters.argument(given["id"], Uuid())
        found = [
            self._if_it_is(self.model.types[type_.name], wanted, nodes, parent, place)
            for type_ in self.model.schema.get_possible_types(_abstract(planned))
            if self.model.types[type_.name].plan.needs.admits(self.rights)
        ]
        return func.coalesce(*found, null()) if found else null()

    def _if_it_is(
        self,
        type_: PlannedType,
        wanted: ColumnElement[Any],
        nodes: Sequence[FieldNode],
        parent: Row | None,
        place: Place,
    ) -> ColumnElement[Any]:
        row, where = self._mentions.row(type_.plan.table)
        where.append(row.alias.c.id == wanted)
        if type_.plan.within is not None:
            key, table = type_.plan.within
            other, visible = self._mentions.alias(table)
            where.append(row.alias.c[key.key].in_(select(other.c.id).where(*visible)))
        columns = self._columns(type_, nodes, row, place)
        rows = select(*columns).select_from(row.frame.clause()).where(*where)
        return one_object(rows.correlate(None if parent is None else parent.alias), self._name())

    def _columns(
        self, type_: PlannedType, nodes: Sequence[FieldNode], row: Row, place: Place
    ) -> Columns:
        graphql = self.model.schema.type_map[type_.name]
        assert isinstance(graphql, GraphQLObjectType)  # noqa: S101 - planned types are object types
        columns: Columns = []
        for name, asked in self.selections.of(nodes, graphql).items():
            asked_name = asked[0].name.value
            if asked_name == TYPENAME:
                columns.append(constant(type_.name).label(name))
                continue
            planned = type_.fields[asked_name]
            at = place.at(name, is_nullable=planned.is_nullable)
            columns.append(self._field(planned, asked, row, at).label(name))
        return columns

    def _field(
        self,
        planned: PlannedField,
        nodes: Sequence[FieldNode],
        parent: Row | None,
        place: Place,
    ) -> ColumnElement[Any]:
        if not planned.needs.admits(self.rights):
            raise Forbidden(f"You may not read {planned.name}.", path=place.path)
        declaration = planned.declaration
        if isinstance(declaration, Rows):
            return self._rows(planned, declaration, nodes, parent, place)
        if isinstance(declaration, AnyRow):
            return self._any_row(planned, declaration, nodes, parent, place)
        if parent is None:
            raise NotCompilable(f"{planned.name} stands on no row.", path=place.path)
        return self._of_row(planned, declaration, nodes, parent, place)

    def _of_row(
        self,
        planned: PlannedField,
        declaration: Value | Amount | Filled | Aggregate,
        nodes: Sequence[FieldNode],
        parent: Row,
        place: Place,
    ) -> ColumnElement[Any]:
        match declaration:
            case Value(expression):
                return self._leaf(planned, expression, parent)
            case Amount():
                return self._amount(planned, declaration, nodes, parent)
            case Filled(expressions, fill):
                mark = f"$fill{len(self.fillings)}"
                self.fillings.append(Filling(place.steps, fill, mark))
                values = (moved(expression, parent.alias) for expression in expressions)
                return func.json_build_array(constant(mark), *values)
            case Aggregate():
                return _written(self._aggregate(declaration, parent), planned)

    def _leaf(self, planned: PlannedField, expression: Expression, row: Row) -> ColumnElement[Any]:
        return self._text(planned, row, "", lambda: _written(moved(expression, row.alias), planned))

    def _text(
        self, planned: PlannedField, row: Row, part: str, make: Callable[[], ColumnElement[Any]]
    ) -> ColumnElement[Any]:
        """Return what `make` makes of a field and a row as its own SQL text, which is kept."""
        texts, key = self.model.texts, (id(planned), row.alias.description, part)
        known = texts.get(key)
        if known is None:
            known = as_text(make())
            if len(texts) < MOST_TEXTS:
                texts[key] = known
        return known

    def _amount(
        self, planned: PlannedField, amount: Amount, nodes: Sequence[FieldNode], row: Row
    ) -> ColumnElement[Any]:
        type_ = self.model.schema.type_map["Money"]
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - scalars.py declares it
        values: Mapping[str, Any] = {
            "amountMinor": lambda: cast(moved(amount.minor, row.alias), Text),
            "currency": lambda: moved(amount.currency, row.alias),
        }
        columns: Columns = []
        for name, asked in self.selections.of(nodes, type_).items():
            part = asked[0].name.value
            make = values.get(part)
            written = constant(type_.name) if make is None else self._text(planned, row, part, make)
            columns.append(written.label(name))
        is_known = self._text(
            planned, row, "known", lambda: moved(amount.minor, row.alias).is_not(None)
        )
        return row.object_if(is_known, columns, self._name())

    def _aggregate(self, aggregate: Aggregate, parent: Row) -> ColumnElement[Any]:
        join = aggregate.join
        alias, where = self._mentions.alias(table_of(join.key))
        where.append(_belongs(join, alias, parent))
        if aggregate.where is not None:
            where.append(moved(aggregate.where, alias))
        rows = select(moved(aggregate.result, alias)).select_from(alias).where(*where)
        return rows.correlate(parent.alias).scalar_subquery()

    def _rows(
        self,
        planned: PlannedField,
        rows: Rows,
        nodes: Sequence[FieldNode],
        parent: Row | None,
        place: Place,
    ) -> ColumnElement[Any]:
        if parent is not None and _is_forward(rows, parent):
            return self._joined(planned, rows, nodes, parent, place)
        given = arguments_of(planned.graphql, nodes[0], self.selections.given, place.path)
        listing = self._listing(planned, rows, given, parent, place)
        if rows.is_paged:
            window = window_of(given, place.path)
            return self._page(listing, window, planned, nodes, place)
        at_most = rows.at_most
        inside = place if at_most is None else place.within(at_most)
        columns = self._columns(listing.type_, nodes, listing.row, inside)
        query = listing.select(columns, size=literal_column(str(at_most or 1), Integer))
        return (one_object if at_most is None else object_list)(query, self._name())

    def _joined(
        self,
        planned: PlannedField,
        rows: Rows,
        nodes: Sequence[FieldNode],
        parent: Row,
        place: Place,
    ) -> ColumnElement[Any]:
        """Return the object of the row to which a key of this row leads."""
        type_ = self.model.types[planned.target]
        alias, where = self._mentions.alias(type_.plan.table)
        if rows.join is not None:
            where.append(alias.c.id == parent.alias.c[rows.join.key.key])
        if rows.where is not None:
            where.append(moved(rows.where, alias))
        parent.frame.join(alias, where)
        row = Row(alias, type_.plan.table, parent.frame)
        columns = self._columns(type_, nodes, row, place)
        is_there: ColumnElement[bool] = literal_column(f"{alias.description}.id IS NOT NULL")
        return row.object_if(is_there, columns, self._name())

    def _listing(
        self,
        planned: PlannedField,
        rows: Rows,
        given: Mapping[str, Source],
        parent: Row | None,
        place: Place,
    ) -> Listing:
        type_ = self.model.types[planned.target]
        row, where = self._mentions.row(type_.plan.table)
        if rows.join is not None and parent is not None:
            where.append(_belongs(rows.join, row.alias, parent))
        if rows.where is not None:
            where.append(moved(rows.where, row.alias))
        where += self._mentions.filtered(rows.filters or {}, given, row.alias, place.path)
        return Listing(type_, row, where, self._order(rows, given, row.alias, place), parent)

    def _order(
        self, rows: Rows, given: Mapping[str, Source], alias: FromClause, place: Place
    ) -> Ordering:
        orders = rows.orders or {"": ()}
        chosen = given.get(ORDER_BY)
        name = next(iter(orders))
        if chosen is not None:
            name = chosen.now(self.selections.given, place.path)
        return Ordering.of(name, orders[name], alias)

    def _page(
        self,
        listing: Listing,
        window: Window,
        planned: PlannedField,
        nodes: Sequence[FieldNode],
        place: Place,
    ) -> ColumnElement[Any]:
        type_ = get_named_type(planned.graphql.type)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - a Connection, checked by the model
        compiler = ConnectionCompiler(
            listing,
            window,
            self.parameters.argument(window.size, Integer()),
            seek(listing.order, window, self.parameters),
            isinstance(planned.declaration, Rows) and planned.declaration.is_counted,
            self.selections,
            self._columns,
            self._name,
        )
        return compiler.compiled(nodes, type_, place.within(window.size.read))

    def _name(self) -> str:
        self._names += 1
        # No GraphQL name begins with a digit, so no column can hide the alias of its row.
        return str(self._names)


def _abstract(planned: PlannedField) -> GraphQLAbstractType:
    type_ = get_named_type(planned.graphql.type)
    assert is_abstract_type(type_)  # noqa: S101 - checked with the declaration
    return type_


def _written(value: ColumnElement[Any], planned: PlannedField) -> ColumnElement[Any]:
    """Return a value as the API writes it."""
    if planned.enum is not None:
        return enum_name(value, planned.enum)
    return cast(value, Text) if get_named_type(planned.graphql.type).name == "Int64" else value


def _belongs(join: Join, alias: FromClause, parent: Row) -> ColumnElement[bool]:
    own = parent.alias.c["id" if join.own is None else join.own.key]
    belongs: ColumnElement[bool] = alias.c[join.key.key] == own
    return belongs


def _is_forward(rows: Rows, parent: Row) -> bool:
    """Tell whether an edge leads to one row by a key of this one."""
    is_one = rows.at_most is None and not rows.is_paged
    return is_one and rows.join is not None and rows.join.key.class_ is parent.table
