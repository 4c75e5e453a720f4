"""A small world in a database of its own: written by the operations, and written once."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from serviceco.core.ids import new_id
from serviceco.demo.companies import PASSWORD
from serviceco.demo.engines import Engines, open_engines
from serviceco.demo.world import build_world, is_wanted
from serviceco.identity.queries import find_account
from serviceco.identity.sign_ins import prove
from serviceco.ledger.queries import verify_ledger
from serviceco.storage.engines import open_engine
from serviceco.storage.unit_of_work import global_work, unit_of_work
from tests.database import own_database
from tests.factories import tenant_row

VISITS = 12
AT = datetime.now(UTC)


class World:
    """The engines, and the owner's view over all companies."""

    def __init__(self, engines: Engines, url: str, files: Path) -> None:
        self.engines = engines
        self.files = files
        self._url = url

    async def built(self) -> int:
        played = 0

        def advance(visits: int) -> None:
            nonlocal played
            played += visits

        await build_world(self.engines, self.files, at=AT, advance=advance, number=VISITS)
        return played

    async def rows(self, sql: str) -> Sequence[Any]:
        owner = open_engine(self._url, pool_size=1)
        async with owner.connect() as connection:
            rows = (await connection.execute(text(sql))).all()
        await owner.dispose()
        return rows


@pytest.fixture(scope="module")
async def world(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with own_database(server_url, "demo") as url, open_engines(url) as engines:
        world = World(engines, url, tmp_path_factory.mktemp("files"))
        assert await is_wanted(engines)
        assert await world.built() == 3 * VISITS
        yield world


async def test_three_companies_have_their_visits(world):
    counts = await world.rows(
        "select t.slug, count(*) from repair_order o join tenant t on t.id = o.tenant_id"
        " group by 1 order by 1"
    )
    assert counts == [("anjie", VISITS), ("qinghe", VISITS), ("tidewell", VISITS)]


async def test_building_it_again_writes_nothing(world):
    counted = """
        select (select count(*) from repair_order), (select count(*) from event),
               (select count(*) from account), (select count(*) from membership),
               (select count(*) from staff), (select count(*) from policy_version),
               (select count(*) from entry), (select count(*) from claim)
    """
    before = await world.rows(counted)
    assert await world.built() == 3 * VISITS
    assert await world.rows(counted) == before


async def test_the_staff_may_sign_in(world):
    async with global_work(world.engines.auth) as session:
        account = await find_account(session, "desk.hz01@qinghe.example")
    assert await prove(account, PASSWORD)


async def test_every_delivery_was_heard(world):
    unheard = "select topic, failed from outbox_entry where done_at is null or failed is not null"
    assert await world.rows(unheard) == []


async def test_the_books_balance(world):
    for (tenant_id,) in await world.rows("select id from tenant"):
        async with unit_of_work(world.engines.app, tenant_id) as session:
            proof = await verify_ledger(session)
        assert proof.entries > 0
        assert not proof.flaws


async def test_nothing_happened_in_the_future(world):
    latest = await world.rows("select max(at) from event")
    assert latest[0][0] <= AT


async def test_an_unfinished_world_is_finished_and_another_one_is_left_alone(world):
    assert await is_wanted(world.engines)  # a whole one has a hundred visits a company
    async with global_work(world.engines.admin) as session:
        session.add(tenant_row(new_id()))
    assert not await is_wanted(world.engines)


async def test_each_brand_has_people_and_sees_its_cases_and_claims(world):
    roles = await world.rows(
        "select b.code, array_agg(m.roles[1] order by m.roles[1]) from membership m"
        " join brand b on b.id = m.brand_id group by b.code"
    )
    assert len(roles) == 6
    for _, found in roles:
        assert found == ["auditor", "brand_administrator", "claims_reviewer", "policy_editor"]
    ((cases, brands),) = await world.rows(
        "select count(*), count(distinct brand_id) from brand_case"
    )
    assert cases > 0
    assert brands > 1
    ((differing,),) = await world.rows(
        "select count(*) from claim c where c.status = 'submitted' and not exists"
        " (select from brand_claim b where b.id = c.id and b.amount_minor = c.amount_minor)"
    )
    assert differing == 0
