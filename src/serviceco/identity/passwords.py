"""Hashing passwords off the event loop; its bounds keep a flood of sign-ins from taking the memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

Answer = TypeVar("Answer")

# RFC 9106's second recommendation, 64 MiB a hash; two threads bound that to 128 MiB.
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
# Verified where an account is unknown, so that the answer takes as long. Nobody knows its password.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$c2VydmljZWNvLm5vYm9keQ"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


async def hashed(password: str) -> str:
    """Return the argon2id hash of a password, with its own salt and parameters inside."""
    return await _in_thread(partial(_HASHER.hash, password))


async def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; without a hash the answer is no, after the same time."""
    fits = await _in_thread(partial(_verify, password_hash or _NOBODY, password))
    return fits and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def _in_thread(work: "partial[Answer]") -> Answer:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
