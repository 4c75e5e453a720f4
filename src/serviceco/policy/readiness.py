"""What a company still lacks to work for a brand: contract, policy, branches under contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.policy.tables import PolicyVersion
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch, Brand, Contract, ContractBranch


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandReadiness:
    """How far the work for a brand is prepared on a day.

    `contract` is the one in force, else the next or the last one. `authorised` are
    open branches with their repair levels, `missing` those that it does not authorise.
    """

    brand: Brand
    contract: Contract
    is_in_force: bool
    has_policy: bool
    authorised: tuple[tuple[UUID, int], ...]
    missing: tuple[UUID, ...]


async def list_readiness(session: AsyncSession, on: date) -> Sequence[BrandReadiness]:
    """Return what is prepared for each brand with which the tenant has or had a contract, by code."""
    tenant_id = tenant_of(session)
    policy = exists().where(
        PolicyVersion.tenant_id == tenant_id,
        PolicyVersion.brand_id == Brand.id,
        PolicyVersion.effective_from <= on,
    )
    rows = await session.execute(
        select(Brand, Contract, policy)
        .join(Contract, Contract.brand_id == Brand.id)
        .where(Contract.tenant_id == tenant_id)
        .order_by(Brand.code, Contract.since)
    )
    prepared: dict[UUID, tuple[Brand, Contract, bool]] = {}
    for brand, contract, has_policy in rows:
        # The latest one stands for a brand, unless an earlier one is the one in force.
        if brand.id not in prepared or not _is_in_force(prepared[brand.id][1], on):
            prepared[brand.id] = (brand, contract, has_policy)
    branches, allowed = await _open_branches(session), await _authorised(session)
    return [
        BrandReadiness(
            brand=brand,
            contract=contract,
            is_in_force=_is_in_force(contract, on),
            has_policy=has_policy,
            authorised=tuple(
                (one, allowed[contract.id, one])
                for one in branches
                if (contract.id, one) in allowed
            ),
            missing=tuple(one for one in branches if (contract.id, one) not in allowed),
        )
        for brand, contract, has_policy in prepared.values()
    ]


def _is_in_force(contract: Contract, on: date) -> bool:
    return contract.since <= on and (contract.until is None or contract.until > on)


async def _authorised(session: AsyncSession) -> dict[tuple[UUID, UUID], int]:
    """Return the repair levels by contract and branch."""
    rows = await session.scalars(
        select(ContractBranch).where(ContractBranch.tenant_id == tenant_of(session))
    )
    return {(one.contract_id, one.branch_id): one.repair_level for one in rows}


async def _open_branches(session: AsyncSession) -> list[UUID]:
    rows = await session.scalars(
        select(Branch.id)
        .where(Branch.tenant_id == tenant_of(session), Branch.closed_at.is_(None))
        .order_by(Branch.code)
    )
    return list(rows)
