"""The worker's side of the outbox: find what is due, claim it, and say what came of it.

Delivery is at least once. A claim is a lease: when the worker dies, it runs out and the entry is
due again, with the same id.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One claimed entry. `id` is the same at every delivery; `attempt` counts from 1."""

    id: UUID
    topic: str
    payload: dict[str, Any]
    sent_at: datetime
    attempt: int


async def find_due(relay: AsyncEngine, *, limit: int, at: datetime) -> dict[UUID, list[UUID]]:
    """Return ids of due entries by tenant, the longest waiting first.

    This is the one statement across tenants. It runs as `serviceco_relay`, which may read ids
    and instants of the outbox and nothing else.
    """
    statement = (
        select(OutboxEntry.tenant_id, OutboxEntry.id)
        .where(_is_due(at))
        .order_by(OutboxEntry.due_at)
        .limit(limit)
    )
    due: dict[UUID, list[UUID]] = {}
    async with relay.connect() as connection:
        for tenant_id, entry_id in await connection.execute(statement):
            due.setdefault(tenant_id, []).append(entry_id)
    return due


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the worker is behind: entries due, how long the oldest waits, and those given up."""

    due: int
    oldest_seconds: float
    parked: int


async def read_lag(relay: AsyncEngine, *, at: datetime) -> Lag:
    """Return how far the worker is behind, over all tenants; as `serviceco_relay`."""
    open_ = OutboxEntry.done_at.is_(None)
    due = and_(open_, OutboxEntry.parked_at.is_(None), OutboxEntry.due_at <= at)
    parked = and_(open_, OutboxEntry.parked_at.is_not(None))
    async with relay.connect() as connection:
        waiting, oldest = (
            await connection.execute(select(func.count(), func.min(OutboxEntry.due_at)).where(due))
        ).one()
        given_up = await connection.scalar(select(func.count()).where(parked))
    seconds = (at - oldest).total_seconds() if oldest else 0.0
    return Lag(due=waiting, oldest_seconds=seconds, parked=int(given_up or 0))


async def claim_due(
    session: AsyncSession, entry_ids: Collection[UUID], *, at: datetime
) -> list[Delivery]:
    """Take those of the entries that nobody else holds, until `at` + `LEASE`, oldest first.

    Rows that another worker is claiming at this moment are skipped, so two workers never wait
    for each other.
    """
    mine = OutboxEntry.tenant_id == tenant_of(session)
    free = (
        select(OutboxEntry.id)
        .where(mine, OutboxEntry.id.in_(entry_ids), _is_due(at))
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(OutboxEntry)
        .where(mine, OutboxEntry.id.in_(free))
        .values(claimed_until=at + LEASE, attempts=OutboxEntry.attempts + 1)
        .returning(
            OutboxEntry.id,
            OutboxEntry.topic,
            OutboxEntry.payload,
            OutboxEntry.created_at,
            OutboxEntry.attempts,
        )
    )
    claimed = [
        Delivery(id=entry_id, topic=topic, payload=payload, sent_at=sent_at, attempt=attempt)
        for entry_id, topic, payload, sent_at, attempt in rows
    ]
    return sorted(claimed, key=lambda delivery: (delivery.sent_at, delivery.id))


async def finish(session: AsyncSession, entry_ids: Collection[UUID], *, at: datetime) -> None:
    """Mark entries as done: they are never delivered again."""
    await session.execute(
        update(OutboxEntry)
        .where(
            OutboxEntry.tenant_id == tenant_of(session),
            OutboxEntry.id.in_(entry_ids),
            OutboxEntry.done_at.is_(None),
        )
        .values(done_at=at, claimed_until=None, failed=None)
    )


async def postpone(
    session: AsyncSession, delivery: Delivery, *, why: str, is_final: bool, at: datetime
) -> bool:
    """Keep why a delivery failed and try again later, or park it; return whether it is parked.

    The pause doubles from 5 seconds to an hour at most. A refusal is final; a fault is, after
    `MOST_ATTEMPTS`.
    """
    is_parked = is_final or delivery.attempt >= MOST_ATTEMPTS
    await session.execute(
        update(OutboxEntry)
        .where(
            OutboxEntry.tenant_id == tenant_of(session),
            OutboxEntry.id == delivery.id,
            OutboxEntry.done_at.is_(None),
        )
        .values(
            claimed_until=None,
            failed=why,
            due_at=at + pause_after(delivery.attempt),
            parked_at=at if is_parked else None,
        )
    )
    return is_parked


def pause_after(attempt: int) -> timedelta:
    """Return how long to wait after the n-th failed attempt, counted from 1."""
    return min(FIRST_PAUSE * (1 << (attempt - 1)), LONGEST_PAUSE)


async def list_parked(session: AsyncSession, *, limit: int = 100) -> Sequence[OutboxEntry]:
    """Return the tenant's parked entries, the latest first."""
    rows = await session.scalars(
        select(OutboxEntry)
        .where(
            OutboxEntry.tenant_id == tenant_of(session),
            OutboxEntry.done_at.is_(None),
            OutboxEntry.parked_at.is_not(None),
        )
        .order_by(OutboxEntry.parked_at.desc())
        .limit(limit)
    )
    return rows.all()


async def resume_parked(session: AsyncSession, *, at: datetime) -> int:
    """Make all parked entries of the tenant due again from their first attempt; return how many."""
    rows = await session.execute(
        update(OutboxEntry)
        .where(
            OutboxEntry.tenant_id == tenant_of(session),
            OutboxEntry.done_at.is_(None),
            OutboxEntry.parked_at.is_not(None),
        )
        .values(parked_at=None, attempts=0, due_at=at)
        .returning(OutboxEntry.id)
    )
    return len(rows.all())


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        OutboxEntry.done_at.is_(None),
        OutboxEntry.parked_at.is_(None),
        OutboxEntry.due_at <= at,
        or_(OutboxEntry.claimed_until.is_(None), OutboxEntry.claimed_until < at),
    )
