"""A person's own sign-ins: which there are, and ending them. Role `serviceco_auth`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.refusals import NotFound
from serviceco.identity.queries import get_account
from serviceco.identity.sign_ins import mint_sign_in
from serviceco.identity.tables import Account, Membership, SignIn
from serviceco.identity.words import Browser, KeptByProvider, SignInEnded

# How old "last seen" may be: it is there to recognise a sign-in, not to follow a person.
SEEN_EVERY = timedelta(minutes=5)


async def current_sign_in(
    session: AsyncSession, actor: Actor, *, at: datetime
) -> tuple[SignIn, Account]:
    """Return the actor's sign-in and account, locked, if it lives with the rights it was read with.

    Raises:
        SignInEnded: it expired, was ended, or the account's rights changed.
    """
    account = await get_account(session, actor.account_id, lock=True)
    sign_in = await session.scalar(
        select(SignIn)
        .join(Membership, Membership.id == SignIn.membership_id)
        .where(
            SignIn.token_hash == actor.token_hash,
            SignIn.account_id == account.id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > at,
            Membership.is_active,
        )
        .with_for_update(of=SignIn)
    )
    if sign_in is None or not account.is_active or account.version != actor.version:
        raise SignInEnded("Your sign-in has ended. Please sign in again.")
    return sign_in, account


async def own_credentials(
    session: AsyncSession, actor: Actor, *, at: datetime
) -> tuple[SignIn, Account]:
    """Return what `current_sign_in` does, where the person keeps their own credentials.

    Raises:
        SignInEnded: the sign-in does not live.
        KeptByProvider: it came through a provider. Else a provider of one company could open a
            way to whatever the account may do at another.
    """
    sign_in, account = await current_sign_in(session, actor, at=at)
    if sign_in.provider_id is not None:
        raise KeptByProvider("Your company's sign-in service keeps your credentials.")
    return sign_in, account


async def list_sign_ins(
    session: AsyncSession, account_id: UUID, *, at: datetime
) -> Sequence[SignIn]:
    """Return the account's sign-ins that live, the latest first."""
    rows = await session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.expires_at > at)
        .order_by(SignIn.created_at.desc(), SignIn.id)
    )
    return rows.all()


async def end_own(session: AsyncSession, actor: Actor, sign_in_id: UUID, *, at: datetime) -> bytes:
    """End one of the actor's sign-ins and return the hash of its token.

    Raises:
        NotFound: the actor has no such sign-in that lives.
    """
    ended: bytes | None = await session.scalar(
        update(SignIn)
        .where(
            SignIn.id == sign_in_id,
            SignIn.account_id == actor.account_id,
            SignIn.ended_at.is_(None),
        )
        .values(ended_at=at)
        .returning(SignIn.token_hash)
    )
    if ended is None:
        raise NotFound("There is no such sign-in.")
    return ended


async def end_others(session: AsyncSession, actor: Actor, *, at: datetime) -> Sequence[bytes]:
    """End all of the actor's sign-ins but this one; return the hashes of their tokens."""
    ended = await session.scalars(
        update(SignIn)
        .where(
            SignIn.account_id == actor.account_id,
            SignIn.token_hash != actor.token_hash,
            SignIn.ended_at.is_(None),
        )
        .values(ended_at=at)
        .returning(SignIn.token_hash)
    )
    return ended.all()


async def renew_sign_in(
    session: AsyncSession, current: SignIn, *, is_strong: bool, at: datetime
) -> tuple[str, SignIn]:
    """End a sign-in and open its successor under a new token, after a step up or a new password."""
    current.ended_at = current.ended_at or at
    membership = await session.get(Membership, current.membership_id)
    if membership is None:
        raise NotFound("There is no such membership.")
    browser = Browser(address=current.address, agent=current.agent)
    return await mint_sign_in(
        session, membership, browser, method=current.method, is_strong=is_strong, at=at
    )


async def note_seen(session: AsyncSession, hash_of_token: bytes, *, at: datetime) -> None:
    """Note that the sign-in is in use."""
    await session.execute(
        update(SignIn).where(SignIn.token_hash == hash_of_token).values(seen_at=at)
    )
