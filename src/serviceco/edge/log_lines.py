"""The way of a log line to standard error: requests in batches, faults at once, every line whole."""

import asyncio
import atexit
import sys
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Protocol

BATCH_SECONDS = 0.1
MOST_WAITING = 500


class Noted(Protocol):
    """What becomes a line when it is written: made many at a time, which is much quicker."""

    def line(self) -> bytes:
        """Return the line, which ends in a line break."""
        ...


def write_to_standard_error(lines: bytes) -> None:
    """Write, and leave nothing in a buffer."""
    sys.stderr.buffer.write(lines)
    sys.stderr.buffer.flush()


class LogLines:
    """Takes lines in the order in which they are logged, and loses none when the process ends.

    A write for each request would cost a tenth of answering it. So lines may wait for a moment,
    while an event loop runs that will write them. Only a kill loses lines: those of the last
    `BATCH_SECONDS`.
    """

    def __init__(self, write_through: Callable[[bytes], None] = write_to_standard_error) -> None:
        """Begin with nothing that waits."""
        self._write_through = write_through
        self._waiting: deque[bytes | Noted] = deque()
        self._lock = Lock()
        self._promised: asyncio.AbstractEventLoop | None = None
        self._is_batching = True
        atexit.register(self.end_batches)

    def write_soon(self, line: bytes | Noted) -> None:
        """Write a line, which ends in a line break, within `BATCH_SECONDS`."""
        self._waiting.append(line)
        if len(self._waiting) >= MOST_WAITING or not self._is_promised():
            self.flush()

    def write(self, line: bytes) -> None:
        """Write a line now, after those that wait: what follows a fault may be the end."""
        self._waiting.append(line)
        self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            # One by one: what another thread adds meanwhile stays for the next time.
            lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if lines:
                written = [line if isinstance(line, bytes) else line.line() for line in lines]
                self._write_through(b"".join(written))

    def end_batches(self) -> None:
        """Write what waits, and from now on each line at once."""
        self._is_batching = False
        self.flush()

    def _is_promised(self) -> bool:
        """Tell whether an event loop that runs will write; one that ended keeps no promise."""
        # Asking for the running loop costs a call of the kernel.
        if self._promised is not None and not self._promised.is_closed():
            return self._is_batching
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        if self._is_batching:
            self._promised = loop
            loop.call_later(BATCH_SECONDS, self._keep_promise)
        return self._is_batching

    def _keep_promise(self) -> None:
        self._promised = None
        self.flush()
