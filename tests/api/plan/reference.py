"""The slow and simple way: graphql-core executes every field, by resolvers read off the declarations.

It shares with the planner what is declared, and nothing of how it is answered: a query per field,
pages cut out of whole lists, nulls and names left to the executor.
"""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLSchema,
    execute,
    get_named_type,
    is_abstract_type,
    is_object_type,
    parse,
)
from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    inspect,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.api.plan.access import Rights
from serviceco.api.plan.fields import (
    Aggregate,
    Amount,
    AnyRow,
    Filled,
    Join,
    Rows,
    Value,
    table_of,
)
from serviceco.api.plan.filters import Condition, Words
from serviceco.api.plan.model import BACK, PlannedField, PlannedType, read_model
from serviceco.core.actor import Actor
from serviceco.storage.base import Kind, Table


@dataclass(frozen=True)
class Row:
    """One row of a table, or one group of rows."""

    type_: PlannedType
    where: ColumnElement[bool]
    key: tuple[Any, ...]


@dataclass
class Reference:
    """Answers documents for one actor over one session."""

    schema: GraphQLSchema
    actor: Actor
    session: AsyncSession
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = read_model(self.schema)
        for type_ in self.model.types.values():
            for planned in type_.fields.values():
                planned.graphql.resolve = self._resolver(planned)
        for root in self.model.roots.values():
            root.graphql.resolve = self._resolver(root)
        for one in filter(is_object_type, self.schema.type_map.values()):
            one.is_type_of = None  # it would ask for instances of the declaring class
        for several in filter(is_abstract_type, self.schema.type_map.values()):
            several.resolve_type = lambda row, *_: row.type_.name

    async def answer(self, document: str, variables: dict[str, Any]) -> Any:
        found = execute(self.schema, parse(document), variable_values=variables)
        result = found if isinstance(found, ExecutionResult) else await found
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return result.formatted

    def _resolver(self, planned: PlannedField) -> Any:
        async def resolve(row: Row | None, _info: Any, **given: Any) -> Any:
            names = {
                name: argument.extensions[BACK].python_name
                for name, argument in planned.graphql.args.items()
            }
            arguments = {names[name]: value for name, value in given.items() if value is not None}
            return await self._value(planned, row, arguments)

        return resolve

    async def _value(self, planned: PlannedField, row: Row | None, given: dict[str, Any]) -> Any:
        if isinstance(planned.declaration, AnyRow):
            return await self._any_row(planned, planned.declaration, row, given)
        if isinstance(planned.declaration, Rows):
            return await self._rows(planned, planned.declaration, row, given)
        return None if row is None else await self._of_row(planned, row)

    async def _of_row(self, planned: PlannedField, row: Row) -> Any:
        match planned.declaration, row:
            case Value(expression), Row():
                return await self._one(row, expression)
            case Amount(minor, currency), Row():
                amount = await self._one(row, minor)
                if amount is None:
                    return None
                return SimpleNamespace(amount_minor=amount, currency=await self._one(row, currency))
            case Filled(expressions, fill), Row():
                return fill(self.actor, *[await self._one(row, e) for e in expressions])
            case Aggregate(join, result, where), Row():
                table = table_of(join.key)
                kept = [self._visible(table), join.key == await self._own(row, join)]
                kept.append(true() if where is None else where)
                return await self._scalar(select(result).select_from(table).where(*kept))
        raise AssertionError(planned)

    async def _rows(
        self, planned: PlannedField, rows: Rows, parent: Row | None, given: dict[str, Any]
    ) -> Any:
        type_ = self.model.types[planned.target]
        table = type_.plan.table
        where = [self._visible(table)]
        where.append(true() if rows.where is None else rows.where)
        if parent is not None and rows.join is not None:
            forward = rows.at_most is None and not rows.is_paged
            if forward and rows.join.key.class_ is parent.type_.plan.table:
                where.append(table.id == await self._one(parent, rows.join.key))  # type: ignore[attr-defined]
            else:
                where.append(rows.join.key == await self._own(parent, rows.join))
        for name, filter_ in (rows.filters or {}).items():
            if name in given and filter_.words is not None:
                where.append(self._found(filter_.words, given[name], table))
            elif name in given and filter_.choice is not None:
                where.append(filter_.choice(given[name]))
            elif name in given:
                where.append(or_(*(self._holds(c, given[name]) for c in filter_.conditions)))
        orders = rows.orders or {"": ()}
        order = orders[given.get("order_by", next(iter(orders)))]
        found = await self._list(type_, and_(*where), order)
        if rows.is_paged:
            return _page(found, given)
        return found[: rows.at_most] if rows.at_most is not None else next(iter(found), None)

    async def _any_row(
        self, planned: PlannedField, declared: AnyRow, parent: Row | None, given: dict[str, Any]
    ) -> Row | None:
        if parent is None or declared.key is None:
            wanted = given["id"]
        else:
            wanted = await self._one(parent, declared.key)
        abstract: Any = get_named_type(planned.graphql.type)
        rights = Rights.of(self.actor)
        for possible in self.schema.get_possible_types(abstract):
            type_ = self.model.types[possible.name]
            table: Any = type_.plan.table
            where = [self._visible(table), table.id == wanted]
            if type_.plan.within is not None:
                key, other = type_.plan.within
                visible: Any = other
                where.append(key.in_(select(visible.id).where(self._visible(other))))
            if type_.plan.needs.admits(rights):
                for row in await self._list(type_, and_(*where), ()):
                    return row
        return None

    def _found(self, words: Words, text: str, table: Any) -> ColumnElement[bool]:
        rights = Rights.of(self.actor)
        spans = words.spans(text)
        may_all = words.needs.admits(rights)
        found = [
            table.id.in_(
                select(words.found).where(
                    self._visible(table_of(words.word)),
                    words.word >= since if until else words.word == since,
                    words.word < until if until else true(),
                    true() if may_all else words.open,
                )
            )
            for since, until in spans
        ]
        # Not `false()`: it would swallow the conditions beside it, and with them the tenant.
        return and_(*found) if found else literal_column("false", Boolean)

    def _holds(self, condition: Condition, value: Any) -> ColumnElement[bool]:
        value = value if condition.convert is None else condition.convert(value)
        holds = condition.build(literal(value, condition.parameter))
        # The key before each column leads to that column's table.
        after = (*condition.keys[1:], condition.column)
        for key, column in zip(reversed(condition.keys), reversed(after), strict=False):
            table: Any = table_of(column)
            holds = key.in_(select(table.id).where(self._visible(table), holds))
        return holds

    def _visible(self, table: type[Table]) -> ColumnElement[bool]:
        where: list[ColumnElement[bool]] = [true()]
        columns: Any = table
        if table.kind is Kind.TENANT:
            where.append(columns.tenant_id == self.actor.tenant_id)
        branch = self.model.branches.get(table.__tablename__)
        if branch is not None and self.actor.branch_ids is not None:
            where.append(branch.in_(self.actor.branch_ids))
        return and_(*where)

    async def _list(self, type_: PlannedType, where: ColumnElement[bool], order: Any) -> list[Row]:
        group = type_.plan.group_by
        keys = group or inspect(type_.plan.table).primary_key
        query = select(*keys).where(where).order_by(*order).group_by(*group)
        found = (await self._execute(query)).all()
        return [
            Row(type_, and_(where, *(k == v for k, v in zip(keys, key, strict=True))), tuple(key))
            for key in found
        ]

    async def _one(self, row: Row, expression: Any) -> Any:
        query = select(expression).select_from(row.type_.plan.table).where(row.where)
        return await self._scalar(query.group_by(*row.type_.plan.group_by))

    async def _own(self, row: Row, join: Join) -> Any:
        table: Any = row.type_.plan.table
        return await self._one(row, table.id if join.own is None else join.own)

    async def _scalar(self, query: Any) -> Any:
        return (await self._execute(query)).scalar_one()

    async def _execute(self, query: Any) -> Any:
        async def execute_alone() -> Any:
            async with self.lock:
                return await self.session.execute(query)

        # The executor cancels the neighbours of a field that failed; the connection must live on.
        task = asyncio.create_task(execute_alone())
        self.tasks.append(task)
        return await asyncio.shield(task)


def _page(rows: list[Row], given: dict[str, Any]) -> SimpleNamespace:
    size = given.get("first") or given["last"]
    page = rows[:size] if "first" in given else rows[-size:]
    more = len(rows) > size
    cursor = "some" if page else None
    return SimpleNamespace(
        edges=[SimpleNamespace(cursor="some", node=row) for row in page],
        nodes=page,
        page_info=SimpleNamespace(
            has_next_page=more and "first" in given,
            has_previous_page=more and "last" in given,
            start_cursor=cursor,
            end_cursor=cursor,
        ),
        total_count=len(rows),
    )
