"""Telling the rooms above that an order changed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.repairs.tables import RepairOrder
from serviceco.storage.outbox import send


async def tell_change(session: AsyncSession, order: RepairOrder, *, at: datetime) -> None:
    """Let the brand of an order's contract know that the order changed; others need no word.

    It names the order only: whoever hears it reads the order as it is by then.
    """
    if order.contract_id is not None:
        await send(session, "repair.changed", {"order_id": order.id}, at=at)
