"""Declarations of mutations and computed fields: one function each, from GraphQL to an operation."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.union import StrawberryUnion
from strawberry.types.unset import UNSET

from serviceco.api.plan.access import Access, Needs, access
from serviceco.core.actor import Actor
from serviceco.storage.engines import Role

IDEMPOTENCY_KEY = "idempotency_key"


@strawberry.type(description="The service understood the request and declined it.")
class Refusal:
    """GraphQL face of every refusal of the rooms."""

    code: str = strawberry.field(description="Stable, SCREAMING_SNAKE; decide by this one.")
    message: str = strawberry.field(description="The reason in the actor's language.")
    field: str | None = strawberry.field(description="The argument to mend, where one is meant.")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a mutation or computed field: its open transaction, its actor, its instant."""

    session: AsyncSession
    actor: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class ApiFunction:
    """A function of the API with what GraphQL needs to know of it."""

    name: str
    function: Callable[..., Awaitable[Any]]
    description: str
    needs: Access
    annotation: Any
    arguments: tuple[StrawberryArgument, ...]
    runs_as: Role

    def field(self) -> StrawberryField:
        """Return the Strawberry field, which holds no resolver: the API runs the function."""
        field = StrawberryField(
            python_name=self.name,
            type_annotation=StrawberryAnnotation(self.annotation),
            description=self.description,
        )
        field.arguments = list(self.arguments)
        return field


@dataclass(frozen=True, slots=True)
class Mutation(ApiFunction):
    """A mutation; `result` is the planned type whose id its function returns."""

    result: type[Any]


def mutation(
    result: type[Any], *, needs: Needs, description: str, runs_as: Role = Role.APP
) -> Callable[[Callable[..., Awaitable[UUID]]], Mutation]:
    """Make a function a mutation, whose answer is `result` or a Refusal.

    The function takes a `Call` and then its arguments, and returns the id of the row that the
    client's selection is read from. It runs in one unit of work with the idempotency key; what
    changes who may sign in `runs_as` the one database role that may, and the selection with it.
    """

    def decorate(function: Callable[..., Awaitable[UUID]]) -> Mutation:
        name = function.__name__
        answer = StrawberryUnion(
            name="".join(word.title() for word in name.split("_")) + "Result",
            type_annotations=(StrawberryAnnotation(result), StrawberryAnnotation(Refusal)),
            description=f"What {name} leads to, or the reason why it was declined.",
        )
        key = StrawberryArgument(
            python_name=IDEMPOTENCY_KEY,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(str | None),
            description="Chosen by the client, here or in the header `Idempotency-Key`; for 24 hours"
            " a repeat with the same key gets the first answer.",
            default=None,
        )
        arguments = (key, *arguments_of(function))
        admitted = access(needs)
        return Mutation(name, function, description, admitted, answer, arguments, runs_as, result)

    return decorate


def computed(
    description: str, *, needs: Needs, runs_as: Role = Role.APP
) -> Callable[[Callable[..., Awaitable[Any]]], ApiFunction]:
    """Make a function a root field that is computed in Python, over facts that are not saved.

    The function takes a `Call` and then its arguments, and returns a plain Strawberry type. It
    runs in a unit of work that is rolled back, `runs_as` a role of the database.
    """

    def decorate(function: Callable[..., Awaitable[Any]]) -> ApiFunction:
        annotation = get_type_hints(function, include_extras=True)["return"]
        arguments = arguments_of(function)
        name = function.__name__
        admitted = access(needs)
        return ApiFunction(name, function, description, admitted, annotation, arguments, runs_as)

    return decorate


def arguments_of(function: Callable[..., Awaitable[Any]]) -> tuple[StrawberryArgument, ...]:
    """Return the arguments that a function takes after its call."""
    hints = get_type_hints(function, include_extras=True)
    _call, *parameters = inspect.signature(function).parameters.values()
    return tuple(
        StrawberryArgument(
            python_name=parameter.name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(hints[parameter.name]),
            default=UNSET if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in parameters
    )
