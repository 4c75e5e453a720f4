"""What earlier imports left, and which brands a printed name may mean."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, literal, or_, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.exchange.tables import ImportedRow, ImportRun
from serviceco.exchange.words import ORDS, BrandProposal, Earlier
from serviceco.repairs.tables import CustomerWords
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import propose_brands as likest
from serviceco.tenancy.tables import Brand, BrandAlias, Contract


async def find_earlier(session: AsyncSession, keys: Collection[str]) -> dict[str, Earlier]:
    """Return what earlier imports made of these rows, by the source's id."""
    tenant_id = tenant_of(session)
    rows = (
        await session.execute(
            select(ImportedRow.key, ImportedRow.order_id, ImportedRow.fields).where(
                ImportedRow.tenant_id == tenant_id,
                ImportedRow.source == ORDS,
                ImportedRow.key == any_(literal(list(keys), ARRAY(Text))),
            )
        )
    ).all()
    if not rows:
        return {}
    order_ids = literal([row.order_id for row in rows], ARRAY(UuidType()))
    said = await session.execute(
        select(CustomerWords.id, CustomerWords.words).where(
            CustomerWords.tenant_id == tenant_id, CustomerWords.id == any_(order_ids)
        )
    )
    # Erased words are empty ones; a row without words has none.
    words = {row.id: row.words for row in said if row.words}
    return {row.key: Earlier(row.order_id, row.fields, words.get(row.order_id)) for row in rows}


async def list_runs(session: AsyncSession, actor: Actor, *, limit: int = 50) -> Sequence[ImportRun]:
    """Return the latest imports of the tenant, newest first.

    Raises:
        NotPermitted: the actor may not import history.
    """
    actor.require(Permission.IMPORT_HISTORY)
    found = await session.scalars(
        select(ImportRun)
        .where(ImportRun.tenant_id == tenant_of(session))
        .order_by(ImportRun.started_at.desc(), ImportRun.id.desc())
        .limit(limit)
    )
    return found.all()


async def propose_brands(
    session: AsyncSession, actor: Actor, alias_ids: Collection[UUID]
) -> dict[UUID, list[BrandProposal]]:
    """Return for each printed name the brands that it may mean, the likest first, for staff to decide.

    Asked are the brands the tenant has a contract with and those it has named before. A name that
    does not exist is left out.

    Raises:
        NotPermitted: the actor does not manage brands.
    """
    actor.require(Permission.MANAGE_BRANDS)
    names, brands = await _known_brands(session)
    aliases = await session.execute(
        select(BrandAlias.id, BrandAlias.spelling).where(
            BrandAlias.tenant_id == tenant_of(session),
            BrandAlias.id == any_(literal(list(alias_ids), ARRAY(UuidType()))),
        )
    )
    return {
        alias_id: [
            BrandProposal(
                brand_id=one.brand_id,
                code=brands[one.brand_id].code,
                name=brands[one.brand_id].name,
                likeness=one.likeness,
            )
            for one in likest(spelling, names)
        ]
        for alias_id, spelling in aliases
    }


async def _known_brands(session: AsyncSession) -> tuple[dict[UUID, set[str]], dict[UUID, Brand]]:
    """Return what each brand of the tenant is called, and the brands."""
    tenant_id = tenant_of(session)
    contracted = select(Contract.brand_id).where(Contract.tenant_id == tenant_id)
    named = select(BrandAlias.brand_id, BrandAlias.printed).where(
        BrandAlias.tenant_id == tenant_id, BrandAlias.brand_id.is_not(None)
    )
    spellings: dict[UUID | None, set[str]] = defaultdict(set)
    for brand_id, printed in await session.execute(named):
        spellings[brand_id].add(printed)
    brands = {
        brand.id: brand
        for brand in await session.scalars(
            select(Brand).where(or_(Brand.id.in_(contracted), Brand.id.in_(spellings)))
        )
    }
    names = {
        brand.id: {brand.name, *brand.names.values(), *spellings[brand.id]}
        for brand in brands.values()
    }
    return names, brands
