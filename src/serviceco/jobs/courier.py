"""The worker's other loop: sends what waits for the endpoints of webhooks, many at once.

One slow endpoint holds up no other: it gets a few calls at a time, and the rest of the places
are for the others.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.refusals import NotFound
from serviceco.exchange.deliveries import DueCall, claim_call, find_due_calls, settle_call
from serviceco.exchange.words.webhooks import CallOutcome, WebhookCall
from serviceco.jobs.worker import FAULT_PAUSE_SECONDS, PAUSE_SECONDS, utc_now
from serviceco.storage.unit_of_work import unit_of_work

MOST_CALLS = 16
MOST_CALLS_OF_ONE = 4

log = structlog.get_logger()


class Posting(Protocol):
    """Whoever makes the calls."""

    async def post(self, call: WebhookCall) -> CallOutcome:
        """Send a message, and say what came of it."""
        ...


@dataclass(slots=True, kw_only=True)
class Courier:
    """What a courier works with, and the calls that are under way."""

    app: AsyncEngine
    relay: AsyncEngine
    caller: Posting
    clock: Callable[[], datetime] = utc_now
    _under_way: dict[asyncio.Task[None], UUID] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Send until `stop` is set; calls under way are finished first."""
        while not stop.is_set():
            pause = pause_seconds
            try:
                if await self.send_due():
                    pause = 0.0
            except Exception:
                log.exception("courier.round_failed")
                pause = FAULT_PAUSE_SECONDS
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                continue
        await self.finished()

    async def send_due(self) -> int:
        """Start calls for what is due now, and return how many."""
        room = MOST_CALLS - len(self._under_way)
        if room <= 0:
            return 0
        of_one = Counter(self._under_way.values())
        busy = [one for one, calls in of_one.items() if calls >= MOST_CALLS_OF_ONE]
        started = 0
        for due in await find_due_calls(self.relay, busy=busy, limit=room, at=self.clock()):
            if of_one[due.endpoint_id] < MOST_CALLS_OF_ONE and await self._start(due):
                of_one[due.endpoint_id] += 1
                started += 1
        return started

    async def finished(self) -> None:
        """Wait for the calls under way."""
        await asyncio.gather(*self._under_way)

    async def _start(self, due: DueCall) -> bool:
        """Claim a delivery and begin its call; one that cannot be claimed spoils no other."""
        try:
            async with unit_of_work(self.app, due.tenant_id) as session:
                call = await claim_call(session, due, at=self.clock())
        except Exception:
            log.exception("courier.claim_failed", delivery=str(due.delivery_id))
            return False
        if call is None:
            return False
        task = asyncio.create_task(self._deliver(call))
        self._under_way[task] = call.endpoint_id
        task.add_done_callback(self._under_way.pop)
        return True

    async def _deliver(self, call: WebhookCall) -> None:
        """Call between two transactions; what fails on our side is tried again after the lease."""
        try:
            outcome = await self.caller.post(call)
            async with unit_of_work(self.app, call.tenant_id) as session:
                await settle_call(session, call, outcome, at=self.clock())
        except NotFound:
            log.info("courier.endpoint_removed", delivery=str(call.delivery_id))
        except Exception:
            log.exception("courier.call_failed", delivery=str(call.delivery_id))
