"""An edge over a tiny application that says who acts."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.edge.asgi import Message, Receive, Scope, Send, answer
from serviceco.edge.authentication import Authenticator
from serviceco.edge.cookies import PendingCookie, SignInCookie
from serviceco.edge.gate import Gate
from serviceco.edge.logs import configure_logs, end_batches
from serviceco.edge.middleware import Edge
from serviceco.edge.sign_ins import SignIns
from serviceco.identity.links import LinkMint
from serviceco.identity.tokens import Issuer

ISSUER = Issuer("https://serviceco.test", b"s" * 32)


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Say who acts and how long the body is; break or renew where the path asks for it."""
    if scope["path"] == "/broken":
        raise RuntimeError("the secret reason")
    if scope["path"] in {"/head", "/half"}:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/half":
            await send({"type": "http.response.body", "body": b"one", "more_body": True})
        raise RuntimeError("the secret reason")
    if scope["path"] == "/renew":
        await scope["renew_actor"]()
    body = 0
    message: Message = {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        body += len(message.get("body", b""))
    actor = scope["actor"]
    await answer(send, 200, f"{actor.name if actor else 'visitor'} {body}".encode())


@dataclass
class Door:
    """The edge as a client meets it, and what the pages use of it."""

    client: httpx.AsyncClient
    sign_ins: SignIns
    authenticator: Authenticator
    is_ready: bool = True

    async def ready(self) -> bool:
        return self.is_ready


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def door(auth_engine: AsyncEngine) -> AsyncIterator[Door]:
    cookie = SignInCookie(https=True)
    authenticator = Authenticator(auth_engine, cookie, issuer=ISSUER, links=LinkMint(b"k" * 32))
    gate = Gate(
        engine=auth_engine,
        authenticator=authenticator,
        cookie=cookie,
        pending_cookie=PendingCookie(https=True),
        secrets_key=b"k" * 32,
        https=True,
    )
    door = Door(httpx.AsyncClient(), SignIns(gate), authenticator)
    edge = Edge(inner, authenticator, ready=door.ready, https=True)
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="https://serviceco.test") as client:
        door.client = client
        yield door


@pytest.fixture
def logged(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[[], list[dict[str, Any]]]:
    """Return the lines written to standard error since the last call."""
    configure_logs()
    end_batches()
    # What waited belongs to the tests before this one.
    capsysbinary.readouterr()
    return lambda: [
        msgspec.json.decode(line) for line in capsysbinary.readouterr().err.splitlines()
    ]
