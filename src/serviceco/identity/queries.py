"""Reads of accounts, sign-ins and keys.

All but `require_live` and `find_live_versions` need the role `serviceco_auth`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.refusals import NotFound
from serviceco.identity.rules import folded_email
from serviceco.identity.tables import (
    LIVE_SIGN_IN,
    Account,
    Invitation,
    MachineKey,
    Membership,
    SignIn,
    live_view,
)
from serviceco.identity.words import Admission, LiveKey, LiveSignIn, SignInEnded
from serviceco.storage.direct import Direct


@lru_cache
def _live(kind: ActorKind) -> Direct:
    lives = live_view(kind)
    asked = select(lives.c.version).where(
        lives.c.token_hash == bindparam("token_hash"),
        lives.c.version == bindparam("version"),
        lives.c.expires_at > bindparam("at"),
    )
    return Direct(asked)


async def require_live(session: AsyncSession, actor: Actor, *, at: datetime) -> None:
    """Pass when the actor's sign-in or key lives with the rights it was read with.

    One statement, by the application's role, in the transaction of the change that it guards.
    The worker acts without a sign-in and passes.

    Raises:
        SignInEnded: it expired, was ended, or the account's rights changed.
    """
    if actor.kind is ActorKind.SYSTEM:
        return
    values = {"token_hash": actor.token_hash, "version": actor.version, "at": at}
    if not await _live(actor.kind).rows(session, values):
        raise SignInEnded("Your sign-in has ended. Please sign in again.")


async def find_live_versions(
    session: AsyncSession, token_hashes: Collection[bytes], *, at: datetime
) -> set[tuple[bytes, int]]:
    """Return those of the sign-ins and keys that live, each with the version of its rights.

    One statement by the application's role, for however many connections stay open.
    """
    rows = await session.execute(
        select(LIVE_SIGN_IN.c.token_hash, LIVE_SIGN_IN.c.version).where(
            LIVE_SIGN_IN.c.token_hash.in_(token_hashes), LIVE_SIGN_IN.c.expires_at > at
        )
    )
    return {(token_hash, version) for token_hash, version in rows}


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
            select(SignIn.expires_at, SignIn.seen_at, Account, Membership)
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
    expires_at, seen_at, account, membership = row
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
        seen_at=seen_at,
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
        brand_id=key.brand_id,
        permissions=tuple(key.permissions),
    )


async def list_admissions(
    session: AsyncSession, tenant_id: UUID, *, staff_id: UUID | None = None
) -> Sequence[Admission]:
    """Return what the people of a tenant may do, and to what others are invited.

    Deactivated people are among them, with the rights that they would get back.
    """
    return [
        *await _list_members(session, tenant_id, staff_id),
        *await _list_invited(session, tenant_id, staff_id),
    ]


async def find_staff_membership(
    session: AsyncSession, tenant_id: UUID, staff_id: UUID
) -> Membership | None:
    """Return the membership of a person of the tenant, active or not, locked."""
    membership: Membership | None = await session.scalar(
        select(Membership)
        .where(Membership.tenant_id == tenant_id, Membership.staff_id == staff_id)
        .order_by(Membership.is_active.desc(), Membership.id)
        .limit(1)
        .with_for_update()
    )
    return membership


async def list_members_with(
    session: AsyncSession, tenant_id: UUID, role: str
) -> Sequence[Membership]:
    """Return the tenant's active memberships with a role, all of them locked."""
    rows = await session.scalars(
        select(Membership)
        .where(
            Membership.tenant_id == tenant_id,
            Membership.is_active,
            Membership.roles.contains([role]),
        )
        .order_by(Membership.id)
        .with_for_update()
    )
    return rows.all()


async def _list_members(
    session: AsyncSession, tenant_id: UUID, staff_id: UUID | None
) -> list[Admission]:
    last = (
        select(func.max(SignIn.created_at))
        .where(SignIn.membership_id == Membership.id)
        .scalar_subquery()
    )
    wanted = (
        select(Membership, Account.email, last)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.tenant_id == tenant_id, Membership.staff_id.is_not(None))
    )
    if staff_id is not None:
        wanted = wanted.where(Membership.staff_id == staff_id)
    return [
        Admission(
            staff_id=membership.staff_id,
            account_id=membership.account_id,
            email=email,
            roles=tuple(membership.roles),
            branch_ids=_set_of(membership.branch_ids),
            last_signed_in_at=last_signed_in_at,
        )
        for membership, email, last_signed_in_at in await session.execute(wanted)
        if membership.staff_id is not None
    ]


async def _list_invited(
    session: AsyncSession, tenant_id: UUID, staff_id: UUID | None
) -> list[Admission]:
    wanted = select(Invitation).where(
        Invitation.tenant_id == tenant_id,
        Invitation.staff_id.is_not(None),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    if staff_id is not None:
        wanted = wanted.where(Invitation.staff_id == staff_id)
    return [
        Admission(
            staff_id=invitation.staff_id,
            account_id=None,
            email=invitation.email,
            roles=tuple(invitation.roles),
            branch_ids=_set_of(invitation.branch_ids),
            invited_until=invitation.expires_at,
        )
        for invitation in await session.scalars(wanted)
        if invitation.staff_id is not None
    ]


def _set_of(branch_ids: Sequence[UUID] | None) -> frozenset[UUID] | None:
    return None if branch_ids is None else frozenset(branch_ids)
