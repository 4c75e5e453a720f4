"""Planned types: which table a GraphQL type stands for, and what its rows are restricted to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.types.base import StrawberryObjectDefinition

from serviceco.api.plan.access import Access, Needs, access
from serviceco.storage.base import Table

Declaring = TypeVar("Declaring", bound=type[Any])


@dataclass(frozen=True, slots=True)
class TypePlan:
    """What a planned type says of its table.

    `branch` is the column by which actors with a branch scope are restricted, `brand` that by
    which people of a brand are, in a table of everybody's. `group_by` makes each row of the type
    a group of rows of the table. `within` is a key, and the table to which it leads: a row that is
    asked for by its id alone is there for whom the other row is there.
    """

    table: type[Table]
    needs: Access
    branch: InstrumentedAttribute[Any] | None
    group_by: tuple[InstrumentedAttribute[Any], ...]
    within: tuple[InstrumentedAttribute[Any], type[Table]] | None
    brand: InstrumentedAttribute[Any] | None = None


def planned(
    table: type[Table],
    *,
    description: str,
    needs: Needs,
    branch: InstrumentedAttribute[Any] | None = None,
    group_by: tuple[InstrumentedAttribute[Any], ...] = (),
    within: tuple[InstrumentedAttribute[Any], type[Table]] | None = None,
    brand: InstrumentedAttribute[Any] | None = None,
) -> Callable[[Declaring], Declaring]:
    """Make a class of declarations a GraphQL type, named as the class without a final "Type".

    `needs` is the access of every field that names none of its own.
    """

    def decorate(cls: Declaring) -> Declaring:
        name = cls.__name__.removesuffix("Type")
        made: Declaring = strawberry.type(cls, name=name, description=description)
        made.__type_plan__ = TypePlan(table, access(needs), branch, group_by, within, brand)
        return made

    return decorate


def extends(lower: type[Any]) -> Callable[[Declaring], Declaring]:
    """Add the declarations of a class to the type of a lower room, before the schema is built."""

    def decorate(cls: Declaring) -> Declaring:
        made: Declaring = strawberry.type(cls)
        fields = _definition(lower).fields
        taken = {field.python_name for field in fields}
        for field in _definition(made).fields:
            if field.python_name in taken:
                raise TypeError(f"{lower.__name__} has a field {field.python_name} already.")
            fields.append(field)
        return made

    return decorate


def type_plan(cls: type[Any]) -> TypePlan | None:
    """Return what a class declares as a planned type, if it is one."""
    return cls.__dict__.get("__type_plan__")


def _definition(cls: type[Any]) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = cls.__dict__["__strawberry_definition__"]
    return definition


def graphql_name(cls: type[Any]) -> str:
    """Return the GraphQL name of a planned type."""
    return _definition(cls).name
