"""Builds the schema from what the rooms declare, and the model from which it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLSchema
from strawberry.tools import merge_types

from serviceco.api.described import describe
from serviceco.api.inputs import ArgumentReader
from serviceco.api.mutations import ApiFunction, Mutation
from serviceco.api.plan.checks import check
from serviceco.api.plan.model import Model, graphql_schema, read_model
from serviceco.api.plan.scalars import CONFIG
from serviceco.api.subscriptions import Subscription

AnyFunction = TypeVar("AnyFunction", bound=ApiFunction)


@dataclass(frozen=True, slots=True)
class ApiSchema:
    """The schema with everything that answers it: plans, and functions by name."""

    strawberry: strawberry.Schema
    model: Model
    computed: Mapping[str, ApiFunction]
    mutations: Mapping[str, Mutation]
    subscriptions: Mapping[str, Subscription]
    readers: dict[str, ArgumentReader] = field(default_factory=dict)

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema of graphql-core, for parsing, validation and introspection."""
        return self.model.schema

    def printed(self) -> str:
        """Return the schema in the definition language, as `graphql/schema.graphql` holds it."""
        return self.strawberry.as_str() + "\n"

    def python_arguments(self, declared: ApiFunction, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return coerced GraphQL arguments as the function's keyword arguments."""
        reader = self.readers.get(declared.name)
        if reader is None:
            reader = self.readers[declared.name] = ArgumentReader(declared.arguments, CONFIG)
        return reader.read(values)


def build_schema(
    *,
    queries: Sequence[type[Any]],
    computed: Sequence[ApiFunction] = (),
    mutations: Sequence[Mutation] = (),
    subscriptions: Sequence[Subscription] = (),
) -> ApiSchema:
    """Build the schema and check every declaration.

    Raises:
        DeclarationError: a declaration cannot be kept; the message lists all.
    """
    holders = (_holder("Computed", computed),) if computed else ()
    query = merge_types("Query", (*queries, *holders))
    schema = strawberry.Schema(
        query=query,
        mutation=_holder("Mutation", mutations) if mutations else None,
        subscription=_holder("Subscription", subscriptions) if subscriptions else None,
        config=CONFIG,
    )
    graphql = graphql_schema(schema)
    describe(graphql)
    model = read_model(graphql)
    check(model)
    return ApiSchema(
        schema, model, _by_name(computed), _by_name(mutations), _by_name(subscriptions)
    )


def _by_name(declared: Sequence[AnyFunction]) -> dict[str, AnyFunction]:
    return {CONFIG.name_converter.apply_naming_config(one.name): one for one in declared}


def _holder(name: str, declared: Sequence[ApiFunction]) -> type[Any]:
    """Return a Strawberry type with one field for each declaration."""
    holder: type[Any] = strawberry.type(type(name, (), {one.name: one.field() for one in declared}))
    return holder
