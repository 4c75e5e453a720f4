"""From coerced GraphQL values to the Python values of a function's arguments.

What is to be done for a type is found once. Strawberry, which owns the types, finds it anew for each
value of each request, which cost more than the coverage decision of an intake.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any

from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)

Read = Callable[[Any], Any]
Part = tuple[str, str, Read]


class ArgumentReader:
    """Reads the arguments of one function; those that are not given stay away."""

    def __init__(self, arguments: Sequence[StrawberryArgument], config: StrawberryConfig) -> None:
        """Look through the types of the arguments."""
        self._parts: tuple[Part, ...] = tuple(
            (
                config.name_converter.from_argument(argument),
                argument.python_name,
                _reader(argument.type, config),
            )
            for argument in arguments
        )

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keyword arguments that the values mean."""
        return _named(self._parts, values)


def _reader(type_: Any, config: StrawberryConfig) -> Read:
    if isinstance(type_, StrawberryOptional):
        return _reader(type_.of_type, config)
    if isinstance(type_, StrawberryList):
        return _list_of(_reader(type_.of_type, config))
    if has_object_definition(type_):
        return _object_of(type_, type_.__strawberry_definition__, config)
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _list_of(item: Read) -> Read:
    def read(values: Any) -> Any:
        # A list of its own: graphql-core gives the same default to every request.
        return None if values is None else [item(value) for value in values]

    return read


def _object_of(
    type_: type[Any], definition: StrawberryObjectDefinition, config: StrawberryConfig
) -> Read:
    parts: tuple[Part, ...] = tuple(
        (
            config.name_converter.from_field(field),
            field.python_name,
            _reader(field.resolve_type(type_definition=definition), config),
        )
        for field in definition.fields
    )
    # What has no default of its own may be left out where it is nullable.
    missing = dict.fromkeys(
        field.python_name
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    )

    def read(value: Any) -> Any:
        return None if value is None else type_(**(missing | _named(parts, value)))

    return read


def _named(parts: tuple[Part, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return {python_name: read(values[name]) for name, python_name, read in parts if name in values}
