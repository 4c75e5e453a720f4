"""What sets a repair company up: branches, staff, and which brand a printed name means."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, InvalidInput
from serviceco.evidence.operations import record
from serviceco.storage import outbox
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import (
    find_alias,
    find_branch,
    find_staff,
    get_alias,
    get_branch,
    get_brand,
)
from serviceco.tenancy.rules import fold_spelling, is_code, is_zone
from serviceco.tenancy.tables import Branch, BrandAlias, Staff
from serviceco.tenancy.words import CodeTaken, InvalidCode, Place, UnknownZone

MOST_AT_ONCE = 100


async def add_branch(
    session: AsyncSession,
    actor: Actor,
    code: str,
    place: Place,
    *,
    imported_as: str | None = None,
    at: datetime,
) -> Branch:
    """Open a branch; `code` stands in its pages' addresses.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        InvalidCode: the code cannot stand in an address.
        InvalidInput: the branch has no name.
        UnknownZone: there is no such time zone.
        CodeTaken: another branch of the tenant has the code.
    """
    actor.require(Permission.MANAGE_TENANT)
    if not is_code(code):
        raise InvalidCode("A code has 1 to 20 letters, digits, - or _.", field="code")
    if not is_zone(place.zone):
        raise UnknownZone("There is no such time zone.", field="zone")
    _require_name(place)
    if await find_branch(session, code):
        raise CodeTaken("Another branch has this code.", field="code")
    branch = Branch(
        tenant_id=tenant_of(session),
        id=new_id(),
        code=code,
        name=place.name,
        address=place.address,
        phone=place.phone,
        zone=place.zone,
        imported_as=imported_as,
        opened_at=at,
    )
    session.add(branch)
    await session.flush()
    await record(session, actor, "branch.opened", branch, at=at, code=code)
    await session.flush()
    return branch


async def change_branch(
    session: AsyncSession, actor: Actor, branch_id: UUID, place: Place, *, at: datetime
) -> Branch:
    """Write a branch's name, address and telephone anew; its code and its zone stay.

    The days of its past were cut by that zone.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        NotFound: the tenant has no such branch in the actor's scope.
        InvalidInput: the branch has no name.
    """
    actor.require(Permission.MANAGE_TENANT)
    actor.require_branch(branch_id)
    branch = await get_branch(session, branch_id, lock=True)
    _require_name(place)
    branch.name, branch.address, branch.phone = place.name, place.address, place.phone
    await record(session, actor, "branch.changed", branch, at=at)
    await session.flush()
    return branch


async def reopen_branch(
    session: AsyncSession, actor: Actor, branch_id: UUID, *, at: datetime
) -> Branch:
    """Let a closed branch take devices in again; an open one stays as it is.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        NotFound: the tenant has no such branch in the actor's scope.
    """
    actor.require(Permission.MANAGE_TENANT)
    actor.require_branch(branch_id)
    branch = await get_branch(session, branch_id, lock=True)
    if branch.closed_at is not None:
        branch.closed_at = None
        await record(session, actor, "branch.reopened", branch, at=at)
        await session.flush()
    return branch


async def add_staff(
    session: AsyncSession, actor: Actor, code: str, *, name: str, account_id: UUID | None = None
) -> Staff:
    """Take a person on; without an account they cannot sign in.

    Raises:
        NotPermitted: the actor does not manage staff.
        CodeTaken: somebody else of the tenant has the code.
    """
    actor.require(Permission.MANAGE_STAFF)
    if await find_staff(session, code):
        raise CodeTaken("Somebody else has this staff code.", field="code")
    staff = Staff(
        tenant_id=tenant_of(session), id=new_id(), code=code, name=name, account_id=account_id
    )
    session.add(staff)
    await session.flush()
    return staff


async def find_or_add_alias(session: AsyncSession, printed: str) -> BrandAlias:
    """Return the tenant's name for what is printed on a device, noting a new one undecided.

    Two clerks who meet the name at once get the same row.
    """
    await session.execute(
        insert(BrandAlias)
        .values(
            tenant_id=tenant_of(session),
            id=new_id(),
            spelling=fold_spelling(printed),
            printed=printed.strip(),
            version=1,
        )
        .on_conflict_do_nothing()
    )
    alias = await find_alias(session, printed)
    if alias is None:
        raise Conflict("The brand name was changed at the same moment. Please try again.")
    return alias


async def decide_alias(
    session: AsyncSession,
    actor: Actor,
    alias_id: UUID,
    *,
    brand_id: UUID | None,
    version: int | None = None,
    at: datetime,
) -> BrandAlias:
    """Say which brand a printed name means, or (None) that it is no brand of ours.

    Devices and orders of the name follow by `brand_alias.decided` from the outbox. `version` is
    the one that the actor read, where they read one.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the tenant has no such name, or there is no such brand.
        Conflict: somebody decided since.
    """
    actor.require(Permission.MANAGE_BRANDS)
    alias = await get_alias(session, alias_id, lock=True)
    if version is not None and version != alias.version:
        raise Conflict("Somebody else decided this brand name since you opened it.")
    brand = await get_brand(session, brand_id) if brand_id else None
    alias.brand_id = brand.id if brand else None
    alias.decided_by = actor.account_id
    alias.decided_at = at
    alias.version += 1
    decided: dict[str, object] = {"alias_id": alias.id, "brand_id": alias.brand_id}
    await outbox.send(session, "brand_alias.decided", decided, at=at)
    await session.flush()
    return alias


async def decide_aliases(
    session: AsyncSession,
    actor: Actor,
    names: Mapping[UUID, int],
    *,
    brand_id: UUID | None,
    at: datetime,
) -> list[BrandAlias]:
    """Decide several printed names alike, all of them or none; `names` holds the versions read.

    Raises:
        InvalidInput: there is no name, or more than a hundred.
        Refusal: as `decide_alias` for each name.
    """
    if not 1 <= len(names) <= MOST_AT_ONCE:
        raise InvalidInput(f"Decide 1 to {MOST_AT_ONCE} names at once.", field="names")
    # In the order of their ids, so that two who decide the same names do not wait in a circle.
    return [
        await decide_alias(session, actor, alias_id, brand_id=brand_id, version=version, at=at)
        for alias_id, version in sorted(names.items())
    ]


def _require_name(place: Place) -> None:
    if not place.name.strip():
        raise InvalidInput("A branch has a name.", field="name")
