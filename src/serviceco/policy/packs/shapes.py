"""Reads a file into the frozen words that describe it, or says where it does not fit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from serviceco.policy.packs.yaml import BrokenPack, Problem, Source, Where, parse_yaml, read_yaml

Shape = TypeVar("Shape")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


@dataclass(frozen=True, slots=True)
class Read(Generic[Shape]):
    """Words and the file they were read from."""

    words: Shape
    source: Source


def read_shape(path: Path, shape: type[Shape]) -> Read[Shape]:
    """Read one file as the shape.

    Raises:
        BrokenPack: with every value that does not fit, at its line and column.
    """
    return _shaped(*read_yaml(path), shape)


def parse_shape(text: str, path: Path, shape: type[Shape]) -> Read[Shape]:
    """Read a text as the shape; `path` is what its problems call it.

    Raises:
        BrokenPack: as `read_shape`.
    """
    return _shaped(*parse_yaml(text, path), shape)


def _shaped(values: object, source: Source, shape: type[Shape]) -> Read[Shape]:
    try:
        return Read(_adapter(shape).validate_python(values), source)
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = [_problem(source, detail) for detail in details if _is_first(detail, details)]
        raise BrokenPack(problems) from error


def json_schema(shape: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, for editors."""
    schema = _adapter(shape).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    """Return the validator of a kind of file, built at its first use: it costs milliseconds."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]


def _is_first(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Leave out a list that is too short only because its entries were refused."""
    place = detail["loc"]
    return detail["type"] != "too_short" or not any(
        other["loc"][: len(place)] == place and other["loc"] != place for other in details
    )


def _problem(source: Source, detail: ErrorDetails) -> Problem:
    where: Where = tuple(part for part in detail["loc"] if part != "[key]")
    name = next((part for part in reversed(where) if isinstance(part, str)), "the file")
    if detail["type"] in _UNKNOWN:
        return source.problem_at_key(where, f"`{name}` is no field here")
    if detail["type"] == "missing":
        return source.problem(where, f"the field `{name}` is missing")
    if detail["loc"] and detail["loc"][-1] == "[key]":
        return source.problem_at_key(where, f"the key `{name}` {_sentence(detail)}")
    sentence = _sentence(detail)
    return source.problem(where, f"`{name}` {sentence}" if sentence[:6] == "should" else sentence)


def _sentence(detail: ErrorDetails) -> str:
    """Return what is wrong in the words of the file, not of the validator."""
    kind, message = detail["type"], detail["msg"]
    if kind == "dataclass_type":
        return "should be a mapping"
    if kind == "too_short" and "ctx" in detail:
        return f"should have at least {detail['ctx']['min_length']} entries"
    for prefix in ("Value error, ", "Input ", "String "):
        message = message.removeprefix(prefix)
    return message
