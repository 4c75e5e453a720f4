"""Quotes and payments of an order."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.tables import Payment, Quote
from serviceco.storage.unit_of_work import tenant_of


async def list_quotes(session: AsyncSession, order_id: UUID) -> Sequence[Quote]:
    """Return every revision of the order's quote, the newest first."""
    rows = await session.scalars(
        select(Quote)
        .where(Quote.tenant_id == tenant_of(session), Quote.order_id == order_id)
        .order_by(Quote.revision.desc())
    )
    return rows.all()


async def find_quote(session: AsyncSession, order_id: UUID) -> Quote | None:
    """Return the newest revision of the order's quote, if one was sent."""
    return await session.scalar(
        select(Quote)
        .where(Quote.tenant_id == tenant_of(session), Quote.order_id == order_id)
        .order_by(Quote.revision.desc())
        .limit(1)
    )


async def list_payments(session: AsyncSession, order_id: UUID) -> Sequence[Payment]:
    """Return what was paid and given back for the order, in the order of time."""
    rows = await session.scalars(
        select(Payment)
        .where(Payment.tenant_id == tenant_of(session), Payment.order_id == order_id)
        .order_by(Payment.received_at, Payment.id)
    )
    return rows.all()
