"""Contracts with brands: signed, ended, and the branches that they authorise."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import (
    find_authorisation,
    find_contract,
    get_branch,
    get_brand,
    get_contract,
)
from serviceco.tenancy.tables import Contract, ContractBranch
from serviceco.tenancy.words import LEVELS, CodeTaken, ContractsOverlap, PeriodBackwards


async def sign_contract(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    brand_id: UUID,
    since: date,
    until: date | None = None,
    at: datetime,
) -> Contract:
    """Record a brand's authorisation of the tenant, from `since` (in) to `until` (out).

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: there is no such brand.
        InvalidInput: the contract has no number.
        PeriodBackwards: `until` is not after `since`.
        CodeTaken: another contract has the number.
        ContractsOverlap: a contract with the brand covers some of the days.
    """
    actor.require(Permission.MANAGE_BRANDS)
    if not number.strip():
        raise InvalidInput("A contract has a number.", field="number")
    _require_order(since, until)
    brand = await get_brand(session, brand_id)
    if await find_contract(session, number):
        raise CodeTaken("Another contract has this number.", field="number")
    await _refuse_overlap(session, brand.id, since, until, field="since")
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
    term = {"brand_id": brand.id, "since": since, "until": until}
    await record(session, actor, "contract.signed", contract, at=at, **term)
    await session.flush()
    return contract


async def end_contract(
    session: AsyncSession, actor: Actor, contract_id: UUID, *, until: date | None, at: datetime
) -> Contract:
    """Let a contract end on another day (out), or (None) on none; the past is not re-decided.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the tenant has no such contract.
        PeriodBackwards: `until` is not after the first day in force.
        ContractsOverlap: another contract with the brand covers some of the days.
    """
    actor.require(Permission.MANAGE_BRANDS)
    contract = await get_contract(session, contract_id, lock=True)
    _require_order(contract.since, until)
    await _refuse_overlap(
        session, contract.brand_id, contract.since, until, field="until", but=contract.id
    )
    before, contract.until = contract.until, until
    await record(session, actor, "contract.ended", contract, at=at, until=until, before=before)
    await session.flush()
    return contract


async def authorise_branch(
    session: AsyncSession,
    actor: Actor,
    contract_id: UUID,
    branch_id: UUID,
    *,
    repair_level: int,
    at: datetime,
) -> Contract:
    """Let a branch work under a contract up to a repair level of 1, 2 or 3; again changes the level.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the tenant has no such contract or branch.
        InvalidInput: there is no such level.
    """
    actor.require(Permission.MANAGE_BRANDS)
    if repair_level not in LEVELS:
        raise InvalidInput("A repair level is 1, 2 or 3.", field="repair_level")
    contract = await get_contract(session, contract_id, lock=True)
    branch = await get_branch(session, branch_id)
    allowed = await find_authorisation(session, contract.id, branch.id)
    if allowed is None:
        allowed = ContractBranch(
            tenant_id=tenant_of(session), contract_id=contract.id, branch_id=branch.id
        )
        session.add(allowed)
    elif allowed.repair_level == repair_level:
        return contract
    allowed.repair_level = repair_level
    facts = {"branch_id": branch.id, "repair_level": repair_level}
    await record(session, actor, "contract.branch_authorised", contract, at=at, **facts)
    await session.flush()
    return contract


async def withdraw_branch(
    session: AsyncSession, actor: Actor, contract_id: UUID, branch_id: UUID, *, at: datetime
) -> Contract:
    """Take a branch out of a contract: it takes in no more devices of the brand under it.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the contract does not authorise the branch.
    """
    actor.require(Permission.MANAGE_BRANDS)
    contract = await get_contract(session, contract_id, lock=True)
    allowed = await find_authorisation(session, contract.id, branch_id)
    if allowed is None:
        raise NotFound("The contract does not authorise this branch.")
    await session.delete(allowed)
    facts = {"branch_id": branch_id}
    await record(session, actor, "contract.branch_withdrawn", contract, at=at, **facts)
    await session.flush()
    return contract


def _require_order(since: date, until: date | None) -> None:
    if until is not None and until <= since:
        raise PeriodBackwards("A contract ends after it begins.", field="until")


async def _refuse_overlap(
    session: AsyncSession,
    brand_id: UUID,
    since: date,
    until: date | None,
    *,
    field: str,
    but: UUID | None = None,
) -> None:
    ends_later = or_(Contract.until.is_(None), Contract.until > since)
    overlap = select(Contract.number).where(
        Contract.tenant_id == tenant_of(session), Contract.brand_id == brand_id, ends_later
    )
    if until is not None:
        overlap = overlap.where(Contract.since < until)
    if but is not None:
        overlap = overlap.where(Contract.id != but)
    other = await session.scalar(overlap.limit(1))
    if other:
        raise ContractsOverlap(
            f"Contract {other} covers some of these days.", field=field, contract=other
        )
