"""Arguments of planned fields: where each value comes from at a request."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    VariableValues,
    coerce_input_literal,
    is_non_null_type,
    print_ast,
)

from serviceco.api.errors import InvalidArgument, NotCompilable, Path
from serviceco.api.plan.model import BACK
from serviceco.api.plan.selection import Given, Measure

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One argument that is not null: a function of the variables.

    Sources with the same `key` have the same value in every request of the document.
    """

    key: Hashable
    read: Callable[[Variables], Any]
    variable: str | None = None
    is_constant: bool = False

    def now(self, given: Given, path: Path) -> Any:
        """Return the value of this request, upon which the statement's form will depend."""
        if self.variable is not None:
            return given.value(self.variable)
        if not self.is_constant:
            raise NotCompilable("This argument is one literal or one variable.", path=path)
        return self.read({})

    def size(self, given: Given, measure: Measure, path: Path) -> Any:
        """Return what this request's value measures, upon which the statement's form will depend."""
        if self.variable is not None:
            return given.size(self.variable, measure)
        return measure(self.now(given, path))


def arguments_of(
    field: GraphQLField, node: FieldNode, given: Given, path: Path
) -> dict[str, Source]:
    """Return the arguments of a field that are given and not null, by Python name.

    Raises:
        InvalidArgument: a required argument is null.
    """
    values = {argument.name.value: argument.value for argument in node.arguments or ()}
    sources = {}
    for name, argument in field.args.items():
        source = _source(argument, values.get(name), given)
        if source is not None:
            sources[argument.extensions[BACK].python_name] = source
        elif is_non_null_type(argument.type):
            raise InvalidArgument(f"The argument {name} must not be null.", path=path)
    return sources


def _source(argument: GraphQLArgument, value: ValueNode | None, given: Given) -> Source | None:
    if value is None or isinstance(value, NullValueNode):
        return None
    if isinstance(value, VariableNode):
        name = value.name.value
        if given.is_null(name):
            return None
        return Source(("variable", name), lambda variables: variables[name], variable=name)
    key = ("literal", print_ast(value), str(argument.type))
    if _holds_variable(value):
        return Source(key, lambda variables: _coerced(value, argument, variables))
    constant = _coerced(value, argument, {})
    return Source(key, lambda _: constant, is_constant=True)


def _coerced(value: ValueNode, argument: GraphQLArgument, variables: Variables) -> Any:
    found = coerce_input_literal(value, argument.type, VariableValues({}, dict(variables)))
    if found is Undefined:
        raise InvalidArgument(f"The value {print_ast(value)} does not fit {argument.type}.")
    return found


def _holds_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_holds_variable(part) for part in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_holds_variable(part.value) for part in value.fields)
    return isinstance(value, VariableNode)
