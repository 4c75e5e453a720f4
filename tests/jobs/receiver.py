"""A real receiver of webhooks on loopback: it checks signatures, and answers as it is told."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from standardwebhooks import Webhook

HUGE_BYTES = 50_000_000


@dataclass
class Receiver:
    """What came, and what to answer next: a status, or `slow`, `huge` or `redirect`; else 200."""

    secrets: list[str] = field(default_factory=list)
    plan: deque[int | str] = field(default_factory=deque)
    got: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    signatures: list[int] = field(default_factory=list)
    forged: int = 0
    sent_bytes: int = 0
    released: Event = field(default_factory=Event)
    arrived: Event = field(default_factory=Event)
    url: str = ""

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.paths.append(handler.path)
        # The clock of a test runs ahead, so the age of a message is not looked at.
        instant = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        signatures = headers["webhook-signature"].split()
        self.signatures.append(len(signatures))
        for secret in self.secrets:
            right = Webhook(secret).sign(headers["webhook-id"], instant, body.decode())
            self.forged += right not in signatures
        self.got.append(json.loads(body))
        self.ids.append(headers["webhook-id"])
        self.arrived.set()
        self._answer(handler, self.plan.popleft() if self.plan else 200)

    def _answer(self, handler: BaseHTTPRequestHandler, answer: int | str) -> None:
        if answer == "slow":
            self.released.wait(30)
            answer = 200
        if answer == "redirect":
            handler.send_response(307)
            handler.send_header("location", f"{self.url}/elsewhere")
            handler.send_header("content-length", "0")
            handler.end_headers()
            return
        text = b"thanks" if answer == 200 else b"oh no"
        length = HUGE_BYTES if answer == "huge" else len(text)
        handler.send_response(200 if answer == "huge" else int(answer))
        handler.send_header("content-length", str(length))
        handler.end_headers()
        # Whoever called may have read enough, or waited long enough.
        with suppress(OSError):
            if answer != "huge":
                handler.wfile.write(text)
                return
            while self.sent_bytes < HUGE_BYTES:
                self.sent_bytes += handler.wfile.write(b"x" * 65_536)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a free port of loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
