"""Handlers for tests of the worker: one with an effect that must happen once, one that hangs."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.jobs.handlers import Handler
from serviceco.reports.tables import RollupApplied
from serviceco.storage.outbox import send
from serviceco.storage.relay import Delivery
from serviceco.storage.unit_of_work import tenant_of

TOPIC = "test.happened"
EFFECT = "test.effect"


async def leave_one_effect(
    session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    """Send `EFFECT` once per delivery, however often it comes."""
    for delivery in deliveries:
        new = await session.scalar(
            insert(RollupApplied)
            .values(tenant_id=tenant_of(session), entry_id=delivery.id, applied_at=at)
            .on_conflict_do_nothing()
            .returning(RollupApplied.entry_id)
        )
        if new is not None:
            await send(session, EFFECT, {"of": delivery.id}, at=at)


async def hang(
    session: AsyncSession, actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    """Leave the effect uncommitted, say so to whoever started the process, and never return."""
    await leave_one_effect(session, actor, deliveries, at)
    sys.stdout.write("reached\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def ear(hear=leave_one_effect, *, name: str = "ear", most: int = 1) -> Handler:
    return Handler(name=name, topics=frozenset({TOPIC}), hear=hear, most=most)
