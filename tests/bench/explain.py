"""What PostgreSQL plans for the hot statements, run as the application under row-level security.

`WORLD=1m python -m tests.bench.explain` writes a world, prints for each statement its time and
the pages that it touched, and fails where one reads a large table from end to end.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.documents import Documents
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.plan.pool import SETTINGS
from serviceco.api.schema import service_schema
from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.places import project_folder
from serviceco.repairs.desk import read_history
from serviceco.storage.engines import Role, normal_url, open_engine, role_url
from serviceco.storage.idempotency import claim_key
from serviceco.storage.relay import find_due
from serviceco.storage.unit_of_work import unit_of_work
from tests.bench.documents import BOARD, ORDER_PAGE
from tests.bench.world import World, make_world, name_of, write_world
from tests.database import own_database, running_server

# A table of fewer pages is read as a whole because that is the quickest way.
LARGE_PAGES = 64
OUTBOX = """
INSERT INTO outbox_entry (tenant_id, id, topic, payload, created_at, due_at, attempts, done_at)
SELECT $1, gen_random_uuid(), 'bench', '{}', now(), now(), 1, CASE WHEN n % 1000 > 0 THEN now() END
FROM generate_series(1, $2::int) n
"""
KEYS = """
INSERT INTO idempotency_key (tenant_id, client, key, request_hash, created_at)
SELECT $1, 'bench', n::text, '', now() FROM generate_series(1, $2::int) n
"""
SEARCH = """
query ($text: String!, $status: [RepairStatus!], $coverage: [Coverage!], $brand: UUID,
  $branch: UUID, $since: DateTime) {
  orders(first: 50, search: $text, status: $status, coverage: $coverage, brandId: $brand,
    branchId: $branch, receivedSince: $since) {
    nodes { number status device { serial } customer { name } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NARROWED = (
    "query ($status: [RepairStatus!]) { orders(first: 50, status: $status) { nodes { number } } }"
)


@dataclass(frozen=True)
class Explained:
    """One statement: how long it ran, how many pages it touched, what it read from end to end."""

    name: str
    milliseconds: float
    pages: int
    scanned: tuple[str, ...] = ()


@dataclass
class Explainer:
    """Explains statements over one world."""

    world: World
    owner_url: str
    large: frozenset[str] = frozenset()
    explained: list[Explained] = field(default_factory=list)

    async def run(self) -> list[Explained]:
        """Explain every hot statement."""
        await self._prepare()
        await self._reads()
        await self._operations()
        return self.explained

    async def _prepare(self) -> None:
        """Write an outbox and keys of some age, and learn which tables are large."""
        owner = await asyncpg.connect(_plain(self.owner_url))
        tenant, rows = self.world.tenant_id(0), min(self.world.orders, 200_000)
        await owner.execute(OUTBOX, tenant, rows)
        await owner.execute(KEYS, tenant, rows)
        await owner.execute("ANALYZE outbox_entry, idempotency_key")
        large = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages > $1"
        self.large = frozenset(row[0] for row in await owner.fetch(large, LARGE_PAGES))
        await owner.close()

    async def _reads(self) -> None:
        schema = service_schema()
        operations, planner, actor = Operations(schema.model), Planner(schema.model), self._actor()
        connection = await asyncpg.connect(
            _plain(role_url(self.owner_url, Role.APP)), server_settings=SETTINGS
        )
        for name, (document, given) in self._documents().items():
            operation = operations.operation(document)
            variables = operations.variables(operation, given)
            plan = planner.query(operation, Rights.of(actor), variables)
            arguments = plan.arguments(actor, variables)
            # Twice: the first time reads what nobody has asked for yet.
            for _ in range(2):
                found = await connection.fetchval(_explain(plan.sql), *arguments)
            self._note(name, found)
        await connection.close()

    def _documents(self) -> dict[str, tuple[str, Mapping[str, Any]]]:
        pages = Documents.read(project_folder("graphql") / "operations")
        number = self.world.number(0, self.world.per_tenant // 2)
        branch, now = str(self.world.branch_id(0, 1)), datetime.now(UTC).isoformat()
        seen = {"number": number, "seesCustomer": True, "seesPolicy": True}
        view = {"branchId": branch, "me": branch, "now": now, "unready": ["RECEIVED"], "first": 50}
        return {
            "order page": (ORDER_PAGE, {"number": number}),
            "order page of the web": (pages.text("OrderPage"), seen),
            "board": (BOARD, {"branchId": branch}),
            "board of the web": (pages.text("BoardList"), view),
            "open orders per status": ("{ boardCounts { status orders } }", {}),
            "all orders": (pages.text("OrderList"), {"first": 50}),
            "orders of a status": (NARROWED, {"status": ["CLOSED"]}),
            **{f"search: {name}": (SEARCH, given) for name, given in self._searches().items()},
        }

    def _searches(self) -> dict[str, Mapping[str, Any]]:
        nth = self.world.per_tenant // 4 * 2
        number, serial, person = self.world.number(0, nth), f"SN{nth:010d}", name_of(nth)
        return {
            "number": {"text": number},
            "number, its beginning": {"text": number[:9]},
            "serial": {"text": serial},
            "serial, its beginning": {"text": serial[:10]},
            "telephone": {"text": f"+86 138 {nth:08d}"},
            "last four digits": {"text": f"{nth:08d}"[-4:]},
            "name": {"text": "customer 4321"},
            "name, two signs": {"text": person[:2]},
            "name, three signs": {"text": person},
            "name, one sign": {"text": person[:1]},
            "brand, which all have": {"text": "bench"},
            "brand and name": {"text": f"bench {person}"},
            "nothing": {"text": "nowhere"},
            "brand, open, at a branch": {
                "text": "bench", "status": ["RECEIVED"], "branch": str(self.world.branch_id(0, 1)),
            },
            "model, by days and coverage": {
                "text": "x5", "since": "2026-01-07T00:00:00Z", "coverage": ["MIXED"],
            },
        }  # fmt: skip

    async def _operations(self) -> None:
        now, tenant = datetime.now(UTC), self.world.tenant_id(0)
        async with _engine(self.owner_url, Role.APP) as engine:

            async def history() -> None:
                async with unit_of_work(engine, tenant) as session:
                    await read_history(session, await self._device())

            async def claim() -> None:
                async with unit_of_work(engine, tenant) as session:
                    await claim_key(session, client="bench", key="new", request={}, at=now)
                    await session.rollback()

            await self._explain_sent("device history", history, Role.APP)
            await self._explain_sent("idempotency claim", claim, Role.APP)
        async with _engine(self.owner_url, Role.RELAY) as relay:

            async def due() -> None:
                await find_due(relay, limit=100, at=now)

            await self._explain_sent("outbox relay", due, Role.RELAY)

    async def _explain_sent(
        self, name: str, run: Callable[[], Awaitable[None]], role: Role
    ) -> None:
        """Explain each statement that an operation sends, in its tenant and rolled back."""
        with _sent() as statements:
            await run()
        connection = await asyncpg.connect(_plain(role_url(self.owner_url, role)))
        for nth, (sql, arguments) in enumerate(statements, start=1):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(f"SET LOCAL app.tenant_id = '{self.world.tenant_id(0)}'")
            found = await connection.fetchval(_explain(sql), *arguments)
            await transaction.rollback()
            self._note(name if len(statements) == 1 else f"{name}, {nth}", found)
        await connection.close()

    async def _device(self) -> UUID:
        owner = await asyncpg.connect(_plain(self.owner_url))
        found = "SELECT id FROM device WHERE tenant_id = $1 LIMIT 1"
        device: UUID = await owner.fetchval(found, self.world.tenant_id(0))
        await owner.close()
        return device

    def _actor(self) -> Actor:
        """The administrator who is signed in; with every permission, so that nothing is left out."""
        return Actor(
            kind=ActorKind.STAFF,
            account_id=UUID(int=1),
            tenant_id=self.world.tenant_id(0),
            permissions=frozenset(Permission),
            token_hash=hashlib.sha256(self.world.token.encode()).digest(),
            version=1,
        )

    def _note(self, name: str, found: str) -> None:
        (answer,) = json.loads(found)
        nodes = list(_nodes(answer["Plan"]))
        scanned = {n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"} & self.large
        pages = answer["Plan"]["Shared Hit Blocks"] + answer["Plan"]["Shared Read Blocks"]
        self.explained.append(
            Explained(name, answer["Execution Time"], pages, tuple(sorted(scanned)))
        )


def _explain(sql: str) -> str:
    return f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}"


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _plain(url: str) -> str:
    return normal_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def _engine(owner_url: str, role: Role) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(role_url(owner_url, role))
    yield engine
    await engine.dispose()


@contextmanager
def _sent() -> Iterator[list[tuple[str, Any]]]:
    """Collect statements with their parameters, but those that set a transaction up."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_: object) -> None:
        if not sql.startswith("SET "):
            sent.append((sql, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _main(orders: int) -> list[Explained]:
    world = make_world(tenants=max(2, orders // 50_000), orders=orders)
    with running_server() as server_url:
        async with own_database(server_url) as owner_url:
            owner = await asyncpg.connect(_plain(owner_url))
            await write_world(owner, world)
            await owner.close()
            return await Explainer(world, owner_url).run()


def main() -> None:
    """Write the world that the environment names, explain, and print."""
    named = os.environ.get("WORLD", "100k").lower()
    orders = int(named.replace("k", "000").replace("m", "000000"))
    explained = asyncio.run(_main(orders))
    table = Table("statement", "ms", "pages", "read from end to end", title=f"{orders:,} orders")
    for one in explained:
        table.add_row(one.name, f"{one.milliseconds:.2f}", f"{one.pages:,}", ", ".join(one.scanned))
    Console().print(table)
    if any(one.scanned for one in explained):
        sys.exit("A hot statement reads a large table from end to end.")


if __name__ == "__main__":
    main()
