"""Who watches what: the open connections of a process, and one poller for all of them.

Polling is the truth. Every event of an order has an id that begins with its instant, but
transactions commit in any order; so each round asks for the last `OVERLAP` once more, and what
was seen before is not told again.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.errors import LimitExceeded
from serviceco.api.request import Clock, utc_now
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import first_id_of
from serviceco.identity.queries import find_live_versions
from serviceco.repairs.changes import MOST_AT_ONCE, Change, find_changes
from serviceco.storage.unit_of_work import global_work

POLL_SECONDS = 0.5
# A sign-in that ended, a role that was lost or a key that was revoked acts within this time.
CHECK_SECONDS = 2.0
FAULT_SECONDS = 5.0
# Longer than any transaction of a person takes, and than clocks of servers differ.
OVERLAP = timedelta(seconds=30)
# A board that is read while its subscription opens may lack what was done in between.
LEAD = timedelta(seconds=1)
MOST_PENDING = 200
MOST_WATCHES = 20
MOST_CONNECTIONS_OF_ONE = 20
MOST_CONNECTIONS = 2_000

_LOG = logging.getLogger(__name__)


class End(StrEnum):
    """Why a connection or a watch ends without its client having asked."""

    SIGN_IN_ENDED = "sign_in_ended"
    FELL_BEHIND = "fell_behind"
    NOT_READING = "not_reading"
    STOPPING = "stopping"


class WatchEnded(Exception):  # noqa: N818 - it is how a watch ends, not a fault
    """Nothing more comes."""

    def __init__(self, why: End) -> None:
        """Keep the reason."""
        super().__init__(why.value)
        self.why = why


class Watch:
    """Which orders of one branch changed and were not read yet; each waits once, however often."""

    def __init__(self, tenant_id: UUID, branch_id: UUID) -> None:
        """Start with nothing that waits."""
        self.place = (tenant_id, branch_id)
        self._pending: dict[UUID, None] = {}
        self._news = asyncio.Event()
        self._why: End | None = None

    def note(self, order_id: UUID) -> None:
        """Note a change; with more than `MOST_PENDING` of them the watch has fallen behind."""
        self._pending[order_id] = None
        if len(self._pending) > MOST_PENDING:
            self.end(End.FELL_BEHIND)
        self._news.set()

    def end(self, why: End) -> None:
        """Let nothing more come; the first reason counts."""
        self._why = self._why or why
        self._pending.clear()
        self._news.set()

    async def next(self) -> UUID:
        """Return the id of the order that changed and has waited longest.

        Raises:
            WatchEnded: with the reason.
        """
        while True:
            if self._why is not None:
                raise WatchEnded(self._why)
            if self._pending:
                order_id = next(iter(self._pending))
                del self._pending[order_id]
                return order_id
            self._news.clear()
            await self._news.wait()


class Connection:
    """One open websocket or stream of an actor, with what it watches."""

    def __init__(self, actor: Actor) -> None:
        """Start without a watch."""
        self.actor = actor
        self.watches: set[Watch] = set()
        self._ended: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    def end(self, why: End) -> None:
        """End the connection and all its watches."""
        for watch in self.watches:
            watch.end(why)
        if not self._ended.done():
            self._ended.set_result(why)

    async def ended(self) -> End:
        """Wait for the end, and return why it came."""
        return await asyncio.shield(self._ended)


class Hub:
    """All connections of a process. It polls while somebody is connected, and rests otherwise."""

    def __init__(
        self,
        relay: AsyncEngine,
        app: AsyncEngine,
        *,
        clock: Clock = utc_now,
        poll_seconds: float = POLL_SECONDS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        """Take the engines of the relay, for changes, and of the application, for sign-ins."""
        self._relay = relay
        self._app = app
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._check_seconds = check_seconds
        self._connections: set[Connection] = set()
        self._of_one: Counter[UUID] = Counter()
        self._seen: set[UUID] = set()
        self._polled_at = clock()
        self._turn = asyncio.Lock()
        self._polling: asyncio.Task[None] | None = None
        self._is_stopping = False

    @contextmanager
    def connection(self, actor: Actor) -> Iterator[Connection]:
        """Count a connection in, and out again at its end.

        Raises:
            LimitExceeded: the actor, or everybody together, has too many; or the server stops.
        """
        of_one = self._of_one[actor.account_id]
        if of_one >= MOST_CONNECTIONS_OF_ONE or len(self._connections) >= MOST_CONNECTIONS:
            raise LimitExceeded(f"The limit of open connections is {MOST_CONNECTIONS_OF_ONE}.")
        connection = Connection(actor)
        if self._is_stopping:
            connection.end(End.STOPPING)
        self._connections.add(connection)
        self._of_one[actor.account_id] += 1
        if self._polling is None and not self._is_stopping:
            self._polling = asyncio.create_task(self._poll_on())
        try:
            yield connection
        finally:
            self._connections.discard(connection)
            self._of_one[actor.account_id] -= 1
            self._of_one += Counter()  # drops the zeros
            if not self._connections:
                self._rest()

    async def watch(self, connection: Connection, tenant_id: UUID, branch_id: UUID) -> Watch:
        """Watch a branch from a moment ago: whoever asked just before this misses nothing.

        Raises:
            LimitExceeded: the connection watches too much already.
        """
        if len(connection.watches) >= MOST_WATCHES:
            raise LimitExceeded(f"The limit of subscriptions of a connection is {MOST_WATCHES}.")
        watch, lately = Watch(tenant_id, branch_id), first_id_of(self._clock() - LEAD)
        async with self._turn:
            found = await find_changes(self._relay, [tenant_id], since=self._since())
            if tenant_id not in self._tenants():
                self._seen.update(change.event_id for change in found)
            connection.watches.add(watch)
        for change in reversed(found):
            if change.branch_id == branch_id and change.event_id >= lately:
                watch.note(change.order_id)
        return watch

    def stop(self) -> None:
        """End every connection, because the server stops."""
        self._is_stopping = True
        for connection in self._connections:
            connection.end(End.STOPPING)
        self._rest()

    def _rest(self) -> None:
        if self._polling is not None:
            self._polling.cancel()
            self._polling = None

    async def _poll_on(self) -> None:
        """Ask again and again; a lost database ends nothing but what missed something."""
        self._polled_at = self._clock()
        checked_at = asyncio.get_running_loop().time()
        while True:
            pause = self._poll_seconds
            try:
                async with self._turn:
                    await self._poll()
                now = asyncio.get_running_loop().time()
                if now - checked_at >= self._check_seconds:
                    checked_at = now
                    await self._check()
            except Exception:
                _LOG.exception("changes could not be read")
                pause = FAULT_SECONDS
            await asyncio.sleep(pause)

    async def _poll(self) -> None:
        now, tenants = self._clock(), self._tenants()
        is_late = now - self._polled_at > OVERLAP / 2
        found = await find_changes(self._relay, tenants, since=self._since()) if tenants else []
        if is_late or len(found) == MOST_AT_ONCE:
            for watch in self._watches():
                watch.end(End.FELL_BEHIND)
        else:
            self._tell([change for change in found if change.event_id not in self._seen])
        self._seen = {change.event_id for change in found}
        self._polled_at = now

    def _tell(self, news: list[Change]) -> None:
        by_place = defaultdict(list)
        for change in reversed(news):
            by_place[change.tenant_id, change.branch_id].append(change.order_id)
        for watch in self._watches():
            for order_id in by_place.get(watch.place, ()):
                watch.note(order_id)

    async def _check(self) -> None:
        """End the connections whose sign-in or key no longer lives with the same rights."""
        asked = {connection.actor.token_hash for connection in self._connections}
        async with global_work(self._app) as session:
            live = await find_live_versions(session, asked, at=self._clock())
        for connection in self._connections:
            actor = connection.actor
            is_live = (actor.token_hash, actor.version) in live
            if not is_live and actor.kind is not ActorKind.SYSTEM:
                connection.end(End.SIGN_IN_ENDED)

    def _since(self) -> datetime:
        return self._clock() - OVERLAP

    def _watches(self) -> list[Watch]:
        return [watch for connection in self._connections for watch in connection.watches]

    def _tenants(self) -> set[UUID]:
        return {watch.place[0] for watch in self._watches()}
