"""Sign-ins under way: a row and a cookie, before there is a session. Role `serviceco_auth`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.identity.queries import get_account
from serviceco.identity.rules import PENDING_LASTS, new_token, token_hash
from serviceco.identity.tables import Account, PendingSignIn
from serviceco.identity.words import PendingEnded, Purpose


async def open_pending(
    session: AsyncSession,
    purpose: Purpose,
    *,
    account: Account | None = None,
    provider_id: UUID | None = None,
    next_path: str = "",
    at: datetime,
) -> tuple[str, PendingSignIn]:
    """Begin a sign-in, for ten minutes, and return the token that only the cookie keeps."""
    await _forget_expired(session, at=at)
    token = new_token()
    pending = PendingSignIn(
        token_hash=token_hash(token),
        purpose=purpose,
        account_id=account.id if account else None,
        account_version=account.version if account else None,
        provider_id=provider_id,
        next_path=next_path,
        created_at=at,
        expires_at=at + PENDING_LASTS,
    )
    session.add(pending)
    await session.flush()
    return token, pending


async def get_pending(
    session: AsyncSession, token: str, *purposes: Purpose, at: datetime
) -> PendingSignIn:
    """Return the sign-in that this browser began and has not used, locked until the transaction ends.

    Raises:
        PendingEnded: it is unknown, used, expired, or for another purpose.
    """
    pending = await session.scalar(
        select(PendingSignIn)
        .where(
            PendingSignIn.token_hash == token_hash(token),
            PendingSignIn.purpose.in_(purposes),
            PendingSignIn.used_at.is_(None),
            PendingSignIn.expires_at > at,
        )
        .with_for_update()
    )
    if pending is None:
        raise PendingEnded("This sign-in has ended. Please begin again.")
    return pending


async def use_pending(
    session: AsyncSession, token: str, *purposes: Purpose, at: datetime
) -> PendingSignIn:
    """Return the sign-in as `get_pending` does, and use it up.

    Raises:
        PendingEnded: it is unknown, used, expired, or for another purpose.
    """
    pending = await get_pending(session, token, *purposes, at=at)
    pending.used_at = at
    await session.flush()
    return pending


async def account_of(session: AsyncSession, pending: PendingSignIn) -> Account:
    """Return the account whose password was shown, locked, if nothing about it changed since.

    Raises:
        PendingEnded: it was closed, or its password or rights changed.
    """
    ended = PendingEnded("This sign-in has ended. Please begin again.")
    if pending.account_id is None:
        raise ended
    account = await get_account(session, pending.account_id, lock=True)
    if not account.is_active or account.version != pending.account_version:
        raise ended
    return account


async def _forget_expired(session: AsyncSession, *, at: datetime) -> None:
    expired = (
        select(PendingSignIn.token_hash)
        .where(PendingSignIn.expires_at < at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(PendingSignIn).where(PendingSignIn.token_hash.in_(expired)))
