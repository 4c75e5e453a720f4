"""The load client: keep-alive connections that each ask again as soon as they are answered.

Last changed 2026-11-22. It reads answers by their content-length only, so that it costs the two
cores of a small machine as little as it can.
"""

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

CONNECTIONS = 32


@dataclass
class Sample:
    """Latencies in seconds of the requests answered within the span, and the wrong answers."""

    seconds: float
    latencies: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate_per_s(self) -> float:
        """Right answers per second."""
        return len(self.latencies) / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: list[bytes], first: int, sample: Sample) -> None:
        self.requests, self.turn, self.sample = requests, first, sample
        self.buffer = b""
        self.sent_at = 0.0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class
        self._ask()

    def _ask(self) -> None:
        assert self.transport is not None
        self.turn = (self.turn + 1) % len(self.requests)
        self.sent_at = time.perf_counter()
        self.transport.write(self.requests[self.turn])

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self.buffer[:head_end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self.buffer) < head_end + 4 + length:
            return
        self.sample.latencies.append(time.perf_counter() - self.sent_at)
        if not head.startswith(b"http/1.1 200") or b'"errors"' in self.buffer:
            self.sample.wrong += 1
        self.buffer = b""
        self._ask()


def http_request(port: int, body: bytes, cookie: str) -> bytes:
    """Return the bytes of one POST to `/graphql`."""
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"cookie: {cookie}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask_for(port: int, requests: list[bytes], seconds: float) -> Sample:
    """Ask the server on that port for so long, over 32 connections."""
    return uvloop.run(_ask_for(port, requests, seconds))


async def _ask_for(port: int, requests: list[bytes], seconds: float) -> Sample:
    sample = Sample(seconds)
    loop = asyncio.get_running_loop()
    spread = len(requests) // CONNECTIONS
    connections = [
        await loop.create_connection(
            partial(_Connection, requests, n * spread, sample), "127.0.0.1", port
        )
        for n in range(CONNECTIONS)
    ]
    over = loop.create_future()
    loop.call_later(seconds, over.set_result, None)
    await over
    for transport, _ in connections:
        transport.abort()
    return sample
