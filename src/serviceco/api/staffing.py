"""People of the company in GraphQL: who may do what and where, invitations, resets, the roles."""

from datetime import datetime
from uuid import UUID

import strawberry

from serviceco.api.evidence import EventType
from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.fields import many
from serviceco.api.plan.filters import equals, required
from serviceco.api.rights import OF_CALLER
from serviceco.api.tenancy import StaffType
from serviceco.core.actor import Permission
from serviceco.evidence.tables import Event
from serviceco.identity.queries import list_admissions
from serviceco.identity.words import Admission
from serviceco.storage.engines import Role as DatabaseRole
from serviceco.tenancy import sign_in_rules, staffing
from serviceco.tenancy.colleagues import covers, known_roles
from serviceco.tenancy.queries import list_staff
from serviceco.tenancy.rules import PERMISSIONS, may_grant
from serviceco.tenancy.tables import Staff
from serviceco.tenancy.words import Role, StaffGiven


@strawberry.type(description="A person of the company with what they may do.")
class Colleague:
    """GraphQL face of a person and their admission."""

    staff_id: UUID = strawberry.field(description="Id of the person on the staff.")
    code: str = strawberry.field(description="Staff number.")
    name: str = strawberry.field(description="Name.")
    is_active: bool = strawberry.field(description="Whether they work here now.")
    email: str = strawberry.field(description="E-mail they sign in with; empty without an account.")
    roles: list[Role] = strawberry.field(description="Roles held, or offered by the invitation.")
    branch_ids: list[UUID] | None = strawberry.field(description="Their branches; null is all.")
    has_joined: bool = strawberry.field(description="Whether they opened their invitation.")
    invited_until: datetime | None = strawberry.field(
        description="Until when their invitation opens; null without one."
    )
    last_signed_in_at: datetime | None = strawberry.field(
        description="When they last signed in to this company."
    )
    may_change: bool = strawberry.field(
        description="Whether you may change them: not yourself, and nobody above you."
    )


@strawberry.type(description="A role with all that it may do.")
class RoleRights:
    """GraphQL face of a role."""

    role: Role = strawberry.field(description="The role.")
    permissions: list[Permission] = strawberry.field(description="What it may do.")
    may_grant: bool = strawberry.field(description="Whether you may give it to somebody.")


@strawberry.input(description="A person to invite.")
class NewColleague:
    """GraphQL face of a person to take on."""

    code: str = strawberry.field(description="Staff number, unique in the company.")
    name: str = strawberry.field(description="Name; the person may write it otherwise on joining.")
    email: str = strawberry.field(description="E-mail that they will sign in with.")
    roles: list[Role] = strawberry.field(description="Their roles, at least one.")
    branch_ids: list[UUID] | None = strawberry.field(
        default=None, description="Their branches; null is all."
    )


@computed(
    "The people of the company with roles, branches and last sign-in, by code; or one of them.",
    needs=Permission.MANAGE_STAFF,
    runs_as=DatabaseRole.AUTH,
)
async def colleagues(call: Call, staff_id: UUID | None = None) -> list[Colleague]:
    """List people within the actor's scope."""
    tenant_id = call.actor.tenant
    admissions = {
        admission.staff_id: admission
        for admission in await list_admissions(call.session, tenant_id, staff_id=staff_id)
    }
    return [
        _colleague(call, person, admissions.get(person.id))
        for person in await list_staff(call.session, staff_id=staff_id)
        if person.id not in admissions or covers(call.actor, admissions[person.id].branch_ids)
    ]


@computed("The roles of a company, and what each of them may do.", needs=SIGNED_IN)
async def roles(call: Call) -> list[RoleRights]:
    """List the roles of the actor's side."""
    return [
        RoleRights(
            role=role,
            permissions=[
                permission for permission in Permission if permission in PERMISSIONS[role]
            ],
            may_grant=call.actor.may(Permission.MANAGE_STAFF) and may_grant(call.actor, {role}),
        )
        for role in Role
        if may_grant(call.actor, {role}) or role is Role.OWNER
    ]


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description=f"Invite a person. They join at `/join/{{token}}` within seven days; the token is {OF_CALLER}.",
    runs_as=DatabaseRole.AUTH,
)
async def invite_staff(call: Call, person: NewColleague, token: str) -> UUID:
    """Invite a person."""
    given = StaffGiven(
        code=person.code.strip(),
        name=person.name.strip(),
        email=person.email,
        roles=frozenset(person.roles),
        branch_ids=None if person.branch_ids is None else frozenset(person.branch_ids),
    )
    staff = await staffing.invite_staff(call.session, call.actor, given, token=token, at=call.at)
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description=f"Make a new link for an invitation that waits or ran out; the token is {OF_CALLER}.",
    runs_as=DatabaseRole.AUTH,
)
async def invite_staff_again(call: Call, staff_id: UUID, token: str) -> UUID:
    """Make a new link for an invitation."""
    staff = await staffing.invite_again(call.session, call.actor, staff_id, token=token, at=call.at)
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description="End an invitation before it is used; its link opens nothing any more.",
    runs_as=DatabaseRole.AUTH,
)
async def withdraw_invitation(call: Call, staff_id: UUID) -> UUID:
    """End an invitation."""
    staff = await staffing.withdraw_invitation(call.session, call.actor, staff_id, at=call.at)
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description="Give a person these roles and branches instead of those they have; they sign in anew.",
    runs_as=DatabaseRole.AUTH,
)
async def change_staff_rights(
    call: Call, staff_id: UUID, roles: list[Role], branch_ids: list[UUID] | None = None
) -> UUID:
    """Change roles and branches."""
    staff = await staffing.change_staff_rights(
        call.session, call.actor, staff_id, roles=roles, branch_ids=branch_ids, at=call.at
    )
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description="Let a person in no more: their sign-ins end at once. `reactivateStaff` undoes it.",
    runs_as=DatabaseRole.AUTH,
)
async def deactivate_staff(call: Call, staff_id: UUID) -> UUID:
    """Deactivate a person."""
    staff = await staffing.deactivate_staff(call.session, call.actor, staff_id, at=call.at)
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description="Let a deactivated person in again, with the rights they had.",
    runs_as=DatabaseRole.AUTH,
)
async def reactivate_staff(call: Call, staff_id: UUID) -> UUID:
    """Reactivate a person."""
    staff = await staffing.reactivate_staff(call.session, call.actor, staff_id, at=call.at)
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description=f"Let a person set a new password at `/password/{{token}}`, once and within a day; the token is {OF_CALLER}.",
    runs_as=DatabaseRole.AUTH,
)
async def open_password_reset(call: Call, staff_id: UUID, token: str) -> UUID:
    """Open a password reset."""
    staff = await staffing.open_password_reset(
        call.session, call.actor, staff_id, token=token, at=call.at
    )
    return staff.id


@mutation(
    StaffType,
    needs=Permission.MANAGE_STAFF,
    description="Take the second factors from a person who lost them; they sign in by password.",
    runs_as=DatabaseRole.AUTH,
)
async def reset_second_factor(call: Call, staff_id: UUID) -> UUID:
    """Reset a person's second factors."""
    staff = await sign_in_rules.reset_second_factor(call.session, call.actor, staff_id, at=call.at)
    return staff.id


@strawberry.type
class StaffingQueries:
    """Root fields of staffing."""

    staff_log: list[EventType] = many(
        "What was done about a person of the staff, the latest first.",
        order_by=(Event.seq.desc(),),
        at_most=200,
        where=Event.subject_kind == Staff.__tablename__,
        filters={"staff_id": required(equals(Event.subject_id, "The person."))},
        needs=Permission.MANAGE_STAFF,
    )


def _colleague(call: Call, person: Staff, admission: Admission | None) -> Colleague:
    held = known_roles(admission.roles) if admission else frozenset()
    branches = admission.branch_ids if admission else None
    return Colleague(
        staff_id=person.id,
        code=person.code,
        name=person.name,
        is_active=person.is_active,
        email=admission.email if admission else "",
        roles=[role for role in Role if role in held],
        branch_ids=None if branches is None else sorted(branches),
        has_joined=admission is not None and admission.account_id is not None,
        invited_until=admission.invited_until if admission else None,
        last_signed_in_at=admission.last_signed_in_at if admission else None,
        may_change=person.id != call.actor.staff_id and may_grant(call.actor, held),
    )


QUERIES = (StaffingQueries,)
COMPUTED = (colleagues, roles)
MUTATIONS = (
    invite_staff,
    invite_staff_again,
    withdraw_invitation,
    change_staff_rights,
    deactivate_staff,
    reactivate_staff,
    open_password_reset,
    reset_second_factor,
)
