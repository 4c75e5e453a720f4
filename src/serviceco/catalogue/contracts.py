"""Which product lines a contract covers, and up to which level each branch repairs them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.queries import list_categories
from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.tenancy.queries import find_authorisation, get_contract
from serviceco.tenancy.tables import Contract
from serviceco.tenancy.words import LEVELS


async def cover_categories(
    session: AsyncSession,
    actor: Actor,
    contract_id: UUID,
    codes: Iterable[str] | None,
    *,
    at: datetime,
) -> Contract:
    """Let a contract cover these categories of products alone, or (None) all of them.

    Devices that are in already keep the contract they came in under.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the tenant has no such contract, or the registers no such category.
        InvalidInput: there is no category where not all are meant.
    """
    actor.require(Permission.MANAGE_BRANDS)
    contract = await get_contract(session, contract_id, lock=True)
    wanted = None if codes is None else sorted(set(codes))
    if wanted is not None:
        if not wanted:
            raise InvalidInput("Choose a product line, or all of them.", field="category_codes")
        await _require_categories(session, wanted, field="category_codes")
    contract.category_codes = wanted
    facts = {"category_codes": wanted}
    await record(session, actor, "contract.categories_changed", contract, at=at, **facts)
    await session.flush()
    return contract


async def set_category_levels(
    session: AsyncSession,
    actor: Actor,
    contract_id: UUID,
    branch_id: UUID,
    levels: Mapping[str, int],
    *,
    at: datetime,
) -> Contract:
    """Let a branch repair some categories up to a level of their own, all others up to the branch's.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: the contract does not authorise the branch, or there is no such category.
        InvalidInput: there is no such level.
    """
    actor.require(Permission.MANAGE_BRANDS)
    contract = await get_contract(session, contract_id, lock=True)
    allowed = await find_authorisation(session, contract.id, branch_id)
    if allowed is None:
        raise NotFound("The contract does not authorise this branch.")
    if not set(levels.values()) <= LEVELS:
        raise InvalidInput("A repair level is 1, 2 or 3.", field="levels")
    await _require_categories(session, levels, field="levels")
    allowed.category_levels = dict(levels)
    facts = {"branch_id": branch_id, "levels": dict(levels)}
    await record(session, actor, "contract.levels_changed", contract, at=at, **facts)
    await session.flush()
    return contract


async def _require_categories(session: AsyncSession, codes: Iterable[str], *, field: str) -> None:
    known = {category.code for category in await list_categories(session)}
    unknown = sorted(set(codes) - known)
    if unknown:
        raise NotFound(f"There is no category {unknown[0]}.", field=field)
