"""What an import adds before its orders: branches, printed brands, order numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Text, any_, column, func, literal, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category
from serviceco.core.ids import new_id
from serviceco.core.order_numbers import order_number
from serviceco.exchange.rules import branch_code, brand_spelling, moment_of
from serviceco.exchange.words import CATEGORY_NAMES, ZONES, CategoriesMissing, Repair
from serviceco.repairs.searching import product_names
from serviceco.repairs.tables import OrderSequence
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch, Brand, BrandAlias, Tenant


@dataclass(frozen=True, slots=True)
class Registers:
    """Rows that the orders of a batch refer to, by what the file calls them."""

    branches: dict[str, Branch]
    aliases: dict[str, BrandAlias]
    brands: dict[UUID, Brand]
    categories: dict[int, UUID]
    currency: str

    def alias_of(self, repair: Repair) -> BrandAlias | None:
        """Return the printed brand's alias, or None where none was known."""
        spelling = brand_spelling(repair.brand_printed)
        return self.aliases[spelling] if spelling else None

    def products_of(self, repair: Repair) -> list[str]:
        """Return everything that the device's brand is called."""
        alias = self.alias_of(repair)
        brand = self.brands[alias.brand_id] if alias and alias.brand_id else None
        return product_names(repair.brand_printed, "", brand, None)

    def device_columns(self, repair: Repair) -> dict[str, Any]:
        """Return what a row says of the device."""
        alias = self.alias_of(repair)
        return {
            "category_id": self.categories[repair.category_number],
            "brand_printed": repair.brand_printed,
            "brand_alias_id": alias and alias.id,
            "brand_id": alias and alias.brand_id,
            "manufactured_year": repair.manufactured_year,
        }

    def order_columns(self, repair: Repair) -> dict[str, Any]:
        """Return what a row says of the visit: all of it happened at one moment of its day."""
        branch, alias = self.branches[repair.group], self.alias_of(repair)
        moment = moment_of(repair.event_on, branch.zone)
        return {
            "branch_id": branch.id,
            "category_id": self.categories[repair.category_number],
            "brand_id": alias and alias.brand_id,
            "outcome": repair.outcome,
            "barrier": repair.barrier,
            "received_at": moment,
            "closed_at": moment,
        }


async def fill_registers(session: AsyncSession, repairs: Sequence[Repair]) -> Registers:
    """Find what a batch refers to; branches and printed brands at first sight are added.

    Raises:
        CategoriesMissing: the register does not hold the standard's categories.
    """
    tenant = (await session.scalars(select(Tenant).where(Tenant.id == tenant_of(session)))).one()
    branches = await _branches(session, repairs, tenant.zone)
    aliases = await _aliases(session, repairs)
    return Registers(
        branches=branches,
        aliases=aliases,
        brands=await _brands(session, aliases.values()),
        categories=await categories_by_number(session),
        currency=tenant.currency,
    )


async def categories_by_number(session: AsyncSession) -> dict[int, UUID]:
    """Return the register's categories by their number in the standard.

    Raises:
        CategoriesMissing: one of the standard's is not there.
    """
    found = select(Category.ords_id, Category.id).where(Category.ords_id.is_not(None))
    categories = {number or 0: id_ for number, id_ in await session.execute(found)}
    if missing := [name for number, name in CATEGORY_NAMES.items() if number not in categories]:
        raise CategoriesMissing(f"The register of categories lacks: {', '.join(missing)}.")
    return categories


async def lock_days(session: AsyncSession, days: Iterable[date]) -> None:
    """Lock the sequences of these days, so that two imports of the same rows take turns."""
    await take_numbers(session, dict.fromkeys(days, 0))


async def take_numbers(session: AsyncSession, wanted: dict[date, int]) -> dict[date, list[str]]:
    """Return so many new order numbers for each day."""
    days = sorted(wanted)
    given = (
        func.unnest(
            literal(days, ARRAY(Date)), literal([wanted[day] for day in days], ARRAY(Integer))
        )
        .table_valued(column("day", Date), column("last", Integer))
        .render_derived(name="given")
    )
    counted = select(literal(tenant_of(session), UuidType()), given.c.day, given.c.last)
    taken = insert(OrderSequence).from_select(
        ["tenant_id", "day", "last"], counted.order_by(given.c.day)
    )
    lasts = await session.execute(
        taken.on_conflict_do_update(
            index_elements=["tenant_id", "day"],
            set_={"last": OrderSequence.last + taken.excluded.last},
        ).returning(OrderSequence.day, OrderSequence.last)
    )
    return {
        day: [order_number(day, number) for number in range(last - wanted[day] + 1, last + 1)]
        for day, last in lasts
    }


async def _branches(
    session: AsyncSession, repairs: Iterable[Repair], zone: str
) -> dict[str, Branch]:
    tenant_id = tenant_of(session)
    every = (await session.scalars(select(Branch).where(Branch.tenant_id == tenant_id))).all()
    branches = {branch.imported_as: branch for branch in every if branch.imported_as}
    codes = {branch.code for branch in every}
    for repair in sorted(repairs, key=lambda repair: repair.event_on):
        if repair.group in branches:
            continue
        own_zone = ZONES.get(repair.country, zone)
        branch = Branch(
            tenant_id=tenant_id,
            id=new_id(),
            code=branch_code(repair.group, codes),
            name=repair.group,
            zone=own_zone,
            imported_as=repair.group,
            opened_at=moment_of(repair.event_on, own_zone),
        )
        session.add(branch)
        branches[repair.group] = branch
        codes.add(branch.code)
    await session.flush()
    return {name: branch for name, branch in branches.items() if name}


async def _aliases(session: AsyncSession, repairs: Iterable[Repair]) -> dict[str, BrandAlias]:
    printed: dict[str, str] = {}
    for repair in repairs:
        if spelling := brand_spelling(repair.brand_printed):
            printed.setdefault(spelling, repair.brand_printed)
    aliases = await _find_aliases(session, printed)
    unseen = sorted(printed.keys() - aliases.keys())
    if unseen:
        # Another import may add the same spelling at the same time: its row serves as well.
        await session.execute(
            insert(BrandAlias.metadata.tables["brand_alias"]).on_conflict_do_nothing(),
            [
                {
                    "tenant_id": tenant_of(session),
                    "id": new_id(),
                    "spelling": spelling,
                    "printed": printed[spelling],
                    "version": 1,
                }
                for spelling in unseen
            ],
        )
        aliases |= await _find_aliases(session, unseen)
    return aliases


async def _brands(session: AsyncSession, aliases: Iterable[BrandAlias]) -> dict[UUID, Brand]:
    ids = {alias.brand_id for alias in aliases if alias.brand_id}
    found = await session.scalars(select(Brand).where(Brand.id.in_(ids))) if ids else ()
    return {brand.id: brand for brand in found}


async def _find_aliases(session: AsyncSession, spellings: Iterable[str]) -> dict[str, BrandAlias]:
    # Shared locks: whoever decides about a name meanwhile waits, and then finds our orders too.
    found = await session.scalars(
        select(BrandAlias)
        .where(
            BrandAlias.tenant_id == tenant_of(session),
            BrandAlias.spelling == any_(literal(list(spellings), ARRAY(Text))),
        )
        .order_by(BrandAlias.id)
        .with_for_update(read=True)
    )
    return {alias.spelling: alias for alias in found}
