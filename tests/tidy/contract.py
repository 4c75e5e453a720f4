"""What clients may rely on: everything is described, nothing goes without notice, nothing breaks."""

import re
from collections.abc import Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

Part = GraphQLNamedType | GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue
# A reason names what to use, and the day from which the part may be gone.
NOTICE = re.compile(r"Use `([\w.()]+)` instead; may go on \d{4}-\d{2}-\d{2}\.")


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, Part]]:
    """Give every part of a schema of which a description is owed, with the coordinate it has."""
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{name}.{value}", one) for value, one in type_.values.items())
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", one) for field, one in type_.fields.items())
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            yield from _fields(name, type_)


def _fields(
    name: str, type_: GraphQLObjectType | GraphQLInterfaceType
) -> Iterator[tuple[str, Part]]:
    for field, declared in type_.fields.items():
        yield f"{name}.{field}", declared
        for argument, one in declared.args.items():
            yield f"{name}.{field}({argument})", one


def undescribed(schema: GraphQLSchema) -> list[str]:
    """Return the coordinates of what has no description."""
    return [place for place, part in parts(schema) if not part.description]


def badly_deprecated(schema: GraphQLSchema) -> list[str]:
    """Return what is deprecated without a replacement that is there, or without a day."""
    known = dict(parts(schema))
    wrong = []
    for place, part in known.items():
        reason = getattr(part, "deprecation_reason", None)
        if reason is None:
            continue
        notice = NOTICE.fullmatch(reason)
        replacement = known.get(notice[1]) if notice else None
        if replacement is None or getattr(replacement, "deprecation_reason", None):
            wrong.append(place)
    return wrong
