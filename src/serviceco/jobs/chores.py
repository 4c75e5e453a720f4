"""What the worker does by the clock: deletes what is spent, in small batches, owner by owner."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.exchange.deliveries import forget_calls
from serviceco.identity.cleaning import forget_attempts
from serviceco.repairs.drafts import forget_drafts
from serviceco.storage.cleaning import forget_deliveries, forget_keys
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import list_brands, list_tenants

# A batch holds its locks for milliseconds, so whoever works at the counter does not notice.
BATCH = 500
# What is left after so many batches waits for the next time, so that deliveries do not.
MOST_BATCHES = 20
EVERY = timedelta(hours=1)

log = structlog.get_logger()
Opened = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class Forget(Protocol):
    """Deletes up to `most` spent rows, and returns how many it found."""

    def __call__(self, session: AsyncSession, *, most: int, at: datetime) -> Awaitable[int]:
        """Delete a batch."""
        ...


OF_EACH_TENANT: Sequence[Forget] = (
    forget_keys,
    forget_deliveries,
    forget_drafts,
    forget_calls,
)
OF_EACH_BRAND: Sequence[Forget] = (forget_keys, forget_calls)
OF_NOBODY: Sequence[Forget] = (forget_attempts,)


@dataclass(slots=True, kw_only=True)
class Broom:
    """Cleans when its hour has come; `auth` is the engine of the role that reads sign-ins.

    Several workers may clean at once: each skips the rows that another holds.
    """

    app: AsyncEngine
    auth: AsyncEngine
    every: timedelta = EVERY
    due_at: datetime | None = field(default=None)

    async def sweep_if_due(self, stop: asyncio.Event, *, at: datetime) -> int:
        """Clean if it is time, and return how many rows went; a new broom begins at once."""
        if self.due_at is not None and at < self.due_at:
            return 0
        self.due_at = at + self.every
        gone = 0
        for forget in OF_NOBODY:
            gone += await _sweep(forget, lambda: global_work(self.auth), stop, at=at)
        async with global_work(self.app) as session:
            work = [(one.id, OF_EACH_TENANT) for one in await list_tenants(session)]
            work += [(one.id, OF_EACH_BRAND) for one in await list_brands(session)]
        for owner_id, chores in work:
            for forget in chores:
                gone += await _sweep(forget, self._opened(owner_id), stop, at=at)
        if gone:
            log.info("worker.swept", rows=gone)
        return gone

    def _opened(self, owner_id: UUID) -> Opened:
        return lambda: unit_of_work(self.app, owner_id)


async def _sweep(forget: Forget, opened: Opened, stop: asyncio.Event, *, at: datetime) -> int:
    gone = 0
    for _ in range(MOST_BATCHES):
        if stop.is_set():
            return gone
        async with opened() as session:
            found = await forget(session, most=BATCH, at=at)
        gone += found
        if found < BATCH:
            return gone
    return gone
