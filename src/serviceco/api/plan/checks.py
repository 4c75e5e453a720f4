"""What must hold of every declaration; asked when the schema is built, so that no request fails."""

from collections.abc import Iterator

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
    is_introspection_type,
)
from sqlalchemy import Column, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.sql import coercions, roles, visitors

from serviceco.api.plan.fields import Amount, AnyRow, Declaration, Filled, Order, Rows, Value
from serviceco.api.plan.model import Model, PlannedField, PlannedType
from serviceco.storage.base import Kind, Table

UNIQUE = (PrimaryKeyConstraint, UniqueConstraint)


class DeclarationError(TypeError):
    """The schema holds declarations that the planner could not keep; the message lists them."""


def check(model: Model) -> None:
    """Pass silently if every declaration of the schema can be kept.

    Raises:
        DeclarationError: with a line for each problem.
    """
    problems = [*_undescribed(model.schema), *_unplanned(model)]
    for type_ in model.types.values():
        if type_.plan.table.kind is Kind.LOCAL:
            problems.append(f"{type_.name}: a local table has no owner.")
        for field in type_.fields.values():
            problems += [f"{type_.name}.{field.name}: {p}" for p in _field(model, type_, field)]
    for root in model.roots.values():
        problems += [f"Query.{root.name}: {p}" for p in _leads(model, root)]
    if problems:
        raise DeclarationError("\n".join(problems))


def _undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for type_ in schema.type_map.values():
        if is_introspection_type(type_) or not isinstance(type_, GraphQLObjectType):
            continue
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        if not type_.description and type_ not in roots:
            yield f"{type_.name}: no description."
        for name, field in type_.fields.items():
            if not field.description:
                yield f"{type_.name}.{name}: no description."


def _unplanned(model: Model) -> Iterator[str]:
    for name, type_ in model.types.items():
        graphql = model.schema.type_map[name]
        if isinstance(graphql, GraphQLObjectType):
            for field in graphql.fields.keys() - type_.fields.keys():
                yield f"{name}.{field}: declares neither a column nor who may touch it."


def _field(model: Model, type_: PlannedType, field: PlannedField) -> Iterator[str]:
    own = type_.plan.table
    for expression in _own_expressions(field.declaration):
        strange = _strange_columns(expression, own)
        if strange:
            yield f"{', '.join(strange)} is not of {own.__tablename__}."
    if isinstance(field.declaration, Value) and not field.is_nullable:
        attribute = getattr(field.declaration.expression, "expression", None)
        if isinstance(attribute, Column) and attribute.nullable:
            yield "the column may be null, the field may not."
    if isinstance(field.declaration, Rows | AnyRow):
        yield from _leads(model, field)
        yield from _edge(model, type_, field)


def _leads(model: Model, field: PlannedField) -> Iterator[str]:
    if not isinstance(field.declaration, AnyRow):
        yield from _rows(model, field)
        return
    abstract = model.schema.type_map[field.target]
    if not is_abstract_type(abstract) or not field.is_nullable:
        yield "may lead to rows of several types, and to none: a nullable interface or union."
        return
    for possible in model.schema.get_possible_types(abstract):
        if possible.name not in model.types:
            yield f"may lead to {possible.name}, which is no planned type."
        elif _is_hidden_by_another(model, model.types[possible.name]):
            yield f"{possible.name} lies within a row that may be hidden: name it in `within`."


def _is_hidden_by_another(model: Model, type_: PlannedType) -> bool:
    """Tell whether a row's place decides who sees it, and its type does not say so."""
    plan = type_.plan
    leads_to = {key.target_fullname.partition(".")[0] for key in plan.table.__table__.foreign_keys}
    return plan.branch is None and plan.within is None and bool(leads_to & model.branches.keys())


def _own_expressions(declaration: Declaration) -> tuple[object, ...]:
    match declaration:
        case Value(expression):
            return (expression,)
        case Amount(minor, currency):
            return (minor, currency)
        case Filled(expressions):
            return expressions
        case _:
            return ()


def _strange_columns(expression: object, own: type[Table]) -> list[str]:
    clause = coercions.expect(roles.ExpressionElementRole, expression)
    return [
        str(part)
        for part in visitors.iterate(clause)
        if isinstance(part, Column) and part.table is not own.__table__
    ]


def _rows(model: Model, field: PlannedField) -> Iterator[str]:
    rows = field.declaration
    target = model.types.get(field.target)
    if not isinstance(rows, Rows) or target is None:
        yield f"leads to {field.target}, which is no planned type."
        return
    table = target.plan.table
    if rows.where is not None and _strange_columns(rows.where, table):
        yield f"the condition names columns outside {table.__tablename__}."
    for order in (rows.orders or {}).values():
        yield from _order(order, table, is_paged=rows.is_paged)
    for name, filter_ in (rows.filters or {}).items():
        for condition in filter_.conditions:
            first = (condition.keys or (condition.column,))[0]
            if first.class_ is not table:
                yield f"the argument {name} begins outside {table.__tablename__}."
        words = filter_.words
        if words is not None and words.word.class_ is not words.found.class_:
            yield f"the argument {name} looks up words of one table and finds by another."


def _order(order: Order, table: type[Table], *, is_paged: bool) -> Iterator[str]:
    columns = [column_of(part) for part in order]
    if any(column.table is not table.__table__ for column in columns):
        yield f"the order names columns outside {table.__tablename__}."
    if is_paged and any(column.nullable for column in columns):
        yield "a page is ordered by columns that are not null."
    if is_paged and not (columns and _is_unique(columns[-1])):
        yield "the order of pages ends in a unique column."


def column_of(part: object) -> Column[object]:
    """Return the column of one part of an order, with or without its direction."""
    clause = coercions.expect(roles.OrderByRole, part)
    return next(found for found in visitors.iterate(clause) if isinstance(found, Column))


def _is_unique(column: Column[object]) -> bool:
    table = column.table
    keys = [c.columns for c in getattr(table, "constraints", ()) if isinstance(c, UNIQUE)]
    return any({c.name for c in key} - {"tenant_id", "brand_id"} == {column.name} for key in keys)


def _edge(model: Model, type_: PlannedType, field: PlannedField) -> Iterator[str]:
    rows, own = field.declaration, type_.plan
    if not isinstance(rows, Rows) or rows.join is None or field.target not in model.types:
        return
    if own.group_by:
        yield "a group has no edges."
    target, key = model.types[field.target].plan, rows.join.key
    if key.class_ not in (own.table, target.table):
        yield f"the key {key} is of neither table."
    if rows.is_paged or rows.at_most is not None or field.is_nullable:
        return
    by_branch = own.branch is not None and key.key == own.branch.key and key.class_ is own.table
    if key.class_ is not own.table or key.expression.nullable or rows.where is not None:
        yield "the row may be missing, so the edge must be nullable."
    if target.branch is not None and not by_branch:
        yield f"{field.target} may lie in a hidden branch, so the edge must be nullable."
