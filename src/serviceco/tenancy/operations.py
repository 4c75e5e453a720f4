"""What sets a repair company up: branches, staff, contracts, and which brand a printed name means."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, InvalidInput
from serviceco.storage import outbox
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import (
    find_alias,
    find_branch,
    find_contract,
    find_staff,
    get_alias,
    get_branch,
    get_brand,
    get_contract,
)
from serviceco.tenancy.rules import fold_spelling
from serviceco.tenancy.tables import Branch, BrandAlias, Contract, ContractBranch, Staff
from serviceco.tenancy.words import CodeTaken, ContractsOverlap, PeriodBackwards, Place


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
        CodeTaken: another branch of the tenant has the code.
    """
    actor.require(Permission.MANAGE_TENANT)
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


async def sign_contract(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    brand_id: UUID,
    since: date,
    until: date | None = None,
) -> Contract:
    """Record a brand's authorisation of the tenant, from `since` (in) to `until` (out).

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: there is no such brand.
        PeriodBackwards: `until` is not after `since`.
        CodeTaken: another contract has the number.
        ContractsOverlap: a contract with the brand covers some of the days.
    """
    actor.require(Permission.MANAGE_BRANDS)
    if until is not None and until <= since:
        raise PeriodBackwards("A contract ends after it begins.", field="until")
    brand = await get_brand(session, brand_id)
    await _refuse_second_contract(session, number, brand.id, since, until)
    contract = Contract(
        tenant_id=tenant_of(session),
        id=new_id(),
        number=number,
        brand_id=brand.id,
        since=since,
        until=until,
    )
    session.add(contract)
    await session.flush()
    return contract


async def authorise_branch(
    session: AsyncSession, actor: Actor, contract_id: UUID, branch_id: UUID, *, repair_level: int
) -> ContractBranch:
    """Let a branch work under a contract up to a repair level of 1, 2 or 3; again changes the level.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the tenant has no such contract or branch.
        InvalidInput: there is no such level.
    """
    actor.require(Permission.MANAGE_BRANDS)
    if repair_level not in {1, 2, 3}:
        raise InvalidInput("A repair level is 1, 2 or 3.", field="repair_level")
    contract = await get_contract(session, contract_id)
    branch = await get_branch(session, branch_id)
    return await session.merge(
        ContractBranch(
            tenant_id=tenant_of(session),
            contract_id=contract.id,
            branch_id=branch.id,
            repair_level=repair_level,
        )
    )


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


async def _refuse_second_contract(
    session: AsyncSession, number: str, brand_id: UUID, since: date, until: date | None
) -> None:
    mine = Contract.tenant_id == tenant_of(session)
    if await find_contract(session, number):
        raise CodeTaken("Another contract has this number.", field="number")
    ends_later = or_(Contract.until.is_(None), Contract.until > since)
    overlap = select(Contract.number).where(mine, Contract.brand_id == brand_id, ends_later)
    if until is not None:
        overlap = overlap.where(Contract.since < until)
    other = await session.scalar(overlap.limit(1))
    if other:
        raise ContractsOverlap(
            f"Contract {other} covers some of these days.", field="since", contract=other
        )
