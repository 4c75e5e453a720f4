"""Telling the rooms above that an order changed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.repairs.tables import RepairOrder
from serviceco.storage.outbox import send

ANNOUNCED = frozenset(
    {
        "repair.quoted",
        "repair.approved",
        "repair.declined",
        "repair.quality_passed",
        "repair.cancelled",
    }
)


async def tell_change(session: AsyncSession, order: RepairOrder, *, at: datetime) -> None:
    """Let the brand of an order's contract know that the order changed; others need no word.

    It names the order only: whoever hears it reads the order as it is by then.
    """
    if order.contract_id is not None:
        await send(session, "repair.changed", {"order_id": order.id}, at=at)


async def announce_act(
    session: AsyncSession, order: RepairOrder, act: str, *, at: datetime
) -> None:
    """Let those outside know of a step that they may ask to be told of; of others say nothing.

    What is received and handed over announces itself, with more to tell.
    """
    if act in ANNOUNCED:
        facts: dict[str, object] = {
            "order_id": order.id,
            "number": order.number,
            "branch_id": order.branch_id,
            "brand_id": order.brand_id,
        }
        await send(session, act, facts, at=at)
