"""What changes accounts, memberships and machine keys. Sessions are of the role `serviceco_auth`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.identity.passwords import hashed, matches
from serviceco.identity.queries import find_account, get_account
from serviceco.identity.rules import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    fits_password,
    folded_email,
    new_key,
    token_hash,
)
from serviceco.identity.tables import Account, MachineKey, Membership, SignIn
from serviceco.identity.words import EmailTaken, WeakPassword, WrongCredentials


async def register_account(
    session: AsyncSession,
    actor: Actor,
    email: str,
    *,
    name: str,
    password: str,
    language: str,
    at: datetime,
) -> Account:
    """Open an account that can sign in once it has a membership.

    Raises:
        NotPermitted: the actor does not manage staff.
        EmailTaken: the e-mail has an account.
        WeakPassword: the password's length is out of bounds.
    """
    actor.require(Permission.MANAGE_STAFF)
    if await find_account(session, email):
        raise EmailTaken("Another account signs in with this e-mail.", field="email")
    account = Account(
        id=new_id(),
        email=folded_email(email),
        name=name,
        password_hash=await new_hash(password),
        language=language,
        created_at=at,
    )
    session.add(account)
    await session.flush()
    return account


async def change_password(
    session: AsyncSession, actor: Actor, *, current: str, password: str, at: datetime
) -> None:
    """Replace the actor's own password and end all their sign-ins.

    Raises:
        WrongCredentials: the current password does not match.
        WeakPassword: the new password's length is out of bounds.
    """
    account = await get_account(session, actor.account_id, lock=True)
    if not await matches(account.password_hash, current):
        raise WrongCredentials("The current password does not match.", field="current")
    account.password_hash = await new_hash(password)
    await change_rights(session, account, at=at)


async def close_account(
    session: AsyncSession, actor: Actor, account_id: UUID, *, at: datetime
) -> None:
    """Close an account at every company; only the operator of the whole system may.

    Raises:
        NotPermitted: the actor is not the system's operator.
        NotFound: there is no such account.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Only the operator of the system closes accounts.")
    account = await get_account(session, account_id, lock=True)
    account.is_active = False
    await change_rights(session, account, at=at)


async def add_membership(
    session: AsyncSession,
    actor: Actor,
    account_id: UUID,
    *,
    staff_id: UUID | None,
    roles: Iterable[str],
    branch_ids: Iterable[UUID] | None,
    at: datetime,
) -> Membership:
    """Make an account a member of the actor's tenant or brand, within branches or (None) in all.

    Raises:
        NotPermitted: the actor does not manage staff, or not in every branch where all are meant.
        NotFound: there is no such account, or no such branch in the actor's scope.
    """
    actor.require(Permission.MANAGE_STAFF)
    branches = within_scope(actor, branch_ids)
    account = await get_account(session, account_id, lock=True)
    membership = Membership(
        id=new_id(),
        account_id=account.id,
        tenant_id=actor.tenant_id,
        brand_id=actor.brand_id,
        staff_id=staff_id,
        roles=sorted(roles),
        branch_ids=branches,
    )
    session.add(membership)
    await change_rights(session, account, at=at)
    return membership


async def change_membership(
    session: AsyncSession,
    actor: Actor,
    membership_id: UUID,
    *,
    roles: Iterable[str],
    branch_ids: Iterable[UUID] | None,
    is_active: bool = True,
    at: datetime,
) -> Membership:
    """Replace the rights of a membership of the actor's own side.

    The person must sign in there again; what they do elsewhere goes on. Which roles the actor may
    give or take is a rule of the room above (tenancy/staffing.py), which alone knows the roles.

    Raises:
        NotPermitted: the actor does not manage staff, or not in every branch where all are meant.
        NotFound: the membership is of another tenant or brand, or a branch not in their scope.
    """
    actor.require(Permission.MANAGE_STAFF)
    membership = await session.get(Membership, membership_id, with_for_update=True)
    if membership is None or actor.home not in (membership.tenant_id, membership.brand_id):
        raise NotFound("There is no such person here.")
    membership.branch_ids = within_scope(actor, branch_ids)
    membership.roles = sorted(roles)
    membership.is_active = is_active
    account = await get_account(session, membership.account_id, lock=True)
    await change_rights(session, account, of=membership, at=at)
    return membership


async def create_machine_key(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    permissions: Iterable[Permission],
    expires_at: datetime,
    at: datetime,
) -> tuple[str, MachineKey]:
    """Make a key of the actor's tenant or brand and return its text, which is shown this once.

    Raises:
        NotPermitted: the actor does not manage their side, lacks a permission of the key, or does
            not see every branch, as a key does.
    """
    wanted = require_grantable(actor, permissions)
    text = new_key()
    key = MachineKey(
        id=new_id(),
        key_hash=token_hash(text),
        tenant_id=actor.tenant_id,
        brand_id=actor.brand_id,
        name=name,
        permissions=sorted(wanted),
        created_at=at,
        expires_at=expires_at,
    )
    session.add(key)
    await session.flush()
    return text, key


def require_grantable(actor: Actor, permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Return the permissions, if the actor may give them to a machine.

    Whoever manages the company may let a machine write its own documents: that is no right to
    any row.

    Raises:
        NotPermitted: as `create_machine_key`.
    """
    actor.require(Permission.MANAGE_TENANT)
    if actor.branch_ids is not None:
        raise NotPermitted("A key sees every branch; you do not.")
    wanted = frozenset(permissions)
    for permission in sorted(wanted - {Permission.ADHOC_DOCUMENTS}):
        actor.require(permission)
    return wanted


async def revoke_machine_key(
    session: AsyncSession, actor: Actor, key_id: UUID, *, at: datetime
) -> None:
    """End a key of the actor's tenant or brand at once.

    Raises:
        NotPermitted: the actor does not manage their side.
        NotFound: their side has no such key.
    """
    actor.require(Permission.MANAGE_TENANT)
    key = await session.get(MachineKey, key_id, with_for_update=True)
    if key is None or actor.home not in (key.tenant_id, key.brand_id):
        raise NotFound("There is no such key.")
    key.revoked_at = key.revoked_at or at
    await session.flush()


def within_scope(actor: Actor, branch_ids: Iterable[UUID] | None) -> list[UUID] | None:
    """Return the branches of a membership; nobody gives more of them than they have."""
    if branch_ids is None:
        if actor.branch_ids is not None:
            raise NotPermitted("You may give rights in your own branches only.")
        return None
    wanted = sorted(branch_ids)
    for branch_id in wanted:
        actor.require_branch(branch_id)
    return wanted


async def change_rights(
    session: AsyncSession, account: Account, *, of: Membership | None = None, at: datetime
) -> None:
    """Make what is remembered of a locked account's rights stale, and end its sign-ins.

    Only those `of` one membership end where one is given. Signing in again mints a new token for
    the new rights.
    """
    account.version += 1
    ending = update(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None))
    if of is not None:
        ending = ending.where(SignIn.membership_id == of.id)
    await session.execute(ending.values(ended_at=at))
    await session.flush()


async def new_hash(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        WeakPassword: its length is out of bounds.
    """
    if not fits_password(password):
        raise WeakPassword(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            field="password",
            shortest=SHORTEST_PASSWORD,
            longest=LONGEST_PASSWORD,
        )
    return await hashed(password)
