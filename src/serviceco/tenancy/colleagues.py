"""Whom somebody may change, and which rights they may give. Role `serviceco_auth`.

Whoever changes somebody stands at least as high, and nobody changes themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.identity.invitations import find_open_invitation
from serviceco.identity.queries import find_staff_membership, list_members_with
from serviceco.identity.tables import Invitation, Membership
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_staff
from serviceco.tenancy.rules import may_grant
from serviceco.tenancy.tables import Branch, Staff
from serviceco.tenancy.words import LastOwner, OwnRights, Role


@dataclass(frozen=True, slots=True)
class Colleague:
    """A locked person of the staff with the rights they have, or wait for."""

    staff: Staff
    membership: Membership | None
    invitation: Invitation | None

    @property
    def rights(self) -> Membership | Invitation | None:
        """What holds their roles and branches."""
        return self.membership or self.invitation


async def lock_colleague(session: AsyncSession, actor: Actor, staff_id: UUID) -> Colleague:
    """Lock a person whom the actor may change.

    Raises:
        NotPermitted: the actor does not manage staff, or the person holds a role that they may
            not give.
        NotFound: the tenant has no such person, or not in the actor's scope.
        OwnRights: the person is the actor.
    """
    actor.require(Permission.MANAGE_STAFF)
    staff = await get_staff(session, staff_id, lock=True)
    membership = await find_staff_membership(session, tenant_of(session), staff_id)
    waiting = None
    if membership is None:
        waiting = await find_open_invitation(session, actor, staff_id)
    colleague = Colleague(staff, membership, waiting)
    rights = colleague.rights
    if rights is not None and not covers(actor, rights.branch_ids):
        raise NotFound("There is no such person here.")
    if actor.staff_id == staff_id or (membership and membership.account_id == actor.account_id):
        raise OwnRights("Nobody changes their own rights. Ask a second person.")
    if rights is not None and not may_grant(actor, known_roles(rights.roles)):
        raise NotPermitted("This person holds a role that you may not give.")
    return colleague


async def check_rights(
    session: AsyncSession, actor: Actor, roles: frozenset[Role], branch_ids: frozenset[UUID] | None
) -> None:
    """Pass if the actor may give these roles in these branches of the tenant.

    Raises:
        InvalidInput: there is no role, or no branch where not all are meant.
        NotPermitted: the actor may not give one of the roles.
        NotFound: the tenant has no such branch.
    """
    if not roles:
        raise InvalidInput("Choose at least one role.", field="roles")
    if not may_grant(actor, roles):
        raise NotPermitted("You may not give these roles.", field="roles")
    if branch_ids is None:
        return
    if not branch_ids:
        raise InvalidInput("Choose at least one branch, or all of them.", field="branch_ids")
    there = await session.scalar(
        select(func.count()).where(
            Branch.tenant_id == tenant_of(session), Branch.id.in_(branch_ids)
        )
    )
    if there != len(branch_ids):
        raise NotFound("There is no such branch.", field="branch_ids")


async def keep_an_owner(
    session: AsyncSession, membership: Membership, *, stays_owner: bool
) -> None:
    """Pass if an owner is left; all owners are locked, so two cannot dismiss each other at once.

    Raises:
        LastOwner: the membership is the last active one of an owner, and would stay none.
    """
    if stays_owner or Role.OWNER.value not in membership.roles or not membership.is_active:
        return
    owners = await list_members_with(session, tenant_of(session), Role.OWNER.value)
    if all(owner.id == membership.id for owner in owners):
        raise LastOwner("The company needs an owner. Make somebody else one first.")


def covers(actor: Actor, branch_ids: Iterable[UUID] | None) -> bool:
    """Tell whether somebody of these branches (None is all) is in the actor's scope."""
    if actor.branch_ids is None:
        return True
    return branch_ids is not None and frozenset(branch_ids) <= actor.branch_ids


def known_roles(roles: Iterable[str]) -> frozenset[Role]:
    """Return the roles of these values; one of a later version is left out."""
    return frozenset(role for role in Role if role.value in frozenset(roles))
