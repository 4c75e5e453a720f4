"""Connections go from company to company thousands of times; none carries a company along."""

import asyncio
import os
import random
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.ids import new_id
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.tables import Branch
from tests.factories import NOON
from tests.tenant_constant import unwatched

TENANTS = [new_id() for _ in range(50)]
CONNECTIONS = 5
AT_ONCE = 25
# `make soak` runs all 100,000.
TRANSACTIONS = int(os.environ.get("SOAK_TRANSACTIONS", "5000"))


@pytest.fixture(scope="module")
async def pool(owner_url: str):
    engine = open_engine(role_url(owner_url, Role.APP), pool_size=CONNECTIONS)
    for tenant_id in TENANTS:
        async with unit_of_work(engine, tenant_id) as session:
            session.add(
                Branch(
                    tenant_id=tenant_id, id=new_id(), code="b", name="b", zone="UTC", opened_at=NOON
                )
            )
    yield engine
    await engine.dispose()


async def owners_seen(pool: AsyncEngine, tenant_id: UUID) -> set[UUID]:
    """Return the companies whose branches a transaction sees by row-level security alone."""
    with unwatched():
        async with unit_of_work(pool, tenant_id) as session:
            return set(await session.scalars(sa.select(Branch.tenant_id)))


async def visit(pool: AsyncEngine, dice: random.Random) -> str:
    """Run one transaction and return how it ended; some are cancelled on their way."""
    tenant_id = dice.choice(TENANTS)
    if dice.random() < 0.9:
        seen = await owners_seen(pool, tenant_id)
        return "right" if seen == {tenant_id} else f"WRONG: {tenant_id} saw {seen}"
    transaction = asyncio.create_task(owners_seen(pool, tenant_id))
    asyncio.get_running_loop().call_later(dice.uniform(0, 0.01), transaction.cancel)
    try:
        seen = await transaction
    except asyncio.CancelledError:
        return "cancelled"
    return "right" if seen == {tenant_id} else f"WRONG: {tenant_id} saw {seen}"


async def test_a_pooled_connection_leaks_no_company(pool):
    dice = random.Random(20261122)  # noqa: S311 - repeatable on purpose
    left = iter(range(TRANSACTIONS))
    ends: dict[str, int] = {}

    async def client() -> None:
        for _ in left:
            end = await visit(pool, dice)
            ends[end] = ends.get(end, 0) + 1

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    assert set(ends) == {"right", "cancelled"}
    assert sum(ends.values()) == TRANSACTIONS
    assert ends["right"] > TRANSACTIONS * 0.85


async def test_a_connection_given_back_remembers_no_company(pool):
    await owners_seen(pool, TENANTS[0])
    async with pool.connect() as connection:
        setting = await connection.scalar(sa.text("select current_setting('app.tenant_id', true)"))
    assert setting in (None, "")


async def test_a_transaction_that_fails_remembers_no_company(pool):
    with pytest.raises(DBAPIError, match="division by zero"):
        async with unit_of_work(pool, TENANTS[0]) as session:
            await session.execute(sa.text("select 1 / 0"))
    async with pool.connect() as connection:
        setting = await connection.scalar(sa.text("select current_setting('app.tenant_id', true)"))
    assert setting in (None, "")
