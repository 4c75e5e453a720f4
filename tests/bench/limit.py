"""LIMIT: what one statement per request can reach in Python. Last changed 2026-11-30.

uvicorn, a bare ASGI application, an own LIFO of asyncpg connections with prepared statements, one
hand-written statement per workload, whose JSON text is sent as it is. It authenticates nobody.
"""

import itertools
import json
import os
import random
from pathlib import Path
from typing import Any

import asyncpg

from serviceco.storage.engines import Role, normal_url, role_url
from tests.bench.intake import Fresh, Template, written_by_hand
from tests.bench.statements import READS, words_of

NUMBERS = itertools.count(random.SystemRandom().randrange(10**10))
HEADERS = [(b"content-type", b"application/json")]
Connection = Any


class Limit:
    """The ASGI application; the tenant comes from the environment, as nobody signs in."""

    def __init__(self) -> None:
        """Open no connection yet; each is opened by the first request that finds none free."""
        self.url = normal_url(role_url(os.environ["BENCH_OWNER_URL"], Role.APP))
        self.tenant = os.environ["BENCH_TENANT"]
        self.free: list[tuple[Connection, dict[str, Any]]] = []
        self.intake: Intake | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request of one of the documents."""
        if scope["type"] != "http":
            return
        asked = json.loads(await _body(receive))
        name = asked["query"].split("(", 1)[0].split()[-1]
        connection, prepared = self.free.pop() if self.free else await self._connect()
        try:
            answer = self._take_in if name == "Intake" else self._read
            text = await answer(connection, prepared, name, asked["variables"])
        finally:
            self.free.append((connection, prepared))
        body = text.encode()
        headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _read(
        self, _: Connection, prepared: dict[str, Any], name: str, variables: dict[str, Any]
    ) -> str:
        statement, variable = READS[name]
        value = variables[variable]
        asked = words_of(value) if name == "Search" else value
        text: str = await prepared[statement].fetchval(self.tenant, asked)
        return text

    async def _take_in(
        self, connection: Connection, prepared: dict[str, Any], name: str, asked: dict[str, Any]
    ) -> str:
        if self.intake is None:
            self.intake = Intake(self.tenant)
        if name not in prepared:
            prepared[name] = await connection.prepare(self.intake.statement)
        number, values = self.intake.values(asked)
        await prepared[name].fetchval(*values)
        return '{"data":{"receiveDevice":{"__typename":"RepairOrder","number":"' + number + '"}}}'

    async def _connect(self) -> tuple[Connection, dict[str, Any]]:
        url = self.url
        connection = await asyncpg.connect(
            host=url.query.get("host", url.host),
            port=int(str(url.query.get("port", url.port or 5432))),
            user=url.username,
            password=str(url.password),
            database=url.database,
        )
        return connection, {s: await connection.prepare(s) for s, _ in READS.values()}


class Intake:
    """One statement that writes the rows of one intake, and how a request fills it."""

    def __init__(self, tenant: str) -> None:
        """Read the rows that serviceco wrote."""
        self.template = Template.load(Path(os.environ["BENCH_ROWS"]))
        self.statement, self.places = written_by_hand(self.template, tenant)

    def values(self, asked: dict[str, Any]) -> tuple[str, list[Any]]:
        """Return a new order number and the values of the statement's parameters."""
        intake = asked["intake"]
        new = Fresh(intake["device"]["serial"], intake["customer"]["phone"], asked["key"])
        number = f"9{next(NUMBERS):011d}"
        values = self.template.values(new, number)
        return number, [values[place] for place in self.places]


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body


app = Limit()
