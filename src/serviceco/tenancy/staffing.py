"""Taking people on and letting them go: roles, branches and the links that let them in.

Units of work are of the role `serviceco_auth`, bound to the tenant: accounts and the company's own
rows change in one transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.identity import invitations
from serviceco.identity.operations import change_membership
from serviceco.identity.queries import get_account
from serviceco.identity.tables import Account, Invitation, Membership
from serviceco.identity.words import EmailTaken, Invited, Newcomer
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.colleagues import Colleague, check_rights, keep_an_owner, lock_colleague
from serviceco.tenancy.queries import find_staff, get_staff
from serviceco.tenancy.rules import permissions_of
from serviceco.tenancy.tables import Staff
from serviceco.tenancy.words import CodeTaken, NoAccount, NotInvited, Role, StaffGiven


async def invite_staff(
    session: AsyncSession, actor: Actor, given: StaffGiven, *, token: str, at: datetime
) -> Staff:
    """Take a person on and invite them by the link of the token, which opens for seven days.

    Raises:
        NotPermitted: the actor does not manage staff, or may not give one of the roles.
        NotFound: a branch is not the tenant's or not in the actor's scope.
        CodeTaken: somebody else of the tenant has the code.
        InvalidInput: code, name or role is missing, or the token is no secret.
        InvalidEmail, EmailTaken: as `identity.invitations.invite`.
    """
    actor.require(Permission.MANAGE_STAFF)
    _require_text(given)
    await check_rights(session, actor, given.roles, given.branch_ids)
    if await find_staff(session, given.code):
        raise CodeTaken("Somebody else has this staff code.", field="code")
    staff = Staff(tenant_id=tenant_of(session), id=new_id(), code=given.code, name=given.name)
    session.add(staff)
    await session.flush()
    invited = Invited(
        email=given.email,
        name=given.name,
        roles=_values(given.roles),
        branch_ids=given.branch_ids,
        staff_id=staff.id,
    )
    await invitations.invite(session, actor, invited, token=token, at=at)
    rights = _rights(given.roles, given.branch_ids)
    await record(session, actor, "staff.invited", staff, at=at, **rights)
    await session.flush()
    return staff


async def invite_again(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, token: str, at: datetime
) -> Staff:
    """Make a new link for an invitation that waits or ran out; the old link ends.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person in the actor's scope.
        NotInvited: no invitation waits.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    waiting = _require_invited(colleague)
    invited = Invited(
        email=waiting.email,
        name=waiting.name,
        roles=tuple(waiting.roles),
        branch_ids=None if waiting.branch_ids is None else frozenset(waiting.branch_ids),
        staff_id=staff_id,
    )
    await invitations.invite(session, actor, invited, token=token, at=at)
    await record(session, actor, "staff.invited_again", colleague.staff, at=at)
    await session.flush()
    return colleague.staff


async def withdraw_invitation(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, at: datetime
) -> Staff:
    """End a person's invitation before it is used; they stay on the list, deactivated.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person in the actor's scope.
        NotInvited: no invitation waits.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    await invitations.withdraw_invitation(session, actor, _require_invited(colleague), at=at)
    colleague.staff.is_active = False
    await record(session, actor, "staff.invitation_withdrawn", colleague.staff, at=at)
    await session.flush()
    return colleague.staff


async def change_staff_rights(
    session: AsyncSession,
    actor: Actor,
    staff_id: UUID,
    *,
    roles: Iterable[Role],
    branch_ids: Iterable[UUID] | None,
    at: datetime,
) -> Staff:
    """Give a person these roles in these branches instead of those they have or are invited to.

    Who works here already must sign in again, under the new rights.

    Raises:
        NotPermitted: the actor does not manage staff, stands below the person, or may not give
            one of the roles.
        NotFound: no such person or branch in the actor's scope.
        OwnRights: the person is the actor.
        LastOwner: no other owner would be left.
        NoAccount: the person has neither account nor invitation.
        InvalidInput: no role is named.
    """
    wanted, branches = frozenset(roles), None if branch_ids is None else frozenset(branch_ids)
    colleague = await lock_colleague(session, actor, staff_id)
    await check_rights(session, actor, wanted, branches)
    before = colleague.rights
    if before is None:
        raise NoAccount("This person has not been invited yet.")
    detail = _rights(wanted, branches) | {"before": sorted(before.roles)}
    if colleague.membership is not None:
        await keep_an_owner(session, colleague.membership, stays_owner=Role.OWNER in wanted)
        await change_membership(
            session,
            actor,
            colleague.membership.id,
            roles=_values(wanted),
            branch_ids=branches,
            is_active=colleague.membership.is_active,
            at=at,
        )
    else:
        before.roles = list(_values(wanted))
        before.branch_ids = None if branches is None else sorted(branches)
    await record(session, actor, "staff.rights_changed", colleague.staff, at=at, **detail)
    await session.flush()
    return colleague.staff


async def deactivate_staff(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, at: datetime
) -> Staff:
    """End a person's sign-ins and let them in no more, from the next request on; again does nothing.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person in the actor's scope.
        OwnRights: the person is the actor.
        LastOwner: no other owner would be left.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    if colleague.staff.is_active:
        if colleague.membership is not None:
            await keep_an_owner(session, colleague.membership, stays_owner=False)
            await _switch(session, actor, colleague.membership, is_active=False, at=at)
        if colleague.invitation is not None:
            await invitations.withdraw_invitation(session, actor, colleague.invitation, at=at)
        colleague.staff.is_active = False
        await record(session, actor, "staff.deactivated", colleague.staff, at=at)
        await session.flush()
    return colleague.staff


async def reactivate_staff(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, at: datetime
) -> Staff:
    """Let a deactivated person sign in again, with the rights they had; again does nothing.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person in the actor's scope.
        OwnRights: the person is the actor.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    if not colleague.staff.is_active:
        if colleague.membership is not None:
            await _switch(session, actor, colleague.membership, is_active=True, at=at)
        colleague.staff.is_active = True
        await record(session, actor, "staff.reactivated", colleague.staff, at=at)
        await session.flush()
    return colleague.staff


async def open_password_reset(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, token: str, at: datetime
) -> Staff:
    """Let a person set a new password by the link of the token, once and within a day.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person who may sign in, in the actor's scope.
        OwnRights: the person is the actor, who changes their password by the old one.
        NoAccount: the person has not opened their invitation.
        WorksElsewhere: the account belongs to other companies or brands too.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    if colleague.membership is None:
        raise NoAccount("This person has no account yet.")
    account_id = colleague.membership.account_id
    await invitations.open_reset(session, actor, account_id, token=token, at=at)
    await record(session, actor, "staff.reset_opened", colleague.staff, at=at)
    await session.flush()
    return colleague.staff


async def join_staff(
    session: AsyncSession,
    token: str,
    *,
    proven: Account | None,
    newcomer: Newcomer,
    at: datetime,
) -> Membership:
    """Use an invitation to the unit's tenant up, as `identity.invitations.accept_invitation`.

    Raises:
        LinkEnded, WrongCredentials: as there.
        EmailTaken: the account works here already under another staff code.
    """
    membership = await invitations.accept_invitation(
        session, token, proven=proven, newcomer=newcomer, at=at
    )
    account = await get_account(session, membership.account_id)
    if membership.staff_id is None or membership.tenant_id != tenant_of(session):
        raise NotFound("There is no such invitation.")
    staff = await get_staff(session, membership.staff_id, lock=True)
    await _refuse_second_place(session, account, staff)
    staff.account_id = account.id
    staff.name = account.name
    joined = _themselves(account, membership, tenant_of(session))
    await record(session, joined, "staff.joined", staff, at=at)
    await session.flush()
    return membership


def _require_invited(colleague: Colleague) -> Invitation:
    if colleague.invitation is None:
        raise NotInvited("No invitation of this person waits.")
    return colleague.invitation


def _require_text(given: StaffGiven) -> None:
    for name in ("code", "name"):
        if not getattr(given, name).strip():
            raise InvalidInput("A person has a staff code and a name.", field=name)


async def _switch(
    session: AsyncSession, actor: Actor, membership: Membership, *, is_active: bool, at: datetime
) -> None:
    await change_membership(
        session,
        actor,
        membership.id,
        roles=membership.roles,
        branch_ids=membership.branch_ids,
        is_active=is_active,
        at=at,
    )


async def _refuse_second_place(session: AsyncSession, account: Account, staff: Staff) -> None:
    other = await session.scalar(
        select(Staff.id).where(
            Staff.tenant_id == tenant_of(session),
            Staff.account_id == account.id,
            Staff.id != staff.id,
        )
    )
    if other is not None:
        raise EmailTaken("This account works here already.", field="email")


def _themselves(account: Account, membership: Membership, tenant_id: UUID) -> Actor:
    return Actor(
        kind=ActorKind.STAFF,
        account_id=account.id,
        tenant_id=tenant_id,
        staff_id=membership.staff_id,
        name=account.name,
        roles=frozenset(membership.roles),
        permissions=permissions_of(membership.roles),
    )


def _values(roles: Iterable[Role]) -> tuple[str, ...]:
    return tuple(sorted(role.value for role in roles))


def _rights(roles: Iterable[Role], branch_ids: Iterable[UUID] | None) -> dict[str, object]:
    branches = None if branch_ids is None else sorted(str(branch_id) for branch_id in branch_ids)
    return {"roles": list(_values(roles)), "branches": branches}
