"""The hash chain. Pure: the same event gives the same hash."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from serviceco.core.canonical import canonical_json


def event_hash(
    previous: bytes,
    *,
    subject_id: UUID,
    seq: int,
    act: str,
    actor_account_id: UUID,
    at: datetime,
    detail: Mapping[str, object],
) -> bytes:
    """Return SHA-256 over the previous hash and the canonical JSON of the event."""
    fact = {
        "subject": subject_id,
        "seq": seq,
        "act": act,
        "actor": actor_account_id,
        "at": at,
        "detail": detail,
    }
    return hashlib.sha256(previous + canonical_json(fact)).digest()


def commitment(salt: bytes, words: str) -> str:
    """Return a salted commitment to personal words: erasing them leaves the chain whole."""
    return hashlib.sha256(salt + words.encode()).hexdigest()
