"""Every subscription of the schema, opened by everybody who has no business there: 0 leaks."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest

from serviceco.api.errors import Rejection
from serviceco.api.live import Feed, Live
from serviceco.api.plan.access import Rights
from serviceco.api.plan.pool import ReadPool
from serviceco.api.plan.types import graphql_name
from serviceco.api.watching import Hub
from serviceco.core.actor import Actor
from serviceco.storage.engines import Role, open_engine, role_url
from tests.isolation.test_matrix import OUTSIDERS, SCHEMA, STRANGERS, World, leaks, world

__all__ = ["world"]  # the fixture of the matrix

assert SCHEMA.graphql.subscription_type is not None
SUBSCRIPTIONS = sorted(SCHEMA.graphql.subscription_type.fields)
QUIET_SECONDS = 0.01
# The table of which each subscription tells rows.
ROWS = {"orderChanged": "repair_order"}


@pytest.fixture(scope="module", params=["filter and net", "filter alone"])
async def live(request: pytest.FixtureRequest, owner_url: str, relay_engine) -> AsyncIterator[Live]:
    """Live updates as the application, and as a superuser, whom row-level security does not hold."""
    url = role_url(owner_url, Role.APP) if request.param == "filter and net" else owner_url
    engine, pool = open_engine(url), ReadPool(url, size=2)
    yield Live(SCHEMA, Hub(relay_engine, engine), engine=engine, pool=pool)
    await pool.close()
    await engine.dispose()


async def told(live: Live, world: World, field: str, actor: Actor, reader: Actor) -> bytes | None:
    """Let one actor subscribe and another read what a change of the company's row tells."""
    document, variables = world.writer.subscription(field)
    with live.connection(actor) as connection:
        feed = await live.subscribe(connection, document, variables)
        if reader is not actor:
            feed = _stolen(live, feed, document, reader)
        feed.watch.note(world.rows[ROWS[field]]["id"])
        return await feed.next(QUIET_SECONDS)


def _stolen(live: Live, feed: Feed, document: str, thief: Actor) -> Feed:
    """Return the feed as if the thief had come past every check that opens one."""
    operation = live._operations.operation(document)
    asked = live._asked(operation, feed.variables)
    rights, name = Rights.of(thief), graphql_name(asked.declared.result)
    plan = live._planner.watched(operation, asked.nodes, name, rights, feed.variables)
    return replace(feed, actor=thief, plan=plan)


def test_every_subscription_has_its_table():
    assert set(ROWS) == set(SUBSCRIPTIONS)


@pytest.mark.parametrize("who", [*STRANGERS, *OUTSIDERS])
@pytest.mark.parametrize("field", SUBSCRIPTIONS)
async def test_who_has_no_business_opens_nothing(live, world, field, who):
    somebody = world.people[who]
    with pytest.raises(Rejection) as refused:
        await told(live, world, field, somebody, somebody)
    assert leaks(world, str(refused.value.entries()), world.writer.subscription(field)) == set()


@pytest.mark.parametrize("who", [*STRANGERS, *OUTSIDERS])
@pytest.mark.parametrize("field", SUBSCRIPTIONS)
async def test_who_has_no_business_is_told_nothing_by_an_open_one(live, world, field, who):
    with suppress(Rejection):
        owner, thief = world.people["owner"], world.people[who]
        assert await told(live, world, field, owner, thief) is None


@pytest.mark.parametrize("field", SUBSCRIPTIONS)
async def test_the_owner_is_told_what_strangers_are_not(live, world, field):
    owner = world.people["owner"]
    body = await told(live, world, field, owner, owner)
    assert body is not None
    assert leaks(world, body.decode(), world.writer.subscription(field))
