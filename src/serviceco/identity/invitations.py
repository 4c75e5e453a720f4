"""One-use links: into a company or brand, and to a new password. Role `serviceco_auth`.

Whoever makes a link brings its token, of at least 256 random bits, and keeps it no longer than it
takes to hand it on; only its hash is stored, so a repeated request gives the same link.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.identity.operations import change_rights, within_scope
from serviceco.identity.queries import find_account, get_account
from serviceco.identity.rules import (
    INVITATION_LASTS,
    RESET_LASTS,
    folded_email,
    is_email,
    is_secret,
    token_hash,
)
from serviceco.identity.tables import Account, Invitation, Membership, PasswordReset
from serviceco.identity.words import (
    EmailTaken,
    InvalidEmail,
    Invited,
    LinkEnded,
    Newcomer,
    WorksElsewhere,
    WrongCredentials,
)


async def invite(
    session: AsyncSession, actor: Actor, invited: Invited, *, token: str, at: datetime
) -> Invitation:
    """Let whoever holds the token become a member of the actor's tenant or brand, for seven days.

    An earlier invitation of the same person there ends.

    Raises:
        NotPermitted: the actor does not manage staff, or not in every branch where all are meant.
        NotFound: a branch is not in the actor's scope.
        InvalidEmail: this is no e-mail address.
        EmailTaken: the person is a member already, if only a deactivated one.
        InvalidInput: the token is too short to be a secret.
    """
    actor.require(Permission.MANAGE_STAFF)
    _require_secret(token)
    branches = within_scope(actor, invited.branch_ids)
    if not is_email(invited.email):
        raise InvalidEmail("This is no e-mail address.", field="email")
    email = folded_email(invited.email)
    if await _is_member(session, actor, email):
        raise EmailTaken("Whoever signs in with this e-mail works here already.", field="email")
    same = Invitation.email == email
    if invited.staff_id is not None:
        same = or_(same, Invitation.staff_id == invited.staff_id)
    await _withdraw(session, and_(_of_home(Invitation, actor), same), at=at)
    invitation = Invitation(
        id=new_id(),
        token_hash=token_hash(token),
        email=email,
        name=invited.name,
        tenant_id=actor.tenant_id,
        brand_id=actor.brand_id,
        staff_id=invited.staff_id,
        roles=sorted(invited.roles),
        branch_ids=branches,
        invited_by=actor.account_id,
        created_at=at,
        expires_at=at + INVITATION_LASTS,
    )
    session.add(invitation)
    await session.flush()
    return invitation


async def find_invitation(
    session: AsyncSession, token: str, *, lock: bool = False, at: datetime
) -> Invitation:
    """Return the invitation that the token opens.

    Raises:
        LinkEnded: it is unknown, used, withdrawn or expired.
    """
    wanted = select(Invitation).where(
        Invitation.token_hash == token_hash(token),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > at,
    )
    invitation = await session.scalar(wanted.with_for_update() if lock else wanted)
    if invitation is None:
        raise LinkEnded("This link has been used, or has ended. Please ask for a new one.")
    return invitation


async def find_open_invitation(
    session: AsyncSession, actor: Actor, staff_id: UUID
) -> Invitation | None:
    """Return the invitation of a person of the actor's tenant that waits or ran out, locked."""
    found: Invitation | None = await session.scalar(
        select(Invitation)
        .where(_of_home(Invitation, actor), Invitation.staff_id == staff_id, _waits())
        .with_for_update()
    )
    return found


async def withdraw_invitation(
    session: AsyncSession, actor: Actor, invitation: Invitation, *, at: datetime
) -> None:
    """End an invitation of the actor's tenant or brand before it is used.

    Raises:
        NotPermitted: the actor does not manage staff.
    """
    actor.require(Permission.MANAGE_STAFF)
    invitation.withdrawn_at = at
    await session.flush()


async def accept_invitation(
    session: AsyncSession,
    token: str,
    *,
    proven: Account | None,
    newcomer: Newcomer,
    at: datetime,
) -> Membership:
    """Use an invitation up, as the account that was proven or as a new one of its e-mail.

    Raises:
        LinkEnded: it is unknown, used, withdrawn or expired.
        WrongCredentials: the e-mail has another account, or it changed since it was proven.
    """
    invitation = await find_invitation(session, token, lock=True, at=at)
    account = await find_account(session, invitation.email)
    if account is None:
        account = _new_account(session, invitation.email, newcomer, at=at)
    else:
        await _require_proof(session, account, proven)
    membership = Membership(
        id=new_id(),
        account_id=account.id,
        tenant_id=invitation.tenant_id,
        brand_id=invitation.brand_id,
        staff_id=invitation.staff_id,
        roles=invitation.roles,
        branch_ids=invitation.branch_ids,
    )
    invitation.accepted_at = at
    await session.flush()
    session.add(membership)
    await session.flush()
    return membership


async def open_reset(
    session: AsyncSession, actor: Actor, account_id: UUID, *, token: str, at: datetime
) -> PasswordReset:
    """Let whoever holds the token set the account's password once, within a day.

    The old password serves until then. An earlier reset of the account ends.

    Raises:
        NotPermitted: the actor does not manage staff.
        NotFound: the account is no member of the actor's tenant or brand.
        WorksElsewhere: it is a member elsewhere too, where the actor has no say.
        InvalidInput: the token is too short to be a secret.
    """
    actor.require(Permission.MANAGE_STAFF)
    _require_secret(token)
    homes = (
        await session.execute(
            select(Membership.tenant_id, Membership.brand_id).where(
                Membership.account_id == account_id, Membership.is_active
            )
        )
    ).all()
    mine = (actor.tenant_id, actor.brand_id)
    if mine not in {tuple(home) for home in homes}:
        raise NotFound("There is no such person here.")
    if actor.kind is not ActorKind.SYSTEM and len({tuple(home) for home in homes}) > 1:
        raise WorksElsewhere("This person also works elsewhere; the operator resets the password.")
    await session.execute(
        update(PasswordReset)
        .where(PasswordReset.account_id == account_id, PasswordReset.expires_at > at)
        .values(expires_at=at)
    )
    reset = PasswordReset(
        id=new_id(),
        token_hash=token_hash(token),
        account_id=account_id,
        asked_by=actor.account_id,
        created_at=at,
        expires_at=at + RESET_LASTS,
    )
    session.add(reset)
    await session.flush()
    return reset


async def find_reset(
    session: AsyncSession, token: str, *, lock: bool = False, at: datetime
) -> PasswordReset:
    """Return the password reset that the token opens.

    Raises:
        LinkEnded: it is unknown, used or expired.
    """
    wanted = select(PasswordReset).where(
        PasswordReset.token_hash == token_hash(token),
        PasswordReset.used_at.is_(None),
        PasswordReset.expires_at > at,
    )
    reset = await session.scalar(wanted.with_for_update() if lock else wanted)
    if reset is None:
        raise LinkEnded("This link has been used, or has ended. Please ask for a new one.")
    return reset


async def use_reset(
    session: AsyncSession, token: str, *, password_hash: str, at: datetime
) -> Account:
    """Set the new password and end every sign-in of the account.

    Raises:
        LinkEnded: the link is unknown, used or expired, or the account is closed.
    """
    reset = await find_reset(session, token, lock=True, at=at)
    account = await get_account(session, reset.account_id, lock=True)
    if not account.is_active:
        raise LinkEnded("This link has been used, or has ended. Please ask for a new one.")
    reset.used_at = at
    account.password_hash = password_hash
    await change_rights(session, account, at=at)
    return account


def _new_account(session: AsyncSession, email: str, newcomer: Newcomer, *, at: datetime) -> Account:
    account = Account(
        id=new_id(),
        email=email,
        name=newcomer.name,
        password_hash=newcomer.password_hash,
        language=newcomer.language,
        created_at=at,
    )
    session.add(account)
    return account


async def _require_proof(session: AsyncSession, account: Account, proven: Account | None) -> None:
    locked = await get_account(session, account.id, lock=True)
    is_same = proven is not None and proven.id == locked.id
    if not (is_same and locked.is_active and locked.password_hash == proven.password_hash):  # type: ignore[union-attr]  # is_same says that it is there
        raise WrongCredentials("E-mail and password do not match.", field="password")


def _require_secret(token: str) -> None:
    if not is_secret(token):
        raise InvalidInput("A token has 43 to 128 letters of base64url.", field="token")


def _of_home(table: type[Invitation | Membership], actor: Actor) -> ColumnElement[bool]:
    if actor.brand_id:
        return table.brand_id == actor.brand_id
    return table.tenant_id == actor.tenant_id


def _waits() -> ColumnElement[bool]:
    return and_(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


async def _withdraw(session: AsyncSession, where: ColumnElement[bool], *, at: datetime) -> None:
    await session.execute(update(Invitation).where(where, _waits()).values(withdrawn_at=at))


async def _is_member(session: AsyncSession, actor: Actor, email: str) -> bool:
    member = await session.scalar(
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(_of_home(Membership, actor), Account.email == email)
        .limit(1)
    )
    return member is not None
