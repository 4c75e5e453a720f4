"""How answers go onto the wire: head and body in one piece, where the server would send two."""

from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from serviceco.edge.asgi import Scope

# Joining copies; beyond this size the copy costs more than a second call of the kernel.
_LARGE_BYTES = 65_536
_EXTENSION = "serviceco.whole_answer"
SendWhole = Callable[[int, bytes, bytes], bool]
"""Takes a status, the lines of a head but that of its length, and a body; tells whether it sent."""


class WholeAnswerProtocol(HttpToolsProtocol):
    """The server's HTTP, which also takes a whole answer at once.

    Each write is a call of the kernel and mostly wakes the client, and the server looks at every
    header of every answer: together they cost more than making the answer of a small page does.
    """

    def on_headers_complete(self) -> None:
        """Offer it to the application, which begins after what was received is parsed."""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            extensions: dict[str, Any] = {_EXTENSION: partial(_send_whole, self.cycle)}
            self.scope["extensions"] = extensions


def whole_answers(scope: Scope) -> SendWhole | None:
    """Return what sends the whole answer of a request, where the server has it."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    return extensions.get(_EXTENSION)


def _send_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """Send an answer as the server would; false where it must do that itself, as it has to wait."""
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return False
    own = b"".join([b"%b: %b\r\n" % pair for pair in cycle.default_headers])
    ending = b"content-length: %d\r\n\r\n" if cycle.keep_alive else _LAST_LENGTH
    whole_head = b"%b%b%b%b" % (STATUS_LINE[status], own, head, ending % len(body))
    if len(body) > _LARGE_BYTES:
        cycle.transport.write(whole_head)
        cycle.transport.write(body)
    else:
        cycle.transport.write(whole_head + body)
    cycle.waiting_for_100_continue = False
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


_LAST_LENGTH = b"content-length: %d\r\nconnection: close\r\n\r\n"
