"""Canonical JSON, so that a hash of the same fact is the same everywhere."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID


def canonical_json(fact: object) -> bytes:
    """Return RFC 8785 bytes: sorted keys (UTF-16 order), no white space, UTF-8.

    Dates and UTC instants become ISO 8601 text, ids and enums their text. Floats are refused:
    amounts are integers of minor units, measurements are text.

    Raises:
        TypeError: for a float, or a value that has no canonical form.
    """
    return json.dumps(
        _plain(fact), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def canonical_hash(fact: object) -> str:
    """Return the SHA-256 of `canonical_json(fact)` in hexadecimal."""
    return hashlib.sha256(canonical_json(fact)).hexdigest()


def _plain(fact: object) -> object:
    # Most facts are one of these; asking for the abstract types first would triple the time.
    if fact is None or type(fact) in (str, int, bool):
        return fact
    if isinstance(fact, Mapping):
        names = sorted(map(str, fact))
        if not all(map(str.isascii, names)):
            names.sort(key=lambda name: name.encode("utf-16-be"))
        return {name: _plain(fact[name]) for name in names}
    if isinstance(fact, Sequence) and not isinstance(fact, str | bytes):
        return [_plain(part) for part in fact]
    return _scalar(fact)


def _scalar(fact: object) -> object:
    if isinstance(fact, Enum):
        return _scalar(fact.value)
    if isinstance(fact, datetime):
        return fact.astimezone(UTC).isoformat()
    if isinstance(fact, UUID | date):
        return str(fact)
    if isinstance(fact, str | int):
        return fact
    raise TypeError(f"{type(fact).__name__} has no canonical form")
