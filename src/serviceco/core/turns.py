"""Turns at work that a process must not do too much of at once: some at work, some waiting, then no."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from serviceco.core.refusals import TooBusy


class Turns:
    """At most `at_once` at work and `waiting` before the door, each no longer than `patience_seconds`."""

    def __init__(self, *, at_once: int, waiting: int, patience_seconds: float) -> None:
        """Nobody is at work yet."""
        self._free = asyncio.Semaphore(at_once)
        self._room = waiting
        self._patience_seconds = patience_seconds

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it for the block.

        Raises:
            TooBusy: too many wait already, or the wait took too long; nothing was done.
        """
        await self._take()
        try:
            yield
        finally:
            self._free.release()

    async def _take(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if not self._room:
            raise TooBusy("Too much of this is being worked on. Try again in a minute.")
        self._room -= 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience_seconds)
        except TimeoutError:
            raise TooBusy("Too much of this is being worked on. Try again in a minute.") from None
        finally:
            self._room += 1
