"""Reads of accounts, sign-ins and keys. All but `require_live` need the role `serviceco_auth`."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.refusals import NotFound
from serviceco.identity.rules import folded_email
from serviceco.identity.tables import LIVE_SIGN_IN, Account, MachineKey, Membership, SignIn
from serviceco.identity.words import LiveKey, LiveSignIn, SignInEnded


async def require_live(session: AsyncSession, actor: Actor, *, at: datetime) -> None:
    """Pass when the actor's sign-in or key lives with the rights it was read with.

    One statement, by the application's role, in the transaction of the change that it guards.
    The worker acts without a sign-in and passes.

    Raises:
        SignInEnded: it expired, was ended, or the account's rights changed.
    """
    if actor.kind is ActorKind.SYSTEM:
        return
    live = await session.scalar(
        select(LIVE_SIGN_IN.c.version).where(
            LIVE_SIGN_IN.c.token_hash == actor.token_hash,
            LIVE_SIGN_IN.c.version == actor.version,
            LIVE_SIGN_IN.c.expires_at > at,
        )
    )
    if live is None:
        raise SignInEnded("Your sign-in has ended. Please sign in again.")


async def find_account(session: AsyncSession, email: str) -> Account | None:
    """Return the account that signs in with this e-mail."""
    account: Account | None = await session.scalar(
        select(Account).where(Account.email == folded_email(email))
    )
    return account


async def get_account(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Account:
    """Return the account, locked if asked.

    Raises:
        NotFound: there is no such account.
    """
    account = await session.get(Account, account_id, with_for_update=lock)
    if account is None:
        raise NotFound("There is no such account.")
    return account


async def list_memberships(session: AsyncSession, account_id: UUID) -> Sequence[Membership]:
    """Return the account's active memberships, the one last signed in to first."""
    last_used = (
        select(SignIn.created_at)
        .where(SignIn.membership_id == Membership.id)
        .order_by(SignIn.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.scalars(
        select(Membership)
        .where(Membership.account_id == account_id, Membership.is_active)
        .order_by(last_used.desc().nulls_last(), Membership.id)
    )
    return rows.all()


async def find_live_sign_in(
    session: AsyncSession, token_hash: bytes, *, at: datetime
) -> LiveSignIn | None:
    """Return the sign-in with its account and membership, if all three live."""
    row = (
        await session.execute(
            select(SignIn.expires_at, Account, Membership)
            .join(Account, Account.id == SignIn.account_id)
            .join(Membership, Membership.id == SignIn.membership_id)
            .where(
                SignIn.token_hash == token_hash,
                SignIn.expires_at > at,
                SignIn.ended_at.is_(None),
                Account.is_active,
                Membership.is_active,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    expires_at, account, membership = row
    branches = membership.branch_ids
    return LiveSignIn(
        token_hash=token_hash,
        expires_at=expires_at,
        account_id=account.id,
        version=account.version,
        name=account.name,
        language=account.language,
        tenant_id=membership.tenant_id,
        brand_id=membership.brand_id,
        staff_id=membership.staff_id,
        roles=tuple(membership.roles),
        branch_ids=None if branches is None else frozenset(branches),
    )


async def find_live_key(session: AsyncSession, key_hash: bytes, *, at: datetime) -> LiveKey | None:
    """Return the machine key, if it lives."""
    key = await session.scalar(
        select(MachineKey).where(
            MachineKey.key_hash == key_hash,
            MachineKey.expires_at > at,
            MachineKey.revoked_at.is_(None),
        )
    )
    if key is None:
        return None
    return LiveKey(
        key_hash=key_hash,
        expires_at=key.expires_at,
        key_id=key.id,
        version=key.version,
        name=key.name,
        tenant_id=key.tenant_id,
        permissions=tuple(key.permissions),
    )
