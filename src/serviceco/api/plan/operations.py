"""Documents that were parsed, measured and validated, and the operations in them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Undefined,
    coerce_input_value,
    get_variable_values,
    is_input_type,
    parse,
    type_from_ast,
    validate,
)

from serviceco.api.errors import InvalidDocument, NotCompilable, entry
from serviceco.api.limits import (
    MAX_COMMENTS,
    MAX_TOKENS,
    check_document,
    check_text,
    check_variables,
    tokens_exceeded,
)
from serviceco.api.plan.cache import Cache
from serviceco.api.plan.model import Model
from serviceco.api.plan.selection import fragments_of

MAX_ERRORS = 5
INTROSPECTION = frozenset({"__schema", "__type"})
ReadInput = Callable[[Any], Any]


class OperationKind(Enum):
    """How an operation is answered; the kinds are never mixed in one document."""

    PLANNED = auto()
    COMPUTED = auto()
    INTROSPECTION = auto()
    MUTATION = auto()
    SUBSCRIPTION = auto()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document. `key` is the text of its document, and the name asked for.

    `inputs` read the values of its variables; None where one has a default.
    """

    key: tuple[str, str | None]
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    kind: OperationKind
    inputs: Mapping[str, ReadInput] | None


class Operations:
    """Reads documents against one schema; those seen before come from a bounded cache."""

    def __init__(self, model: Model, *, size: int = 256) -> None:
        """Start with an empty cache."""
        self._model = model
        self._known: Cache[tuple[str, str | None], Operation] = Cache(size)

    def knows(self, text: str, name: str | None = None) -> bool:
        """Tell whether a document was read before, so that it costs nothing to read it again."""
        return (text, name) in self._known

    def operation(self, text: str, name: str | None = None) -> Operation:
        """Return the operation of a document: the only one, or the one of that name.

        Raises:
            LimitExceeded: the document is too large in some way.
            InvalidDocument: it does not parse, or does not fit the schema.
            NotCompilable: it mixes kinds of root field.
        """
        key = (text, name)
        known = self._known.find(key)
        return self._known.keep(key, self._read(text, key)) if known is None else known

    def variables(self, operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the variables as their definitions coerce them, defaults filled in.

        Raises:
            InvalidDocument: a value does not fit its type.
        """
        definitions = operation.node.variable_definitions or ()
        if not definitions:
            return {}
        check_variables(given)
        if operation.inputs is not None and operation.inputs.keys() == given.keys():
            coerced = {}
            for name, read in operation.inputs.items():
                coerced[name] = value = read(given[name])
                if value is Undefined:
                    break
            else:
                return coerced
        # Defaults, variables left out, and what is wrong: the slow way knows all of them.
        found = get_variable_values(
            self._model.schema,
            definitions,
            dict(given),
            max_errors=MAX_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(found, list):
            raise InvalidDocument([formatted(error) for error in found])
        return found.coerced

    def _read(self, text: str, key: tuple[str, str | None]) -> Operation:
        document = _parsed(text, no_location=True)
        check_document(document)
        if self._errors(document):
            # Places in the text are a burden to keep; only who made a mistake wants to know them.
            errors = self._errors(_parsed(text, no_location=False))
            raise InvalidDocument([formatted(error) for error in errors])
        node = _chosen(document, key[1])
        fragments = fragments_of(document)
        kind = self._kind(node, fragments)
        return Operation(key, document, node, fragments, kind, self._inputs(node))

    def _errors(self, document: DocumentNode) -> list[GraphQLError]:
        schema = self._model.schema
        return validate(schema, document, max_errors=MAX_ERRORS, hide_suggestions=True)

    def _kind(
        self, node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> OperationKind:
        if node.operation is OperationType.MUTATION:
            return OperationKind.MUTATION
        if node.operation is OperationType.SUBSCRIPTION:
            return OperationKind.SUBSCRIPTION
        names = set(_root_names(node.selection_set, fragments)) - {"__typename"}
        kinds = {self._kind_of_root(name) for name in names} or {OperationKind.PLANNED}
        if len(kinds) > 1:
            raise NotCompilable("Planned, computed and introspection fields are asked apart.")
        return kinds.pop()

    def _inputs(self, node: OperationDefinitionNode) -> dict[str, ReadInput] | None:
        inputs: dict[str, ReadInput] = {}
        for definition in node.variable_definitions or ():
            type_ = type_from_ast(self._model.schema, definition.type)
            if definition.default_value is not None or not is_input_type(type_):
                return None
            inputs[definition.variable.name.value] = _reader(type_)
        return inputs

    def _kind_of_root(self, name: str) -> OperationKind:
        if name in self._model.roots:
            return OperationKind.PLANNED
        return OperationKind.INTROSPECTION if name in INTROSPECTION else OperationKind.COMPUTED


def formatted(error: GraphQLError) -> dict[str, object]:
    """Return an error of graphql-core in its wire form, with our code."""
    return {**error.formatted, "extensions": {"code": InvalidDocument.code}}


def _reader(type_: GraphQLInputType) -> ReadInput:
    """Return what coerces a value of this type, or answers `Undefined`: quickly, where it is a leaf."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else None
    if not isinstance(inner, GraphQLScalarType):
        return partial(coerce_input_value, type_=type_)
    parse = inner.parse_value

    def read(value: Any) -> Any:
        if value is None:
            return Undefined
        try:
            return parse(value)
        except Exception:
            return Undefined

    return read


def _parsed(text: str, *, no_location: bool) -> DocumentNode:
    check_text(text)
    try:
        return parse(
            text,
            no_location=no_location,
            max_lexical_tokens=MAX_TOKENS,
            max_comments=MAX_COMMENTS,
        )
    except GraphQLSyntaxError as error:
        if "Parsing aborted" in error.message:
            raise tokens_exceeded() from None
        raise InvalidDocument([formatted(error)]) from None


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [n for n in document.definitions if isinstance(n, OperationDefinitionNode)]
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if name is not None and operation.name is not None and operation.name.value == name:
            return operation
    message = "Name one of the operations." if name is None else "There is no such operation."
    raise InvalidDocument([entry(message, code=InvalidDocument.code)])


def _root_names(
    asked: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    for node in asked.selections:
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, InlineFragmentNode):
            yield from _root_names(node.selection_set, fragments)
        elif isinstance(node, FragmentSpreadNode):
            yield from _root_names(fragments[node.name.value].selection_set, fragments)
