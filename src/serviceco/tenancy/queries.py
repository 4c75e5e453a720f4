"""Reads of tenants, branches, brands, contracts and staff."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.refusals import NotFound
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import fold_spelling
from serviceco.tenancy.tables import (
    Branch,
    Brand,
    BrandAlias,
    Contract,
    ContractBranch,
    Staff,
    Tenant,
)
from serviceco.tenancy.words import Authorisation


async def get_tenant(session: AsyncSession) -> Tenant:
    """Return the tenant to which the unit of work is bound.

    Raises:
        NotFound: no tenant has this id.
    """
    tenant = await session.get(Tenant, tenant_of(session))
    if tenant is None:
        raise NotFound("There is no such company.")
    return tenant


async def find_tenant(session: AsyncSession, slug: str) -> Tenant | None:
    """Return the tenant with this slug; needs no tenant to be bound."""
    tenant: Tenant | None = await session.scalar(select(Tenant).where(Tenant.slug == slug))
    return tenant


async def list_tenants(session: AsyncSession) -> Sequence[Tenant]:
    """Return all tenants by slug; for the worker and for set-up."""
    return (await session.scalars(select(Tenant).order_by(Tenant.slug))).all()


async def list_brands(session: AsyncSession) -> Sequence[Brand]:
    """Return all brands by code; for the worker."""
    return (await session.scalars(select(Brand).order_by(Brand.code))).all()


async def get_branch(session: AsyncSession, branch_id: UUID, *, lock: bool = False) -> Branch:
    """Return a branch of the tenant, locked if asked.

    Raises:
        NotFound: the tenant has no such branch.
    """
    wanted = select(Branch).where(Branch.tenant_id == tenant_of(session), Branch.id == branch_id)
    branch = await session.scalar(wanted.with_for_update() if lock else wanted)
    if branch is None:
        raise NotFound("There is no such branch.")
    return branch


async def find_branch(session: AsyncSession, code: str) -> Branch | None:
    """Return the tenant's branch with this code."""
    branch: Branch | None = await session.scalar(
        select(Branch).where(Branch.tenant_id == tenant_of(session), Branch.code == code)
    )
    return branch


async def list_branches(session: AsyncSession) -> Sequence[Branch]:
    """Return the tenant's branches by code."""
    rows = await session.scalars(
        select(Branch).where(Branch.tenant_id == tenant_of(session)).order_by(Branch.code)
    )
    return rows.all()


async def find_brand(session: AsyncSession, code: str) -> Brand | None:
    """Return the brand with this code."""
    brand: Brand | None = await session.scalar(select(Brand).where(Brand.code == code))
    return brand


async def get_brand(session: AsyncSession, brand_id: UUID) -> Brand:
    """Return a brand.

    Raises:
        NotFound: there is no such brand.
    """
    brand = await session.get(Brand, brand_id)
    if brand is None:
        raise NotFound("There is no such brand.")
    return brand


async def list_contract_brands(session: AsyncSession, on: date) -> Sequence[Brand]:
    """Return the brands with which the tenant has a contract in force on that day, by code."""
    rows = await session.scalars(
        select(Brand)
        .where(
            Brand.id.in_(
                select(Contract.brand_id).where(
                    Contract.tenant_id == tenant_of(session),
                    Contract.since <= on,
                    or_(Contract.until.is_(None), Contract.until > on),
                )
            )
        )
        .order_by(Brand.code)
    )
    return rows.all()


async def contract_in_force(
    session: AsyncSession, *, brand_id: UUID, branch_id: UUID, on: date
) -> Authorisation | None:
    """Return what the branch may do for the brand on that day of the branch, or None."""
    tenant_id = tenant_of(session)
    row = (
        await session.execute(
            select(Contract.id, Contract.number, ContractBranch.repair_level)
            .join(
                ContractBranch,
                (ContractBranch.contract_id == Contract.id)
                & (ContractBranch.tenant_id == tenant_id),
            )
            .where(
                Contract.tenant_id == tenant_id,
                Contract.brand_id == brand_id,
                ContractBranch.branch_id == branch_id,
                Contract.since <= on,
                or_(Contract.until.is_(None), Contract.until > on),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return Authorisation(contract_id=row.id, contract_number=row.number, repair_level=row[2])


async def get_contract(session: AsyncSession, contract_id: UUID, *, lock: bool = False) -> Contract:
    """Return a contract of the tenant, locked if asked.

    Raises:
        NotFound: the tenant has no such contract.
    """
    wanted = select(Contract).where(
        Contract.tenant_id == tenant_of(session), Contract.id == contract_id
    )
    contract = await session.scalar(wanted.with_for_update() if lock else wanted)
    if contract is None:
        raise NotFound("There is no such contract.")
    return contract


async def find_authorisation(
    session: AsyncSession, contract_id: UUID, branch_id: UUID
) -> ContractBranch | None:
    """Return what a contract of the tenant lets a branch do."""
    found: ContractBranch | None = await session.scalar(
        select(ContractBranch).where(
            ContractBranch.tenant_id == tenant_of(session),
            ContractBranch.contract_id == contract_id,
            ContractBranch.branch_id == branch_id,
        )
    )
    return found


async def find_contract(session: AsyncSession, number: str) -> Contract | None:
    """Return the tenant's contract with this number."""
    contract: Contract | None = await session.scalar(
        select(Contract).where(Contract.tenant_id == tenant_of(session), Contract.number == number)
    )
    return contract


async def find_staff(session: AsyncSession, code: str) -> Staff | None:
    """Return the person with this staff code."""
    staff: Staff | None = await session.scalar(
        select(Staff).where(Staff.tenant_id == tenant_of(session), Staff.code == code)
    )
    return staff


async def get_staff(session: AsyncSession, staff_id: UUID, *, lock: bool = False) -> Staff:
    """Return a person of the tenant's staff, locked if asked.

    Raises:
        NotFound: nobody on the tenant's staff has this id.
    """
    wanted = select(Staff).where(Staff.tenant_id == tenant_of(session), Staff.id == staff_id)
    staff = await session.scalar(wanted.with_for_update() if lock else wanted)
    if staff is None:
        raise NotFound("There is no such person here.")
    return staff


async def list_staff(session: AsyncSession, *, staff_id: UUID | None = None) -> Sequence[Staff]:
    """Return the tenant's people by code, those who left too; or only the one of an id."""
    wanted = select(Staff).where(Staff.tenant_id == tenant_of(session))
    if staff_id is not None:
        wanted = wanted.where(Staff.id == staff_id)
    return (await session.scalars(wanted.order_by(Staff.code))).all()


async def get_alias(session: AsyncSession, alias_id: UUID, *, lock: bool = False) -> BrandAlias:
    """Return a printed brand name of the tenant, locked if asked.

    Raises:
        NotFound: the tenant has no such name.
    """
    wanted = select(BrandAlias).where(
        BrandAlias.tenant_id == tenant_of(session), BrandAlias.id == alias_id
    )
    alias = await session.scalar(wanted.with_for_update() if lock else wanted)
    if alias is None:
        raise NotFound("There is no such brand name.")
    return alias


async def find_alias(session: AsyncSession, printed: str) -> BrandAlias | None:
    """Return the tenant's name that this print folds to."""
    alias: BrandAlias | None = await session.scalar(
        select(BrandAlias).where(
            BrandAlias.tenant_id == tenant_of(session),
            BrandAlias.spelling == fold_spelling(printed),
        )
    )
    return alias


async def list_aliases(session: AsyncSession, *, undecided_only: bool) -> Sequence[BrandAlias]:
    """Return the tenant's printed names by spelling."""
    wanted = select(BrandAlias).where(BrandAlias.tenant_id == tenant_of(session))
    if undecided_only:
        wanted = wanted.where(BrandAlias.decided_at.is_(None))
    return (await session.scalars(wanted.order_by(BrandAlias.spelling))).all()
