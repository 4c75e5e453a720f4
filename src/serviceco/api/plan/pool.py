"""Connections for reads: last in first out, statements prepared once per connection."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError

from serviceco.api.plan.cache import Cache

# Instants are written in UTC whatever the server's zone is; compiling expressions costs more
# than it saves in statements that take a millisecond; no read may hold its connection for long.
SETTINGS = {
    "application_name": "serviceco read",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "5s",
}
STATEMENTS_PER_CONNECTION = 256
_CONNECT: Callable[..., Awaitable[Any]] = asyncpg.connect


class ConnectionBroken(ConnectionError):  # noqa: N818 - the pool's word for what happened to it
    """The connection died under a statement."""


class ReadConnection:
    """One connection with the statements that were prepared on it."""

    def __init__(self, connection: Any) -> None:
        """Wrap a fresh asyncpg connection; asyncpg has no types."""
        self._connection = connection
        self._prepared: Cache[str, Any] = Cache(STATEMENTS_PER_CONNECTION)

    @property
    def is_broken(self) -> bool:
        """Whether the server or the network closed it."""
        return bool(self._connection.is_closed())

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """Run a statement and return its rows; it is prepared at its first use."""
        statement = self._prepared.find(sql)
        if statement is None:
            statement = self._prepared.keep(sql, await self._connection.prepare(sql))
        rows: list[Any] = await statement.fetch(*arguments)
        return rows

    def terminate(self) -> None:
        """Drop the connection without waiting; the server ends what ran on it."""
        self._connection.terminate()

    async def close(self) -> None:
        """Say goodbye to the server."""
        await self._connection.close()


class PoolUse(NamedTuple):
    """Connections lent out and idle, and how many wait for one."""

    lent: int
    idle: int
    waiting: int


class ReadPool:
    """At most `size` connections of one event loop.

    No state outlives a statement: each binds its tenant for its own transaction, so a connection
    is lent again without a reset. One whose statement was cancelled, or that broke, is dropped
    and replaced at the next need.
    """

    def __init__(self, dsn: str, *, size: int = 8, settings: dict[str, str] | None = None) -> None:
        """Remember how to connect; the first connection is made at the first need."""
        self._dsn = dsn.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._settings = SETTINGS | (settings or {})
        self._idle: list[ReadConnection] = []
        self._room = self._size = size
        self._is_closed = False
        self._waiting: deque[asyncio.Future[ReadConnection | None]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def use(self) -> PoolUse:
        """How the pool is used at the moment."""
        idle = len(self._idle)
        return PoolUse(self._size - self._room - idle, idle, len(self._waiting))

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """Run one reading statement on a connection of the pool and return its rows.

        Where the connection turns out to be broken, once more on a fresh one: reads may be repeated.

        Raises:
            PostgresError: as the server answered.
            ConnectionBroken: twice in a row.
        """
        try:
            return await self._fetched(sql, arguments)
        except ConnectionBroken:
            # What broke one, such as a restart of the server, mostly broke all.
            while self._idle:
                self._idle.pop().terminate()
                self._room += 1
            return await self._fetched(sql, arguments)

    async def close(self) -> None:
        """Close the idle connections; those lent out are dropped when they come back."""
        self._is_closed = True
        while self._idle:
            with suppress(OSError, PostgresError):
                await self._idle.pop().close()

    async def _fetched(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        connection = await self._taken()
        try:
            return await connection.fetch(sql, arguments)
        except (OSError, InternalClientError) as error:
            connection.terminate()
            raise ConnectionBroken from error
        except (PostgresError, InterfaceError) as error:
            if connection.is_broken:
                raise ConnectionBroken from error
            raise
        except BaseException:
            # Cancelled in the middle of an answer: what would come next on it is unknown.
            connection.terminate()
            raise
        finally:
            self._given_back(connection)

    async def _taken(self) -> ReadConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_broken:
                return connection
            self._room += 1
        if self._room == 0:
            lent = await self._turn()
            if lent is not None:
                return lent
        else:
            self._room -= 1
        return await self._opened()

    async def _opened(self) -> ReadConnection:
        try:
            return ReadConnection(await _CONNECT(self._dsn, server_settings=self._settings))
        except BaseException:
            self._pass_room_on()
            raise

    def _given_back(self, connection: ReadConnection) -> None:
        if self._is_closed:
            connection.terminate()
        if connection.is_broken:
            self._pass_room_on()
        elif not self._lent(connection):
            self._idle.append(connection)

    def _pass_room_on(self) -> None:
        if not self._lent(None):
            self._room += 1

    def _lent(self, connection: ReadConnection | None) -> bool:
        """Give a connection, or the room to open one, to whoever has waited longest.

        It goes from hand to hand: a newcomer that took it first would send the waiter to the back
        of the queue again, and the slowest answers would be many times the usual one.
        """
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _turn(self) -> ReadConnection | None:
        if self._loop is None:
            # Kept, because asking for it costs a call of the kernel.
            self._loop = asyncio.get_running_loop()
        turn: asyncio.Future[ReadConnection | None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                lent = turn.result()
                self._pass_room_on() if lent is None else self._given_back(lent)
            raise
