"""What all companies share: brands with their models, categories with their symptoms, laws."""

from dataclasses import asdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.operations import (
    register_category,
    register_model,
    register_ords_categories,
    register_symptom,
)
from serviceco.catalogue.words import ModelWord
from serviceco.core.actor import Actor
from serviceco.policy.operations import publish_law
from serviceco.policy.packs import Folder, read_brand, read_catalogue, read_law
from serviceco.policy.words import BrandPack, CataloguePack
from serviceco.tenancy.queries import find_brand
from serviceco.tenancy.registration import register_brand


async def fill_registers(session: AsyncSession, operator: Actor, folder: Folder) -> None:
    """Write the registers from their packs, as `serviceco_admin`; repeating it changes nothing."""
    await register_ords_categories(session, operator)
    categories = await _fill_categories(session, operator, read_catalogue(folder.catalogue))
    for path in folder.brands():
        await _fill_brand(session, operator, read_brand(path), categories)
    for path in folder.laws():
        await publish_law(session, operator, read_law(path))


async def _fill_categories(
    session: AsyncSession, operator: Actor, catalogue: CataloguePack
) -> dict[str, UUID]:
    ids = {}
    for category in catalogue.categories:
        ids[category.code] = await register_category(
            session,
            operator,
            category.code,
            names=asdict(category.title),
            ords_id=category.ords_id,
            takes_imei=category.takes_imei,
        )
        for position, symptom in enumerate(category.symptoms):
            await register_symptom(
                session,
                operator,
                symptom.code,
                category_id=ids[category.code],
                names=asdict(symptom.title),
                position=position,
            )
    return ids


async def _fill_brand(
    session: AsyncSession, operator: Actor, pack: BrandPack, categories: dict[str, UUID]
) -> None:
    brand = await find_brand(session, pack.code)
    if brand is None:
        names = asdict(pack.names)
        brand = await register_brand(session, operator, pack.code, name=pack.name, names=names)
    for model in pack.models:
        word = ModelWord(
            code=model.code,
            brand_id=brand.id,
            category_id=categories[model.category],
            name=model.name,
            serial_pattern=model.serial_pattern,
            tac_prefixes=model.tac_prefixes,
            gtin=model.gtin,
        )
        await register_model(session, operator, word)
