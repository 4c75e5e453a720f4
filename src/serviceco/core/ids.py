"""Row ids: UUID version 7 (RFC 9562), so that keys of one time lie together in an index."""

import os
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

_VERSION_7 = 0x7000
_VARIANT_10 = 0x8000_0000_0000_0000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high = (milliseconds << 16) | _VERSION_7 | (random >> 68)
    low = _VARIANT_10 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)


def first_id_of(at: datetime) -> UUID:
    """Return the least UUIDv7 that can be made at an instant: ids from then on are not below it."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return UUID(int=(milliseconds << 80) | (_VERSION_7 << 64) | _VARIANT_10)
