"""Canonical JSON, so that a hash of the same fact is the same everywhere."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

_encode = msgspec.json.Encoder().encode


def canonical_json(fact: object) -> bytes:
    """Return RFC 8785 bytes: sorted keys (UTF-16 order), no white space, UTF-8.

    Dates and UTC instants become ISO 8601 text, ids and enums their text. Floats are refused:
    amounts are integers of minor units, measurements are text.

    Raises:
        TypeError: for a float, or a value that has no canonical form.
    """
    return _encode(_plain_value(fact))


def canonical_hash(fact: object) -> str:
    """Return the SHA-256 of `canonical_json(fact)` in hexadecimal."""
    return hashlib.sha256(canonical_json(fact)).hexdigest()


def plain_values(facts: Mapping[str, object]) -> dict[str, Any]:
    """Return the facts as `canonical_json` writes them: a new dict of JSON values, keys sorted.

    Raises:
        TypeError: as `canonical_json`.
    """
    names = sorted(map(str, facts))
    if not all(map(str.isascii, names)):
        names.sort(key=lambda name: name.encode("utf-16-be"))
    return {name: _plain_value(facts[name]) for name in names}


def _plain_value(fact: object) -> Any:
    """Return one fact as `canonical_json` writes it.

    Raises:
        TypeError: as `canonical_json`.
    """
    kind = type(fact)
    # Most facts are of exactly these types; asking for the abstract ones would triple the time.
    if kind in _AS_THEY_ARE:
        return fact
    write = _WRITTEN.get(kind)
    return write(fact) if write is not None else _rarer(fact)


def _rarer(fact: object) -> object:
    if isinstance(fact, Enum):
        return _plain_value(fact.value)
    if isinstance(fact, Mapping):
        return plain_values(fact)
    if isinstance(fact, str):
        return str(fact)
    if isinstance(fact, int):
        return int(fact)
    if isinstance(fact, Sequence) and not isinstance(fact, bytes):
        return _parts(fact)
    for base in (datetime, date, UUID):
        if isinstance(fact, base):
            return _WRITTEN[base](fact)
    raise TypeError(f"{type(fact).__name__} has no canonical form")


def _parts(facts: Sequence[object]) -> list[object]:
    return [_plain_value(part) for part in facts]


def _instant(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_WRITTEN: Mapping[type[Any], Callable[[Any], object]] = {
    dict: plain_values,
    list: _parts,
    tuple: _parts,
    UUID: str,
    datetime: _instant,
    date: date.isoformat,
}
