"""Webhooks of two brands and a company in one database: each meets its own, and no secret of any."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from serviceco.api.schema import service_schema
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.tenancy.rules import brand_operator, system_actor
from tests.isolation.declared import TABLES
from tests.isolation.rows import RowMaker
from tests.isolation.unfiltered import opened
from tests.tenant_constant import unwatched

OWNED = ("webhook_endpoint", "webhook_delivery", "webhook_attempt")
NAMES = ("brand", "other brand", "company")
LIST = "{ webhookEndpoints { id } webhookDeliveries(first: 50) { nodes { id history { id } } } }"
ONE = """query One($endpoint: UUID!, $delivery: UUID!) {
    webhookEndpoint(id: $endpoint) { id } webhookDelivery(id: $delivery) { id } }"""
CHANGES = (
    'mutation M($id: UUID!) { made: pauseWebhookEndpoint(endpointId: $id, idempotencyKey: "1")',
    'mutation M($id: UUID!) { made: removeWebhookEndpoint(endpointId: $id, idempotencyKey: "2")',
    'mutation M($id: UUID!) { made: sendWebhookTest(endpointId: $id, idempotencyKey: "3")',
)
ANSWER = " { __typename ... on Refusal { code } } }"


@dataclass(frozen=True)
class Owner:
    """A company or brand with a row in each of the tables."""

    actor: Actor
    endpoint: UUID
    delivery: UUID
    attempt: UUID

    @property
    def ids(self) -> set[str]:
        return {str(self.endpoint), str(self.delivery), str(self.attempt)}


@pytest.fixture(scope="module")
async def owners(engine: AsyncEngine, owner_url: str) -> AsyncIterator[dict[str, Owner]]:
    maker = RowMaker(engine, owner_url)
    actors = (brand_operator(new_id()), brand_operator(new_id()), system_actor(new_id()))
    found = {}
    for name, actor in zip(NAMES, actors, strict=True):
        endpoint = await maker.row_of("webhook_endpoint", actor.home)
        of_endpoint = {"endpoint_id": endpoint["id"], "branch_id": None}
        delivery = await maker.row_of("webhook_delivery", actor.home, **of_endpoint)
        attempt = await maker.row_of("webhook_attempt", actor.home, delivery_id=delivery["id"])
        found[name] = Owner(actor, endpoint["id"], delivery["id"], attempt["id"])
    yield found
    await maker.close()


@pytest.fixture(params=["filter and net", "net alone", "filter alone"])
async def api(request: pytest.FixtureRequest, owner_url: str) -> AsyncIterator[Any]:
    net, filters = request.param != "filter alone", request.param != "net alone"
    with unwatched():
        async with opened(service_schema(), owner_url, net=net, filters=filters) as api:
            yield api


@pytest.mark.parametrize("name", NAMES)
async def test_a_list_holds_what_is_ones_own(api, owners, name):
    body = (await api.respond(owners[name].actor, LIST)).body.decode()
    for other, owner in owners.items():
        assert {one for one in owner.ids if one in body} == (owner.ids if other == name else set())


@pytest.mark.parametrize("name", NAMES)
async def test_anothers_is_found_by_no_id_and_changed_by_nobody(api, owners, name):
    strangers = [owner for other, owner in owners.items() if other != name]
    for owner in strangers:
        asked = {"endpoint": str(owner.endpoint), "delivery": str(owner.delivery)}
        answer = await api.execute(owners[name].actor, ONE, asked)
        assert answer["data"] == {"webhookEndpoint": None, "webhookDelivery": None}
        for change in CHANGES:
            given = {"id": str(owner.endpoint)}
            refused = await api.execute(owners[name].actor, change + ANSWER, given)
            assert refused["data"]["made"] == {"__typename": "Refusal", "code": "NOT_FOUND"}


@pytest.fixture
async def as_brand(owner_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection as the role of brands."""
    engine = open_engine(role_url(owner_url, Role.BRAND), pool_size=1)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.mark.parametrize("table", OWNED)
async def test_the_role_of_brands_sees_the_brands_own_rows_alone(as_brand, owners, table):
    seen = sa.select(TABLES[table].c.tenant_id)
    assert list(await as_brand.scalars(seen)) == []
    await as_brand.execute(sa.text(f"set local app.brand_id = '{owners['brand'].actor.home}'"))
    assert set(await as_brand.scalars(seen)) == {owners["brand"].actor.home}


@pytest.mark.parametrize(
    "statement",
    [
        "select secret from webhook_endpoint",
        "select old_secret from webhook_endpoint",
        "update webhook_endpoint set url = 'https://elsewhere.example/'",
        "delete from webhook_delivery",
        "select answer from idempotency_key",
        "select detail from event",
    ],
)
async def test_the_role_of_brands_reads_no_secret_and_writes_nothing(as_brand, owners, statement):
    await as_brand.execute(sa.text(f"set local app.brand_id = '{owners['brand'].actor.home}'"))
    with pytest.raises(DBAPIError, match="permission denied"):
        await as_brand.execute(sa.text(statement))
