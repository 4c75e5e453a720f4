"""Row ids: UUID version 7 (RFC 9562), so that keys of one time lie together in an index."""

import os
import time
from uuid import UUID

_VERSION_7 = 0x7000
_VARIANT_10 = 0x8000_0000_0000_0000


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high = (milliseconds << 16) | _VERSION_7 | (random >> 68)
    low = _VARIANT_10 | (random & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=(high << 64) | low)
