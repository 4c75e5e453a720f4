"""The declarations of a schema, read once into what the compiler walks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_non_null_type,
)
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from serviceco.api.plan.access import Access
from serviceco.api.plan.fields import PLAN, Amount, Declaration, Declared, Rows
from serviceco.api.plan.types import TypePlan, type_plan
from serviceco.core.actor import ActorKind

BACK = "strawberry-definition"


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One field with its declaration, access and GraphQL type.

    `target` is the planned type that it leads to, through the connection where it is paged;
    `enum` the Python enum whose member names the API writes for stored values.
    """

    name: str
    declaration: Declaration
    needs: Access
    graphql: GraphQLField
    target: str
    enum: type[Any] | None

    @property
    def is_nullable(self) -> bool:
        """Whether the field may be null."""
        return not is_non_null_type(self.graphql.type)


@dataclass(frozen=True, slots=True)
class PlannedType:
    """One GraphQL type with its table and fields."""

    name: str
    plan: TypePlan
    fields: Mapping[str, PlannedField]


@dataclass(frozen=True, slots=True)
class Model:
    """All planned types by name, planned root fields, and the branch and brand column of tables.

    `texts` keeps the SQL of leaves by field, alias and part, because most documents ask for the same.
    """

    schema: GraphQLSchema
    types: Mapping[str, PlannedType]
    roots: Mapping[str, PlannedField]
    branches: Mapping[str, InstrumentedAttribute[Any]]
    brands: Mapping[str, InstrumentedAttribute[Any]]
    texts: dict[tuple[int, str, str], ColumnElement[Any]] = field(default_factory=dict)


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """Return graphql-core's schema of a Strawberry schema, which names no public way to it."""
    return schema._schema  # noqa: SLF001 - Strawberry offers no public way to its core schema


def read_model(schema: GraphQLSchema) -> Model:
    """Read the declarations that the types of a schema carry."""
    plans = {
        type_.name: (type_, plan)
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and (plan := _plan_of(type_)) is not None
    }
    types = {
        name: PlannedType(name, plan, _fields(type_, plan.needs))
        for name, (type_, plan) in plans.items()
    }
    roots: dict[str, PlannedField] = {}
    if schema.query_type is not None:
        roots = _fields(schema.query_type, None, {name: t.plan for name, t in types.items()})
    branches = {
        type_.plan.table.__tablename__: type_.plan.branch
        for type_ in types.values()
        if type_.plan.branch is not None
    }
    brands = {
        type_.plan.table.__tablename__: type_.plan.brand
        for type_ in types.values()
        if type_.plan.brand is not None
    }
    return Model(schema, types, roots, branches, brands)


def declared(field: GraphQLField) -> Declared | None:
    """Return the declaration of a GraphQL field, if it has one."""
    definition = (field.extensions or {}).get(BACK)
    found: Declared | None = None if definition is None else definition.metadata.get(PLAN)
    return found


def _plan_of(type_: GraphQLObjectType) -> TypePlan | None:
    definition = (type_.extensions or {}).get(BACK)
    origin = getattr(definition, "origin", None)
    return type_plan(origin) if isinstance(origin, type) else None


def _fields(
    type_: GraphQLObjectType,
    default: Access | None,
    targets: Mapping[str, TypePlan] | None = None,
) -> dict[str, PlannedField]:
    fields = {}
    for name, graphql in type_.fields.items():
        found = declared(graphql)
        if found is None:
            continue
        target = _target(graphql, found.declaration)
        needs = found.needs or default
        if needs is None and targets is not None and target in targets:
            needs = targets[target].needs
        if needs is None:
            raise TypeError(f"{type_.name}.{name} leads to no planned type.")
        if isinstance(found.declaration, Amount):
            needs = replace(needs, kinds=needs.kinds - {ActorKind.SUPPORT})
        fields[name] = PlannedField(name, found.declaration, needs, graphql, target, _enum(graphql))
    return fields


def _target(field: GraphQLField, declaration: Declaration) -> str:
    named = get_named_type(field.type)
    if isinstance(declaration, Rows) and declaration.is_paged:
        if not isinstance(named, GraphQLObjectType) or "nodes" not in named.fields:
            raise TypeError("A field declared with pages() is annotated Connection[…].")
        named = get_named_type(named.fields["nodes"].type)
    return named.name


def _enum(field: GraphQLField) -> type[Any] | None:
    named = get_named_type(field.type)
    if not isinstance(named, GraphQLEnumType):
        return None
    cls: type[Any] = named.extensions[BACK].wrapped_cls
    return cls
