"""How answers go onto the wire: head and body in one piece, where the server would send two."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Joining copies; beyond this size the copy costs more than a second call of the kernel.
_LARGE_BYTES = 65_536
_GO_ON = b"HTTP/1.1 100 "


class GatheringTransport:
    """A transport that keeps the head of an answer until its body comes, and sends both as one.

    Each write is a call of the kernel, mostly wakes the client, and costs more than making the
    answer of a small page does. ASGI has a head wait for the first piece of its body.
    """

    __slots__ = ("_head", "_is_between", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        """Stand before a connection's transport."""
        self._transport = transport
        self._head = b""
        self._is_between = True

    def write(self, data: bytes) -> None:
        """Send a piece, behind the head that waits for it; a head waits."""
        if self._head:
            head, self._head = self._head, b""
            if len(data) <= _LARGE_BYTES:
                self._transport.write(head + data)
                return
            self._transport.write(head)
        elif self._is_between and not data.startswith(_GO_ON):
            self._head = data
            self._is_between = False
            return
        self._transport.write(data)

    def end_answer(self) -> None:
        """Take the next piece for the head of another answer."""
        self._is_between = True

    def close(self) -> None:
        """Send a head that waits, then close."""
        self.uncovered().close()

    def uncovered(self) -> asyncio.Transport:
        """Send a head that waits, and return the transport behind."""
        if self._head:
            self._transport.write(self._head)
            self._head = b""
        return self._transport

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)


class GatheringProtocol(HttpToolsProtocol):
    """The server's HTTP, whose answers go out in one piece each."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Put our transport before the connection's."""
        super().connection_made(cast(asyncio.Transport, GatheringTransport(transport)))

    def on_response_complete(self) -> None:
        """Let the next answer begin."""
        cast(GatheringTransport, self.transport).end_answer()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the bare transport on: a socket's frames are its own affair."""
        self.transport = cast(GatheringTransport, self.transport).uncovered()
        super().handle_websocket_upgrade()
