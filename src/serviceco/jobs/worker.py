"""The worker's loop: poll the outbox, claim a tenant's entries, hand them to the rooms; clean when idle.

Polling is the whole mechanism. NOTIFY would save half a second of delay and cost every commit a
lock on the server's one notification queue.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.refusals import Refusal
from serviceco.exchange.deliveries import address_entries
from serviceco.jobs.chores import Broom
from serviceco.jobs.handlers import HANDLERS, Handler
from serviceco.storage.relay import LEASE, Delivery, claim_due, find_due, finish, postpone
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor

MOST_AT_ONCE = 1_000
PAUSE_SECONDS = 0.5
FAULT_PAUSE_SECONDS = 5.0

log = structlog.get_logger()


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker works with: engines of the application and of the relay, ears, and a clock.

    Without a `broom` it cleans nothing.

    A handler that takes longer than `patience` has failed: by then another worker has the entry.
    """

    app: AsyncEngine
    relay: AsyncEngine
    broom: Broom | None = None
    handlers: Sequence[Handler] = HANDLERS
    patience: timedelta = LEASE
    clock: Callable[[], datetime] = utc_now


@dataclass(slots=True)
class _Failures:
    """Why deliveries of this round failed; `final` holds those that a room refused."""

    why: dict[UUID, str] = field(default_factory=dict)
    final: set[UUID] = field(default_factory=set)

    def note(self, delivery: Delivery, handler: Handler, error: Exception) -> None:
        self.why[delivery.id] = f"{handler.name}: {type(error).__name__}: {error}"[:2_000]
        if isinstance(error, Refusal):
            self.final.add(delivery.id)


async def run(worker: Worker, stop: asyncio.Event, *, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Work until `stop` is set; the tenant at hand is finished first.

    A lost database does not end the worker: it says so and tries again after a pause.
    """
    while not stop.is_set():
        pause = pause_seconds
        try:
            if await deliver_due(worker, stop):
                continue
            if worker.broom is not None:
                await worker.broom.sweep_if_due(stop, at=worker.clock())
        except Exception:
            log.exception("worker.round_failed")
            pause = FAULT_PAUSE_SECONDS
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            continue


async def deliver_due(worker: Worker, stop: asyncio.Event | None = None) -> int:
    """Deliver what is due now, tenant by tenant, and return how many entries were claimed."""
    due = await find_due(worker.relay, limit=MOST_AT_ONCE, at=worker.clock())
    claimed = 0
    for tenant_id, entry_ids in due.items():
        if stop is not None and stop.is_set():
            break
        claimed += await _deliver_to(worker, tenant_id, entry_ids)
    return claimed


async def _deliver_to(worker: Worker, tenant_id: UUID, entry_ids: Collection[UUID]) -> int:
    async with unit_of_work(worker.app, tenant_id) as session:
        deliveries = await claim_due(session, entry_ids, at=worker.clock())
    failures = _Failures()
    for handler in worker.handlers:
        wanted = [delivery for delivery in deliveries if delivery.topic in handler.topics]
        for start in range(0, len(wanted), handler.most):
            batch = wanted[start : start + handler.most]
            await _hear(worker, tenant_id, handler, batch, failures)
    await _settle(worker, tenant_id, deliveries, failures)
    return len(deliveries)


async def _hear(
    worker: Worker,
    tenant_id: UUID,
    handler: Handler,
    batch: Sequence[Delivery],
    failures: _Failures,
) -> None:
    """Hand over a batch; when it fails, each entry alone, so that one poison spoils no other."""
    try:
        async with (
            asyncio.timeout(worker.patience.total_seconds()),
            unit_of_work(worker.app, tenant_id) as session,
        ):
            news = await handler.hear(session, system_actor(tenant_id), batch, worker.clock())
        for brand_id, told in (news or {}).items():
            # The brand's own unit of work. Should this one fail, all of it is heard again.
            async with unit_of_work(worker.app, brand_id) as session:
                await address_entries(session, told, at=worker.clock())
    except Exception as error:
        if len(batch) == 1:
            failures.note(batch[0], handler, error)
            log.warning(
                "worker.delivery_failed",
                handler=handler.name,
                tenant=str(tenant_id),
                entry=str(batch[0].id),
                exc_info=not isinstance(error, Refusal),
            )
            return
        for delivery in batch:
            await _hear(worker, tenant_id, handler, [delivery], failures)


async def _settle(
    worker: Worker, tenant_id: UUID, deliveries: Sequence[Delivery], failures: _Failures
) -> None:
    at = worker.clock()
    heard = [delivery.id for delivery in deliveries if delivery.id not in failures.why]
    async with unit_of_work(worker.app, tenant_id) as session:
        if heard:
            await finish(session, heard, at=at)
        for delivery in deliveries:
            if delivery.id in failures.why:
                is_final = delivery.id in failures.final
                why = failures.why[delivery.id]
                if await postpone(session, delivery, why=why, is_final=is_final, at=at):
                    log.error("worker.parked", entry=str(delivery.id), why=why)
