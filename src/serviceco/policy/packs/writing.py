"""Writes a policy as the text of a file, so that a published version can be read and edited."""

import io
import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from serviceco.policy.words import Facts, Policy

_DIGITS = re.compile(r"(\d+)")
_WIDTH = 120
_ONE_LINE = 10_000
# What is short enough stands in one line, as rows of a table do.
_LONGEST_ROW = 100
_SPACED = frozenset({"clauses", "start", "coverage", "exclusions", "inspection", "labour", "tests"})


def pack_text(policy: Policy) -> str:
    """Return YAML that reads as the same policy; what is as it is left out stays left out."""
    yaml = YAML()
    yaml.width, yaml.allow_unicode = _WIDTH, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    for one in _told(policy):
        if one.name in _SPACED:
            text.write("\n")
        yaml.dump(CommentedMap({one.name: _plain(getattr(policy, one.name))}), text)
    return text.getvalue()


def facts_text(facts: Facts) -> str:
    """Return facts in one line, as they stand in a test of a pack."""
    yaml = YAML()
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = True, _ONE_LINE, True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    stream = io.StringIO()
    yaml.dump(_plain(facts), stream)
    return " ".join(stream.getvalue().split())


def _told(words: Any) -> list[Field[Any]]:
    """Return the fields that differ from what they are when left out."""
    return [one for one in fields(words) if getattr(words, one.name) != _default(one)]


def _default(one: Field[Any]) -> object:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | str):
        return _words(str(value))
    if is_dataclass(value):
        return _mapping({one.name: getattr(value, one.name) for one in _told(value)})
    if isinstance(value, Mapping):
        return _mapping({name: value[name] for name in sorted(value, key=_place)})
    if isinstance(value, tuple | list):
        return _sequence(value)
    return value


def _words(text: str) -> str:
    # The writer takes a colon at the beginning for harmless inside braces; readers do not.
    return text if text[:1].isalnum() else DoubleQuotedScalarString(text)


def _place(name: Any) -> tuple[int, list[tuple[int, str]]]:
    """Return where a key stands: a stored document keeps no order, so it has to be a rule's.

    Codes of a list stand as in that list, clauses and names as people count: 1.2 before 1.10.
    """
    if isinstance(name, Enum):
        return list(type(name)).index(name), []
    parts = _DIGITS.split(str(name))
    return 0, [(int(part) if part.isdigit() else -1, part) for part in parts if part]


def _mapping(values: Mapping[Any, Any]) -> CommentedMap:
    made = CommentedMap({_plain(name): _plain(value) for name, value in values.items()})
    if _is_short(made):
        made.fa.set_flow_style()
    return made


def _sequence(values: tuple[Any, ...] | list[Any]) -> CommentedSeq:
    made = CommentedSeq(_plain(value) for value in values)
    if _is_short(made):
        made.fa.set_flow_style()
    return made


def _is_short(made: CommentedMap | CommentedSeq) -> bool:
    parts = made.values() if isinstance(made, CommentedMap) else made
    plain = all(isinstance(part, str | int | date) for part in parts)
    return plain and len(str(dict(made) if isinstance(made, CommentedMap) else list(made))) <= (
        _LONGEST_ROW
    )
