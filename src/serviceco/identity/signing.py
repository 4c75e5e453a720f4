"""The keys that sign tokens: made when one is due, sealed, published. Role `serviceco_auth`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.identity import jwt
from serviceco.identity.client_tables import AccessToken, SigningKey
from serviceco.identity.token_rules import next_signs_from, published, signer
from serviceco.storage.sealing import sealed, unsealed


async def signing_key(session: AsyncSession, sealing_key: bytes, *, at: datetime) -> ECKey:
    """Return the private key that signs now; make the next one where it is due.

    Two processes that find a key due at the same moment each make one: both are published, and
    the later one signs.
    """
    keys = await _opened(session, sealing_key)
    begins_at = next_signs_from(keys, at)
    if begins_at is not None:
        made = _made(sealing_key, at=at, signs_from=begins_at)
        session.add(made)
        await session.flush()
        keys.append(made)
    key = signer(keys, at)
    if key is None:
        raise LookupError("no key signs, although one was made")
    private = _unsealed(key, sealing_key)
    if private is None:
        raise LookupError("the signing key was opened and is sealed again")
    return private


async def published_keys(session: AsyncSession, *, at: datetime) -> list[ECKey]:
    """Return the public keys by which tokens may be checked, the oldest first."""
    return [ECKey.import_key(key.public) for key in published(await _all(session), at)]


async def withdraw_keys(session: AsyncSession, *, at: datetime) -> None:
    """Take every key out of service at once, and all tokens with them: a key may have leaked."""
    await session.execute(
        update(SigningKey).where(SigningKey.withdrawn_at.is_(None)).values(withdrawn_at=at)
    )
    await session.execute(
        update(AccessToken)
        .where(AccessToken.revoked_at.is_(None), AccessToken.expires_at > at)
        .values(revoked_at=at)
    )


async def _all(session: AsyncSession) -> Sequence[SigningKey]:
    return (await session.scalars(select(SigningKey).order_by(SigningKey.signs_from))).all()


async def _opened(session: AsyncSession, sealing_key: bytes) -> list[SigningKey]:
    """Return the keys that can sign: those sealed under a former password only check."""
    return [key for key in await _all(session) if _unsealed(key, sealing_key) is not None]


def _made(sealing_key: bytes, *, at: datetime, signs_from: datetime) -> SigningKey:
    key_id = new_id()
    key = jwt.new_key(str(key_id))
    private: dict[str, Any] = key.as_dict(private=True)
    return SigningKey(
        id=key_id,
        public=key.as_dict(private=False),
        sealed=sealed(msgspec.json.encode(private).decode(), sealing_key),
        created_at=at,
        signs_from=signs_from,
    )


def _unsealed(key: SigningKey, sealing_key: bytes) -> ECKey | None:
    try:
        private: dict[str, Any] = msgspec.json.decode(unsealed(key.sealed, sealing_key))
    except JoseError:
        return None
    return ECKey.import_key(private)
