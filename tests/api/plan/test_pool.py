import asyncio
import random
from contextlib import suppress

import asyncpg
import pytest
from asyncpg.exceptions import DataError, PostgresError

from serviceco.api.errors import Rejection
from serviceco.api.plan.cache import Cache
from serviceco.api.plan.pool import ReadPool
from serviceco.api.service import Api
from serviceco.storage.engines import Role, role_url
from tests.api.schema import SCHEMA

BRANCHES = "{ branches { name } }"
PID = "select pg_backend_pid()"


@pytest.fixture
async def small(owner_url):
    """A pool of two connections, and so one that has to wait."""
    pool = ReadPool(role_url(owner_url, Role.APP), size=2)
    yield pool
    await pool.close()


async def test_connections_are_lent_last_in_first_out_and_no_more_than_allowed(small):
    first = (await small.fetch(PID, []))[0][0]
    assert (await small.fetch(PID, []))[0][0] == first
    slow = "select pg_backend_pid() from pg_sleep(0.01)"
    rows = await asyncio.gather(*(small.fetch(slow, []) for _ in range(20)))
    assert len({row[0][0] for row in rows}) == 2


async def test_whoever_waits_longest_is_served_next(owner_url):
    narrow = ReadPool(role_url(owner_url, Role.APP), size=1)
    served: list[str] = []

    async def ask(name: str) -> None:
        for _ in range(4):
            await narrow.fetch(PID, [])
            served.append(name)

    await asyncio.gather(ask("first"), ask("second"))
    await narrow.close()
    assert served == ["first", "second"] * 4


async def test_an_error_of_a_statement_leaves_the_connection_usable(small):
    pid = (await small.fetch(PID, []))[0][0]
    with pytest.raises(PostgresError):
        await small.fetch("select 1 / 0", [])
    with pytest.raises(DataError):
        await small.fetch("select $1::int", ["no number"])
    assert (await small.fetch(PID, []))[0][0] == pid


async def test_a_cancelled_statement_takes_its_connection_with_it(small):
    pid = (await small.fetch(PID, []))[0][0]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(small.fetch("select pg_sleep(60)", []), 0.05)
    assert (await small.fetch(PID, []))[0][0] != pid


async def test_who_is_cancelled_while_waiting_passes_the_turn_on(small):
    slow = [asyncio.create_task(small.fetch("select pg_sleep(0.05)", [])) for _ in range(2)]
    await asyncio.wait(slow, timeout=0.01)
    waiting = [asyncio.create_task(small.fetch(PID, [])) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0.01)
    waiting[0].cancel()
    await asyncio.gather(*slow)
    waiting[1].cancel()
    assert await asyncio.wait_for(waiting[2], 2)


async def test_a_broken_connection_is_replaced_under_the_statement(small, owner_url):
    owner = await asyncpg.connect(owner_url.replace("postgresql+asyncpg", "postgresql"))
    pids = await asyncio.gather(*(small.fetch(PID + " from pg_sleep(0.01)", []) for _ in range(2)))
    for row in pids:
        await owner.execute("select pg_terminate_backend($1)", row[0][0])
    await owner.close()
    fresh = (await small.fetch(PID, []))[0][0]
    assert fresh not in {row[0][0] for row in pids}


async def test_a_server_that_does_not_answer_does_not_use_up_the_pool(small, owner_url):
    nowhere = ReadPool("postgresql://nobody@127.0.0.1:1/nothing", size=1)
    for _ in range(3):
        with pytest.raises(OSError, match="Connect"):
            await asyncio.wait_for(nowhere.fetch(PID, []), 2)


async def test_a_read_that_takes_too_long_is_stopped_and_said(owner_url, engine, fixit):
    impatient = ReadPool(
        role_url(owner_url, Role.APP), size=1, settings={"statement_timeout": "1ms"}
    )
    api = Api(SCHEMA, engine=engine, pool=impatient)
    document = """{ orders(first: 100) { edges { cursor node { lines { code } lineTotal
        customer { orders(first: 5) { totalCount nodes { lineTotal } } } } } } }"""
    answer = await api.execute(fixit.actor(), document)
    assert answer["errors"][0]["extensions"]["code"] == "TOO_SLOW"
    await impatient.close()


async def test_no_context_leaks_under_cancellation_and_concurrency(engine, small, fixit, other):
    """Interleaved requests of two companies over two connections, some cancelled at any point."""
    api = Api(SCHEMA, engine=engine, pool=small)
    dice = random.Random(7)  # noqa: S311 - dice, not a secret
    wrong: list[object] = []

    async def ask(number: int) -> None:
        company, name = ((fixit, "fixit"), (other, "other"))[number % 2]
        timeout = dice.choice([None, None, None, 0.0005, 0.002])
        with suppress(TimeoutError, Rejection):
            answer = await asyncio.wait_for(api.execute(company.actor(), BRANCHES), timeout)
            names = [branch["name"] for branch in answer["data"]["branches"]]
            if names != [f"{name} 0店", f"{name} 1店"]:
                wrong.append(answer)

    for _ in range(20):
        await asyncio.gather(*(ask(number) for number in range(40)))
    assert wrong == []


def test_a_cache_forgets_what_was_not_used_for_longest():
    cache: Cache[str, int] = Cache(2)
    cache.keep("a", 1)
    cache.keep("b", 2)
    assert cache.find("a") == 1
    cache.keep("c", 3)
    assert (cache.find("a"), cache.find("b"), cache.find("c"), len(cache)) == (1, None, 3, 2)
