"""The whole application on a real server, and a client that speaks graphql-transport-ws."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from serviceco.api.limits import MAX_BODY_BYTES
from serviceco.api.sockets import PROTOCOL
from serviceco.app import build
from serviceco.cli.serve import Server
from serviceco.core.actor import Permission
from serviceco.edge.wire import WholeAnswerProtocol
from serviceco.evidence.operations import record
from serviceco.identity.operations import create_machine_key
from serviceco.identity.queries import find_account
from serviceco.identity.sign_ins import open_sign_in, prove
from serviceco.repairs.queries import get_order
from serviceco.settings import Environment, Settings
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.identity.people import PASSWORD, Person
from tests.web.company import Company

SECONDS = 10.0
CHANGED = (
    "subscription Changed($branchId: UUID!) { orderChanged(branchId: $branchId) { number status } }"
)


@dataclass
class Site:
    """A served application."""

    address: str
    server: Server

    @asynccontextmanager
    async def socket(self, *, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator["Client"]:
        """Open a websocket; what is not said in the handshake is the test's to say."""
        async with connect(
            f"ws://{self.address}/graphql",
            subprotocols=[Subprotocol(protocol)],
            additional_headers=headers,
            compression=None,
            proxy=None,
        ) as connection:
            yield Client(connection)


@dataclass
class Client:
    """One websocket; `next_of` waits for what one subscription is told."""

    connection: ClientConnection
    said: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, type: str, **members: object) -> None:  # noqa: A002 - the protocol's word
        await self.connection.send(json.dumps({"type": type, **members}))

    async def heard(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        self.said.append(message)
        return message

    async def greet(self) -> None:
        await self.send("connection_init")
        assert await self.heard() == {"type": "connection_ack"}

    async def subscribe(self, branch_id: UUID, *, query: str = CHANGED, id: str = "1") -> None:  # noqa: A002 - the protocol's word
        variables = {"branchId": str(branch_id)}
        await self.send("subscribe", id=id, payload={"query": query, "variables": variables})

    async def settled(self) -> None:
        """Wait until what was sent before has been taken."""
        await self.send("ping")
        assert (await self.heard())["type"] == "pong"

    async def closed(self) -> int:
        """Wait for the end, and return its code."""
        with suppress(ConnectionClosed):
            while True:
                await self.heard()
        return self.connection.close_code or 0


@asynccontextmanager
async def served(owner_url: str, folder: Path) -> AsyncIterator[Site]:
    """Serve as `serviceco serve` does, with the same bounds, on a free port of loopback."""
    application = build(Settings(environment=Environment.DEVELOPMENT), owner_url, folder)
    config = uvicorn.Config(
        application,
        http=WholeAnswerProtocol,
        ws="websockets-sansio",
        ws_max_size=MAX_BODY_BYTES,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )
    server = Server(config, application.hang_up)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.ensure_future(server.serve([listener]))
        yield Site(f"127.0.0.1:{listener.getsockname()[1]}", server)
        server.should_exit = True
        await serving


async def cookie_of(auth_engine: AsyncEngine, somebody: Person) -> tuple[str, str]:
    """Sign somebody in; return the header by which a browser says so, and the token."""
    async with global_work(auth_engine) as session:
        account = await prove(await find_account(session, somebody.email), PASSWORD)
        at = datetime.now(UTC)
        token, _ = await open_sign_in(session, account, address="", agent="", at=at)
    return f"serviceco={token}", token


async def key_of(
    auth_engine: AsyncEngine, tenant_id: UUID, *allowed: Permission
) -> tuple[str, UUID]:
    """Make a machine's key; return it and its id."""
    later = datetime(2100, 1, 1, tzinfo=UTC)
    async with global_work(auth_engine) as session:
        key, row = await create_machine_key(
            session,
            system_actor(tenant_id),
            "ERP",
            permissions=allowed,
            expires_at=later,
            at=datetime.now(UTC),
        )
    return key, row.id


async def touch(company: Company, number: str, *, act: str = "repair.assigned") -> None:
    """Do something to an order, as any verb does: its event commits with it."""
    async with unit_of_work(company.engine, company.tenant_id) as session:
        actor = system_actor(company.tenant_id)
        order = await get_order(session, actor, number, lock=True)
        await record(session, actor, act, order, at=datetime.now(UTC))
