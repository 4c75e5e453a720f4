"""Reads of the global registers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.rules import fits_pattern, is_imei, type_allocation_code
from serviceco.catalogue.tables import Category, ProductModel, Symptom
from serviceco.core.refusals import NotFound


async def get_category(session: AsyncSession, code: str) -> Category:
    """Return the category of that code.

    Raises:
        NotFound: the registers have none.
    """
    category = await session.scalar(select(Category).where(Category.code == code))
    if category is None:
        raise NotFound(f"There is no category {code}.", field="category")
    return category


async def list_categories(session: AsyncSession) -> Sequence[Category]:
    """Return all categories by code; they are some fifty."""
    return (await session.scalars(select(Category).order_by(Category.code))).all()


async def list_symptoms(session: AsyncSession, category_id: UUID) -> Sequence[Symptom]:
    """Return the coded symptoms of a category in the order of the counter's chips."""
    query = select(Symptom).where(Symptom.category_id == category_id)
    return (await session.scalars(query.order_by(Symptom.position, Symptom.code))).all()


async def find_model_by_gtin(session: AsyncSession, gtin: str) -> ProductModel | None:
    """Return the model whose box bears that EAN-13."""
    return await session.scalar(select(ProductModel).where(ProductModel.gtin == gtin))


async def find_model_by_serial(
    session: AsyncSession, serial: str, *, brand_id: UUID | None = None
) -> ProductModel | None:
    """Return the one model that a normalised serial names, or None.

    An IMEI names it by its type allocation code, within the brand where one is given. Another
    serial names it only within a brand, and only if exactly one pattern of that brand fits.
    """
    if is_imei(serial):
        code = type_allocation_code(serial)
        query = select(ProductModel).where(ProductModel.tac_prefixes.contains([code]))
        if brand_id is not None:
            query = query.where(ProductModel.brand_id == brand_id)
        return await session.scalar(query.order_by(ProductModel.code).limit(1))
    if brand_id is None:
        return None
    query = select(ProductModel).where(
        ProductModel.brand_id == brand_id, ProductModel.serial_pattern.is_not(None)
    )
    fitting = [
        model
        for model in await session.scalars(query)
        if fits_pattern(serial, model.serial_pattern)
    ]
    return fitting[0] if len(fitting) == 1 else None
