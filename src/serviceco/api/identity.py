"""Who is asking, in GraphQL."""

from uuid import UUID

import strawberry

from serviceco.api.mutations import Call, computed
from serviceco.api.plan.access import SIGNED_IN
from serviceco.tenancy.queries import get_tenant, list_branches


@strawberry.type(description="The company for which somebody acts.")
class Company:
    """GraphQL face of a tenant."""

    slug: str = strawberry.field(description="Short name.")
    name: str = strawberry.field(description="Name.")
    currency: str = strawberry.field(description="ISO 4217 code of its money.")
    zone: str = strawberry.field(description="IANA time zone of its headquarters.")
    language: str = strawberry.field(description="BCP 47 tag of its language.")
    country: str = strawberry.field(description="ISO 3166 code of its country.")


@strawberry.type(description="A branch in the actor's scope.")
class ViewerBranch:
    """GraphQL face of a branch to choose."""

    id: UUID = strawberry.field(description="Its id.")
    code: str = strawberry.field(description="Short code.")
    name: str = strawberry.field(description="Name.")
    zone: str = strawberry.field(description="IANA time zone.")


@strawberry.type(description="Whoever asks.")
class Viewer:
    """GraphQL face of an actor."""

    name: str = strawberry.field(description="Name.")
    kind: str = strawberry.field(description="Staff, machine, brand, support or system.")
    staff_id: UUID | None = strawberry.field(description="The member of staff, if one.")
    roles: list[str] = strawberry.field(description="Roles held.")
    permissions: list[str] = strawberry.field(description="Permissions held.")
    tenant: Company = strawberry.field(description="The company.")
    branches: list[ViewerBranch] = strawberry.field(description="Open branches in scope, by code.")


@computed("Who you are, and what you may do.", needs=SIGNED_IN)
async def viewer(call: Call) -> Viewer:
    """Describe the actor."""
    actor, tenant = call.actor, await get_tenant(call.session)
    return Viewer(
        name=actor.name,
        kind=actor.kind.value,
        staff_id=actor.staff_id,
        roles=sorted(actor.roles),
        permissions=sorted(actor.permissions),
        branches=[
            ViewerBranch(id=branch.id, code=branch.code, name=branch.name, zone=branch.zone)
            for branch in await list_branches(call.session)
            if actor.sees_branch(branch.id) and branch.closed_at is None
        ],
        tenant=Company(
            slug=tenant.slug,
            name=tenant.name,
            currency=tenant.currency,
            zone=tenant.zone,
            language=tenant.language,
            country=tenant.country,
        ),
    )


COMPUTED = (viewer,)
