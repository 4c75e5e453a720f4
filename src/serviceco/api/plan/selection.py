"""Which fields a document asks of a type: fragments, directives and merging, as in the GraphQL specification."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import NamedTypeNode

Fields = dict[str, list[FieldNode]]
Measure = Callable[[Any], Hashable]


@dataclass(slots=True)
class Given:
    """The variables of one request, and which of them decided the form of the statement.

    A plan is only used again for variables that agree with its guards: the values of those that
    were looked at, what was measured of others, and for the rest whether they were null.
    """

    variables: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    nulls: dict[str, bool] = field(default_factory=dict)
    sizes: dict[tuple[str, Measure], Hashable] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Look at a variable's value; from now on the plan holds for this value alone."""
        self.values[name] = found = self.variables.get(name)
        return found

    def size(self, name: str, measure: Measure) -> Any:
        """Measure a variable; the plan holds for all values that measure alike."""
        self.sizes[name, measure] = found = measure(self.variables.get(name))
        return found

    def is_null(self, name: str) -> bool:
        """Tell whether a variable is null or absent; the plan holds for this answer alone."""
        self.nulls[name] = found = self.variables.get(name) is None
        return found


@dataclass(frozen=True, slots=True)
class Selections:
    """Reads the selections of one document for one request's variables."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    given: Given

    def of(self, nodes: Iterable[FieldNode], type_: GraphQLObjectType) -> Fields:
        """Return the fields asked below `nodes`, merged, by response name, in document order."""
        fields: Fields = {}
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set, type_, fields)
        return fields

    def at_root(self, selection_set: SelectionSetNode, type_: GraphQLObjectType) -> Fields:
        """Return the root fields of an operation."""
        fields: Fields = {}
        self._collect(selection_set, type_, fields)
        return fields

    def _collect(self, asked: SelectionSetNode, type_: GraphQLObjectType, fields: Fields) -> None:
        for node in asked.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                name = (node.alias or node.name).value
                fields.setdefault(name, []).append(node)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition, type_):
                    self._collect(fragment.selection_set, type_, fields)
            elif isinstance(node, InlineFragmentNode) and self._applies(node.type_condition, type_):
                self._collect(node.selection_set, type_, fields)

    def _applies(self, condition: NamedTypeNode | None, type_: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == type_.name:
            return True
        other = self.schema.type_map[condition.name.value]
        return is_abstract_type(other) and self.schema.is_sub_type(other, type_)

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            name = directive.name.value
            if name in {"skip", "include"} and self._condition(directive) is (name == "skip"):
                return False
        return True

    def _condition(self, directive: DirectiveNode) -> bool:
        (condition,) = directive.arguments or ()
        value = condition.value
        if isinstance(value, VariableNode):
            return bool(self.given.value(value.name.value))
        return isinstance(value, BooleanValueNode) and value.value


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments of a document by name."""
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
