"""The bench's world: written by COPY, the same for every contestant. Last changed 2026-11-30.

`orders` repair orders with two lines each, and the words by which they are found, spread evenly
over `tenants`; each tenant has four branches, and one order in fifty is still open.
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from serviceco.core.order_numbers import order_number

NAMESPACE = UUID("5f7f8a1e-6d9a-4d2b-9b1e-0f6c2b6f2a11")
START = datetime(2026, 1, 5, 1, tzinfo=UTC)
CHUNK = 20_000
BRANCHES = 4
OPEN_EVERY = 50
# Free documents are an administrator's; everybody else runs those of the pages.
STAFF_ROLES = ["administrator", "front_desk"]


@dataclass(frozen=True)
class World:
    """What a contestant is asked about: numbers to open, branches to list, and a way in."""

    tenants: int
    orders: int
    token: str

    def tenant_id(self, tenant: int) -> UUID:
        """Return the id of the tenant with that index."""
        return uuid5(NAMESPACE, f"tenant {tenant}")

    def branch_id(self, tenant: int, branch: int) -> UUID:
        """Return the id of one of the tenant's four branches."""
        return uuid5(NAMESPACE, f"branch {tenant} {branch}")

    def number(self, tenant: int, nth: int) -> str:
        """Return the number of the tenant's nth order."""
        day = (START + timedelta(days=nth // 1_000)).date()
        return order_number(day, nth % 1_000 + 1)

    @property
    def per_tenant(self) -> int:
        """How many orders each tenant has."""
        return self.orders // self.tenants


def make_world(tenants: int, orders: int) -> World:
    """Return a world with a fresh secret for the one signed-in administrator of its first tenant."""
    return World(tenants, orders, secrets.token_urlsafe(32))


async def write_world(connection: asyncpg.Connection, world: World) -> None:
    """Fill a migrated, empty database as its owner."""
    await _copy(connection, "brand", ["id", "code", "name", "names"], [_brand()])
    await _copy(connection, "category", ["id", "code", "names", "takes_imei"], [_category()])
    await _copy(connection, "product_model", MODEL_COLUMNS, [_model()])
    for tenant in range(world.tenants):
        await _write_tenant(connection, world, tenant)
    await _write_sign_in(connection, world)
    await connection.execute("VACUUM ANALYZE")


async def _write_tenant(connection: asyncpg.Connection, world: World, tenant: int) -> None:
    tenant_id = world.tenant_id(tenant)
    await _copy(
        connection,
        "tenant",
        ["id", "slug", "name", "currency", "zone", "language", "country", "created_at"],
        [(tenant_id, f"t{tenant}", f"T{tenant}", "CNY", "Asia/Shanghai", "zh-Hans", "CN", START)],
    )
    branches = [
        (
            tenant_id,
            world.branch_id(tenant, b),
            f"b{b}",
            f"Branch {b}",
            "",
            "",
            "Asia/Shanghai",
            START,
        )
        for b in range(BRANCHES)
    ]
    await _copy(connection, "branch", BRANCH_COLUMNS, branches)
    for since in range(0, world.per_tenant, CHUNK):
        span = range(since, min(since + CHUNK, world.per_tenant))
        await _copy(connection, "customer", CUSTOMER_COLUMNS, _customers(tenant_id, span))
        await _copy(connection, "device", DEVICE_COLUMNS, _devices(tenant_id, span))
        await _copy(connection, "repair_order", ORDER_COLUMNS, _orders(world, tenant, span))
        await _copy(connection, "order_line", LINE_COLUMNS, _lines(tenant_id, span))
        await _copy(connection, "search_key", KEY_COLUMNS, _search_keys(world, tenant, span))


async def _copy(connection: asyncpg.Connection, table: str, columns: list[str], rows: Any) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)


async def _write_sign_in(connection: asyncpg.Connection, world: World) -> None:
    account, membership = uuid5(NAMESPACE, "account"), uuid5(NAMESPACE, "membership")
    await connection.execute(
        "INSERT INTO account (id, email, name, language, is_active, version, created_at)"
        " VALUES ($1, 'bench@example.com', 'Bench', 'en', true, 1, $2)",
        account,
        START,
    )
    await connection.execute(
        "INSERT INTO membership (id, account_id, tenant_id, roles, is_active)"
        " VALUES ($1, $2, $3, $4, true)",
        membership,
        account,
        world.tenant_id(0),
        STAFF_ROLES,
    )
    now = datetime.now(UTC)
    await connection.execute(
        "INSERT INTO sign_in (token_hash, account_id, membership_id, created_at, expires_at,"
        " address, agent) VALUES ($1, $2, $3, $4, $5, '127.0.0.1', 'bench')",
        hashlib.sha256(world.token.encode()).digest(),
        account,
        membership,
        now,
        now + timedelta(hours=12),
    )


def _id(kind: str, tenant_id: UUID, nth: int) -> UUID:
    digest = hashlib.blake2b(f"{kind}{nth}".encode(), key=tenant_id.bytes, digest_size=16).digest()
    return UUID(bytes=digest, version=4)


def brand_id() -> UUID:
    """Return the id of the world's only brand."""
    return uuid5(NAMESPACE, "brand")


def category_id() -> UUID:
    """Return the id of the world's only category."""
    return uuid5(NAMESPACE, "category")


def _brand() -> tuple[Any, ...]:
    return (brand_id(), "bench", "Bench", "{}")


def _category() -> tuple[Any, ...]:
    return (category_id(), "phone", "{}", True)


MODEL_COLUMNS = ["id", "brand_id", "category_id", "code", "name", "tac_prefixes"]
BRANCH_COLUMNS = ["tenant_id", "id", "code", "name", "address", "phone", "zone", "opened_at"]
CUSTOMER_COLUMNS = ["tenant_id", "id", "name", "phone", "language", "created_at", "version"]
DEVICE_COLUMNS = [
    "tenant_id", "id", "category_id", "brand_id", "model_id", "customer_id", "brand_printed",
    "model_printed", "serial", "serial_note", "created_at",
]  # fmt: skip
ORDER_COLUMNS = [
    "tenant_id", "id", "number", "branch_id", "customer_id", "device_id", "brand_id",
    "category_id", "origin", "mode", "status", "coverage", "symptom_codes", "condition_codes",
    "condition_note", "accessories", "location", "fault_note", "remedy_note", "received_at",
    "closed_at", "currency", "line_count", "brand_minor", "customer_minor", "version",
]  # fmt: skip
LINE_COLUMNS = [
    "tenant_id", "id", "order_id", "position", "line", "code", "names", "component", "quantity",
    "price_minor", "amount_minor", "currency", "payer", "status",
]  # fmt: skip
KEY_COLUMNS = ["tenant_id", "word", "order_id", "is_personal"]
# Common signs of names: 12 families, and given names of two of 25 signs.
FAMILIES, GIVEN = "王李张刘陈杨黄赵吴周徐孙", "芳伟娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚英华玉红"


def _model() -> tuple[Any, ...]:
    brand, category = _brand()[0], _category()[0]
    return (uuid5(NAMESPACE, "model"), brand, category, "X5", "Bench X5", ["35693803"])


def _customers(tenant_id: UUID, span: range) -> Iterator[tuple[Any, ...]]:
    for nth in span:
        phone = f"+86138{nth:08d}"
        yield (tenant_id, _id("customer", tenant_id, nth), name_of(nth), phone, "zh-Hans", START, 1)


def _devices(tenant_id: UUID, span: range) -> Iterator[tuple[Any, ...]]:
    brand, category, model = _brand()[0], _category()[0], _model()[0]
    for nth in span:
        device, customer = _id("device", tenant_id, nth), _id("customer", tenant_id, nth)
        yield (
            tenant_id, device, category, brand, model, customer, "Bench", "X5", f"SN{nth:010d}",
            "", START,
        )  # fmt: skip


def _orders(world: World, tenant: int, span: range) -> Iterator[tuple[Any, ...]]:
    tenant_id, brand, category = world.tenant_id(tenant), _brand()[0], _category()[0]
    for nth in span:
        received = START + timedelta(days=nth // 1_000, seconds=nth % 1_000 * 30)
        is_open = nth % OPEN_EVERY == 0
        yield (
            tenant_id, _id("order", tenant_id, nth), world.number(tenant, nth),
            world.branch_id(tenant, nth // OPEN_EVERY % BRANCHES), _id("customer", tenant_id, nth),
            _id("device", tenant_id, nth), brand, category, "counter", "carry_in",
            "received" if is_open else "closed", "mixed", ["no_power"], [], "", [], "A-01", "",
            "", received, None if is_open else received + timedelta(hours=nth % 90), "CNY", 2,
            18_000, 6_000, 1,
        )  # fmt: skip


def _lines(tenant_id: UUID, span: range) -> Iterator[tuple[Any, ...]]:
    names = '{"en": "Main board", "zh_hans": "主板", "zh_hant": "主機板"}'
    for nth in span:
        order = _id("order", tenant_id, nth)
        for position, (line, payer, price) in enumerate(
            [("part", "brand", 18_000), ("labour", "customer", 6_000)], start=1
        ):
            yield (
                tenant_id, _id(f"line {position} ", tenant_id, nth), order, position, line,
                "PN-1", names, "board", 1, price, price, "CNY", payer, "done",
            )  # fmt: skip


def name_of(nth: int) -> str:
    """Return the name of the nth customer of a tenant: every other one is Chinese."""
    if nth % 2:
        return f"Customer {nth}"
    given = nth // len(FAMILIES)
    return FAMILIES[nth % 12] + GIVEN[given % 25] + GIVEN[given // 25 % 25]


def _search_keys(world: World, tenant: int, span: range) -> Iterator[tuple[Any, ...]]:
    tenant_id = world.tenant_id(tenant)
    for nth in span:
        order, name = _id("order", tenant_id, nth), name_of(nth)
        words = name.lower().split() if nth % 2 else (name[0], name[:2], name[1:], name[2])
        personal = {f"138{nth:08d}", f"{nth:08d}"[-4:], *words}
        for word in personal:
            yield (tenant_id, word, order, True)
        for word in {world.number(tenant, nth), f"sn{nth:010d}", "bench", "x5"} - personal:
            yield (tenant_id, word, order, False)
