"""Limits of a document, checked before validation: some rules of validation are exponential.

The stock limiters take exponential time on nested fragments, and the check whether fields can be
merged is quadratic; so one walk of our own comes first. It measures each fragment once, and only
when the whole is known to be small does it unfold the document to look at merged selections.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)

from serviceco.api.errors import LimitExceeded

MAX_BODY_BYTES = 100_000
MAX_LETTERS = 20_000
MAX_TOKENS = 1_000
MAX_COMMENTS = 100
MAX_NESTING = 40
MAX_SELECTIONS_PER_SET = 60
MAX_SAME_NAME = 10
MAX_FIELDS = 500
MAX_DEPTH = 12
MAX_INTROSPECTION_DEPTH = 15
MAX_ALIASES = 30
MAX_NAME = 60
MAX_DEFINITIONS = 40
MAX_MUTATIONS = 1
MAX_ROWS = 10_000
MAX_VALUES = 1_000

# Strings and comments are skipped as a whole, so that brackets in them do not count. Possessive
# quantifiers: no text makes this search take more than linear time.
_BRACKETS = re.compile(
    r'"""(?:\\"""|(?!""").)*+(?:""")?|"(?:\\.|[^"\\\n])*+"?|#[^\n]*+|(?P<open>[{\[(])|(?P<close>[}\])])',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Measure:
    """The size of a selection set with all fragments unfolded."""

    selections: int
    depth: int
    aliases: int

    def beside(self, other: "Measure") -> "Measure":
        """Return the size of both sets as one."""
        return Measure(
            self.selections + other.selections,
            max(self.depth, other.depth),
            self.aliases + other.aliases,
        )


NOTHING = Measure(0, 0, 0)


def check_text(text: str) -> None:
    """Pass silently unless the text is long, or its brackets too deep for the parser's stack.

    Raises:
        LimitExceeded: naming the limit.
    """
    _within("letters in a document", len(text), MAX_LETTERS)
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match.lastgroup == "open":
            depth += 1
            if depth > MAX_NESTING:
                raise _exceeded("nesting of brackets", MAX_NESTING)
        elif match.lastgroup == "close":
            depth -= 1


def tokens_exceeded() -> LimitExceeded:
    """Return the error of a document in which the parser met too many tokens or comments."""
    return LimitExceeded(f"The limit of tokens is {MAX_TOKENS:,}, that of comments {MAX_COMMENTS}.")


def check_variables(variables: Mapping[str, object]) -> None:
    """Pass silently unless the variables hold too many values.

    Raises:
        LimitExceeded: naming the limit.
    """
    left: list[Any] = [variables]
    values = 0
    while left:
        value = left.pop()
        below = value.values() if isinstance(value, Mapping) else value
        values += len(below)
        if values > MAX_VALUES:
            raise _exceeded("values in variables", MAX_VALUES)
        left += [part for part in below if isinstance(part, dict | list)]


def check_rows(rows: int) -> None:
    """Pass silently unless the pages and lists of a document may bring too many rows.

    Raises:
        LimitExceeded: naming the limit.
    """
    if rows > MAX_ROWS:
        raise LimitExceeded(
            f"This asks for up to {rows:,} rows; the limit is {MAX_ROWS:,}. Ask for smaller pages."
        )


def check_document(document: DocumentNode) -> None:
    """Pass silently if the document is small enough to validate and compile.

    Raises:
        LimitExceeded: naming the limit.
    """
    if len(document.definitions) > MAX_DEFINITIONS:
        raise _exceeded("operations and fragments", MAX_DEFINITIONS)
    walk = _Walk(
        {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
    )
    for name in walk.fragments:
        walk.fragment(name)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            walk.operation(node)


class _Walk:
    """One walk over a document; the size of each fragment is found once."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self._sizes: dict[str, Measure | None] = {}
        self._level = 0

    def operation(self, node: OperationDefinitionNode) -> None:
        size = self._set(node.selection_set)
        introspects = _is_introspection(node.selection_set)
        _within(
            "depth of fields", size.depth, MAX_INTROSPECTION_DEPTH if introspects else MAX_DEPTH
        )
        _within("aliases", size.aliases, MAX_ALIASES)
        _within("fields, with fragments unfolded", size.selections, MAX_FIELDS)
        if node.operation is OperationType.MUTATION:
            _within("mutations", len(node.selection_set.selections), MAX_MUTATIONS)
        self._merged([node.selection_set])

    def fragment(self, name: str) -> Measure:
        if name not in self._sizes:
            self._sizes[name] = None
            self._sizes[name] = self._set(self.fragments[name].selection_set)
        size = self._sizes[name]
        if size is None:
            raise LimitExceeded(f"The fragment {name} contains itself.")
        _within("fields, with fragments unfolded", size.selections, MAX_FIELDS)
        return size

    def _set(self, asked: SelectionSetNode) -> Measure:
        _within("selections in one set", len(asked.selections), MAX_SELECTIONS_PER_SET)
        self._level += 1
        _within("nesting of selections", self._level, MAX_NESTING)
        size = NOTHING
        for node in asked.selections:
            size = size.beside(self._selection(node))
        self._level -= 1
        return size

    def _selection(self, node: SelectionNode) -> Measure:
        if isinstance(node, FieldNode):
            below = NOTHING if node.selection_set is None else self._set(node.selection_set)
            _within("letters in a name", len((node.alias or node.name).value), MAX_NAME)
            aliases = below.aliases + (node.alias is not None)
            return Measure(below.selections + 1, below.depth + 1, aliases)
        if isinstance(node, InlineFragmentNode):
            return self._set(node.selection_set).beside(Measure(1, 0, 0))
        if isinstance(node, FragmentSpreadNode) and node.name.value in self.fragments:
            return self.fragment(node.name.value).beside(Measure(1, 0, 0))
        return Measure(1, 0, 0)

    def _merged(self, sets: Iterable[SelectionSetNode]) -> None:
        """Look at each set as execution merges it; the unfolded size is known to be bounded."""
        fields: dict[str, list[SelectionSetNode]] = {}
        names: Counter[str] = Counter()
        for node in self._unfolded(sets):
            name = (node.alias or node.name).value
            names[name] += 1
            if node.selection_set is not None:
                fields.setdefault(name, []).append(node.selection_set)
        _within("selections in one set", len(names), MAX_SELECTIONS_PER_SET)
        _within("uses of one name in a set", max(names.values(), default=0), MAX_SAME_NAME)
        for below in fields.values():
            self._merged(below)

    def _unfolded(self, sets: Iterable[SelectionSetNode]) -> Iterable[FieldNode]:
        for asked in sets:
            for node in asked.selections:
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    yield from self._unfolded([node.selection_set])
                elif isinstance(node, FragmentSpreadNode) and node.name.value in self.fragments:
                    yield from self._unfolded([self.fragments[node.name.value].selection_set])


def _is_introspection(asked: SelectionSetNode) -> bool:
    return all(
        isinstance(node, FieldNode) and node.name.value.startswith("__")
        for node in asked.selections
    )


def _within(what: str, size: int, limit: int) -> None:
    if size > limit:
        raise _exceeded(what, limit)


def _exceeded(what: str, limit: int) -> LimitExceeded:
    return LimitExceeded(f"The limit of {what} is {limit:,}.")
