"""Reads YAML into plain values and remembers where each one stands.

The form is narrower than YAML: no anchors, no tags, no merge keys, no duplicate keys. Numbers
with a point stay text, so that a version keeps its zeros and a limit its exact decimals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST_BYTES = 1_000_000
_TAG = "tag:yaml.org,2002:"
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, at a line and column counted from one."""

    path: Path
    line: int
    column: int
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        """Return it as editors expect: `file:line:col: message`."""
        kind = "warning: " if self.is_warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.message}"


class BrokenPack(Exception):  # noqa: N818 - it says what the pack is
    """A file cannot be read; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems in the order of the file."""
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Source:
    """A file with the places of its values and of the keys before them."""

    path: Path
    places: dict[Where, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Where, tuple[int, int]] = field(default_factory=dict)

    def problem(self, where: Where, message: str, *, is_warning: bool = False) -> Problem:
        """Return a problem at a value, or at the nearest value around it."""
        near = where
        while near and near not in self.places:
            near = near[:-1]
        line, column = self.places.get(near, (1, 1))
        return Problem(self.path, line, column, message, is_warning)

    def problem_at_key(self, where: Where, message: str) -> Problem:
        """Return a problem at the key of a value."""
        line, column = self.keys.get(where, (1, 1))
        return Problem(self.path, line, column, message)


def read_yaml(path: Path) -> tuple[Any, Source]:
    """Return the values of a file and where they stand.

    Raises:
        BrokenPack: it cannot be opened, is too large, is no YAML, or uses what the form leaves out.
    """
    return parse_yaml(_text(Source(path)), path)


def parse_yaml(text: str, path: Path) -> tuple[Any, Source]:
    """Return the values of a text and where they stand; `path` is what it is called.

    Raises:
        BrokenPack: as `read_yaml`.
    """
    source = Source(path)
    if len(text) > LARGEST_BYTES:
        raise BrokenPack([source.problem((), f"larger than {LARGEST_BYTES:,} bytes")])
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise BrokenPack([_syntax(path, error)]) from error
    except (YAMLError, RecursionError) as error:
        raise BrokenPack([source.problem((), f"no readable YAML: {error}")]) from error
    problems: list[Problem] = []
    value = _Reader(source, problems).read(node, ()) if node else None
    if problems:
        raise BrokenPack(problems)
    return value, source


def _text(source: Source) -> str:
    try:
        content = source.path.read_bytes()
    except OSError as error:
        raise BrokenPack([source.problem((), f"cannot be read: {error.strerror}")]) from error
    if len(content) > LARGEST_BYTES:
        raise BrokenPack([source.problem((), f"larger than {LARGEST_BYTES:,} bytes")])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise BrokenPack([Problem(source.path, line, column, "not UTF-8")]) from error


def _syntax(path: Path, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if isinstance(mark, StringMark) else (1, 1)
    return Problem(path, line, column, str(error.problem or error.context or "no YAML"))


@dataclass(frozen=True, slots=True)
class _Reader:
    source: Source
    problems: list[Problem]

    def read(self, node: Node, where: Where) -> Any:
        self.source.places[where] = _place(node)
        if node.anchor:
            self._object(node, "anchors and aliases are not used here; write it out")
        if isinstance(node, MappingNode):
            return self._mapping(node, where)
        if isinstance(node, SequenceNode):
            return [self.read(part, (*where, n)) for n, part in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, where: Where) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if not isinstance(key_node, ScalarNode) or key_node.tag == f"{_TAG}merge":
                self._object(key_node, "a key is plain text here")
            elif key in values:
                self._object(key_node, f"`{key}` stands here twice")
            else:
                self.source.keys[*where, key] = _place(key_node)
                values[key] = self.read(value_node, (*where, key))
        return values

    def _scalar(self, node: Node) -> Any:
        kind = str(node.tag).removeprefix(_TAG)
        text = str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int" and text.lstrip("+-").isdecimal():
            return int(text)
        if kind not in ("str", "int", "float", "timestamp"):
            self._object(node, f"the tag {node.tag} is not used here")
        return text

    def _object(self, node: Node, message: str) -> None:
        line, column = _place(node)
        self.problems.append(Problem(self.source.path, line, column, message))


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
