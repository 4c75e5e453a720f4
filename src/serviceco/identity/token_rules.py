"""How long tokens, secrets and signing keys serve, and which of them at an instant. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from serviceco.core.actor import Permission

TOKEN_LASTS = timedelta(minutes=10)
MOST_LIVE_TOKENS = 100
# The former secret serves on for a day, so that a machine can change to the new one in its own time.
SECRET_OVERLAP = timedelta(days=1)
USE_NOTED_AFTER = timedelta(hours=1)
KEY_SIGNS_FOR = timedelta(days=30)
# Whoever checks signatures may remember the published keys for as long as this; a key is published
# before it signs, and after: its last token has ended by then.
KEYS_REMEMBERED = timedelta(hours=1)
KEY_PUBLISHED_BEFORE = timedelta(days=1)
_KNOWN = {permission.value: permission for permission in Permission}


class Timed(Protocol):
    """What a signing key has of time."""

    signs_from: datetime
    withdrawn_at: datetime | None


Key = TypeVar("Key", bound=Timed)


def signer(keys: Iterable[Key], at: datetime) -> Key | None:
    """Return the key that signs at an instant: the one that began last."""
    begun = [key for key in _usable(keys) if key.signs_from <= at]
    return max(begun, key=lambda key: key.signs_from, default=None)


def published(keys: Iterable[Key], at: datetime) -> list[Key]:
    """Return the keys by which tokens may be checked: no successor has signed for an hour yet."""
    usable = _usable(keys)
    replaced = signer(usable, at - KEYS_REMEMBERED)
    return [key for key in usable if replaced is None or key.signs_from >= replaced.signs_from]


def next_signs_from(keys: Iterable[Key], at: datetime) -> datetime | None:
    """Return when a new key would begin to sign, or None while none is due."""
    usable = _usable(keys)
    if signer(usable, at) is None:
        return at
    ends_at = usable[-1].signs_from + KEY_SIGNS_FOR
    if at < ends_at - KEY_PUBLISHED_BEFORE:
        return None
    return max(ends_at, at + KEY_PUBLISHED_BEFORE)


def known_scopes(scopes: Iterable[str]) -> frozenset[Permission]:
    """Return the scopes as permissions; one of a later version is dropped."""
    return frozenset(_KNOWN[name] for name in scopes if name in _KNOWN)


def _usable(keys: Iterable[Key]) -> Sequence[Key]:
    usable = [key for key in keys if key.withdrawn_at is None]
    return sorted(usable, key=lambda key: key.signs_from)
