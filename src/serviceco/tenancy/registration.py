"""What the operator of the whole system registers: tenants, brands, and the rights of people.

Sessions are of `storage.unit_of_work.global_work`; each verb names its database role.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotPermitted
from serviceco.identity.operations import add_membership
from serviceco.identity.tables import Membership
from serviceco.tenancy.queries import find_brand, find_tenant
from serviceco.tenancy.rules import is_slug, is_zone, may_grant
from serviceco.tenancy.tables import Brand, Tenant
from serviceco.tenancy.words import CodeTaken, Company, InvalidCode, Role, UnknownZone

# ISO 4217 and ISO 3166-1 by their form alone: both lists grow.
_CURRENCY, _COUNTRY, _NAME = re.compile("[A-Z]{3}"), re.compile("[A-Z]{2}"), re.compile(r".*\S.*")


async def register_tenant(
    session: AsyncSession,
    actor: Actor,
    slug: str,
    company: Company,
    *,
    at: datetime,
) -> Tenant:
    """Take on a repair company, under the id of the actor's tenant. Role `serviceco_admin`.

    Raises:
        NotPermitted: the actor is not the system's operator.
        InvalidCode, UnknownZone, InvalidInput: slug, zone, currency, country or name are none.
        CodeTaken: another company has the slug.
    """
    _require_operator(actor)
    _require_place_in_the_world(slug, company)
    if await find_tenant(session, slug):
        raise CodeTaken("Another company has this name in its address.", field="slug")
    tenant = Tenant(
        id=actor.tenant,
        slug=slug,
        name=company.name,
        currency=company.currency,
        zone=company.zone,
        language=company.language,
        country=company.country,
        created_at=at,
    )
    session.add(tenant)
    await session.flush()
    return tenant


async def register_brand(
    session: AsyncSession, actor: Actor, code: str, *, name: str, names: Mapping[str, str]
) -> Brand:
    """Take on a brand; `names` holds one text per language tag. Role `serviceco_admin`.

    Raises:
        NotPermitted: the actor is not the system's operator.
        InvalidCode: the code cannot stand in an address.
        CodeTaken: another brand has the code.
    """
    _require_operator(actor)
    _require_code(code, "code")
    if await find_brand(session, code):
        raise CodeTaken("Another brand has this code.", field="code")
    brand = Brand(id=new_id(), code=code, name=name, names=dict(names))
    session.add(brand)
    await session.flush()
    return brand


async def grant_roles(
    session: AsyncSession,
    actor: Actor,
    account_id: UUID,
    *,
    staff_id: UUID | None,
    roles: Iterable[Role],
    branch_ids: Iterable[UUID] | None,
    at: datetime,
) -> Membership:
    """Give an account roles in the actor's tenant or brand. Role `serviceco_auth`.

    Raises:
        NotPermitted: the actor does not manage staff, or may not give one of the roles.
        NotFound: there is no such account.
    """
    wanted = frozenset(roles)
    if not may_grant(actor, wanted):
        raise NotPermitted("You may not give these roles.")
    return await add_membership(
        session, actor, account_id, staff_id=staff_id, roles=wanted, branch_ids=branch_ids, at=at
    )


def _require_place_in_the_world(slug: str, company: Company) -> None:
    _require_code(slug, "slug")
    if not is_zone(company.zone):
        raise UnknownZone("There is no such time zone.", field="zone")
    shapes = {"currency": _CURRENCY, "country": _COUNTRY, "name": _NAME}
    for field, shape in shapes.items():
        if not shape.fullmatch(getattr(company, field)):
            raise InvalidInput(f"This is no {field}.", field=field)


def _require_code(code: str, field: str) -> None:
    if not is_slug(code):
        raise InvalidCode("A code has letters, digits, - and _ alone.", field=field)


def _require_operator(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Only the operator of the system registers companies and brands.")
