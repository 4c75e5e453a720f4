"""Deleting what is spent, a batch at a time: keys that are free again, work that was long done."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.storage.idempotency import KEPT_FOR, IdempotencyKey
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of

# Long enough to look into what a change led to.
DONE_KEPT_FOR = timedelta(days=7)


async def forget_keys(session: AsyncSession, *, most: int, at: datetime) -> int:
    """Delete the tenant's idempotency keys that are free again; return how many, up to `most`."""
    tenant_id = tenant_of(session)
    spent = (
        select(IdempotencyKey.client, IdempotencyKey.key)
        .where(IdempotencyKey.tenant_id == tenant_id, IdempotencyKey.created_at < at - KEPT_FOR)
        .limit(most)
        # A request that takes such a key over at this moment keeps it.
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == tenant_id,
            tuple_(IdempotencyKey.client, IdempotencyKey.key).in_(spent),
        )
        .returning(IdempotencyKey.key)
    )
    return len(gone.all())


async def forget_deliveries(session: AsyncSession, *, most: int, at: datetime) -> int:
    """Delete the tenant's outbox entries that were done long ago; parked ones stay.

    Returns how many, up to `most`.
    """
    tenant_id = tenant_of(session)
    spent = (
        select(OutboxEntry.id)
        .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.done_at < at - DONE_KEPT_FOR)
        .order_by(OutboxEntry.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(OutboxEntry)
        .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.id.in_(spent))
        .returning(OutboxEntry.id)
    )
    return len(gone.all())
