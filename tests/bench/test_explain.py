"""The hot statements over 20,000 orders: enough for PostgreSQL to prefer an index wherever one serves."""

import asyncpg
import pytest

from tests.bench.explain import Explained, Explainer
from tests.bench.world import make_world, write_world
from tests.database import own_database

MOST_PAGES = 2_500


@pytest.fixture(scope="module")
async def explained(server_url) -> list[Explained]:
    """Every hot statement, explained as the application's role."""
    world = make_world(tenants=8, orders=20_000)
    async with own_database(server_url, "explain") as owner_url:
        owner = await asyncpg.connect(owner_url.replace("postgresql+asyncpg", "postgresql"))
        await write_world(owner, world)
        await owner.close()
        return await Explainer(world, owner_url).run()


def test_no_hot_statement_reads_a_large_table_from_end_to_end(explained):
    assert {one.name: one.scanned for one in explained if one.scanned} == {}


def test_every_hot_statement_is_looked_at(explained):
    names = {one.name.partition(":")[0].partition(",")[0] for one in explained}
    assert names >= {
        "order page", "board", "search", "open orders per status", "device history",
        "idempotency claim", "outbox relay",
    }  # fmt: skip


def test_what_names_one_order_touches_few_pages(explained):
    pages = {one.name: one.pages for one in explained}
    narrow = ("number", "serial", "telephone", "nothing")
    assert {
        name: pages[f"search: {name}"] for name in narrow if pages[f"search: {name}"] > 100
    } == {}
    assert pages["order page"] < 50
