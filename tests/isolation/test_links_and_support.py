"""A customer's link and a session of support, asked every field and every mutation there is."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType, get_named_type
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.edge.actors import actor_of_link, actor_of_support
from serviceco.identity.links import find_live_link, new_link
from serviceco.identity.rules import token_hash
from serviceco.identity.support import (
    begin_session,
    find_live_support,
    grant_supporter,
    open_session,
)
from serviceco.storage.batch import insert_row
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from tests.factories import NOON, Factory, tenant_row
from tests.isolation.documents import Writer
from tests.repairs.shop import open_shop

SCHEMA = service_schema()
assert SCHEMA.graphql.query_type is not None
assert SCHEMA.graphql.mutation_type is not None
QUERIES = sorted(SCHEMA.graphql.query_type.fields)
MUTATIONS = sorted(SCHEMA.graphql.mutation_type.fields)
# What tells of the customer or of money; support sees none of it.
PERSONAL = ("陈晓明", "13812345678", "昨天摔了一下")


@dataclass
class Outside:
    """One order, its customer by link, and a supporter in a session."""

    number: str
    customer: Actor
    support: Actor
    writer: Writer


@pytest.fixture(scope="module")
async def outside(
    engine: AsyncEngine, auth_engine: AsyncEngine, admin_engine: AsyncEngine
) -> Outside:
    tenant_id, at = new_id(), datetime.now(UTC)
    async with global_work(admin_engine) as session:
        session.add(tenant_row(tenant_id))
    async with unit_of_work(engine, tenant_id) as session:
        shop = await open_shop(Factory(session, tenant_id, admin_engine))
        order = await shop.diagnosed(bought=None)
        link = new_link(session, order.id, order.number, at=at)
        await insert_row(session, link)
    async with global_work(auth_engine) as session:
        live = await find_live_link(session, link.handle, at=at)
    assert live is not None
    known = _known(order.number, {"branchId": order.branch_id, "customerId": order.customer_id})
    return Outside(
        order.number,
        actor_of_link(live),
        await _supporter(auth_engine, tenant_id, at),
        Writer(SCHEMA.graphql, known),
    )


async def _supporter(auth_engine: AsyncEngine, tenant_id: UUID, at: datetime) -> Actor:
    async with global_work(auth_engine) as session:
        supporter = await grant_supporter(
            session, f"s-{new_id().hex}@example.test", name="Sam", language="en", at=NOON
        )
        opening = await open_session(
            session, supporter, tenant_id, consent_id=None, consented_by="", ticket="T-1", at=at
        )
        token, _, _ = await begin_session(session, opening, at=at)
        live = await find_live_support(session, token_hash(token), at=at)
    assert live is not None
    return actor_of_support(live)


def _known(number: str, ids: dict[str, Any]) -> dict[str, object]:
    plain: dict[str, object] = {
        "any String": "x",
        "any Int": 1,
        "any Int64": "1",
        "any Boolean": True,
        "any Float": 1.5,
        "any UUID": str(new_id()),
        "any Date": "2026-11-22",
        "any DateTime": "2026-11-22T04:00:00Z",
        "any JSON": {},
        "first": 5,
        "number": number,
        "orderNumber": number,
        "text": number,
        "phone": "+8613812345678",
        "serial": "356938035643809",
        "idempotencyKey": "a key",
    }
    return plain | {name: str(value) for name, value in ids.items()}


@pytest.fixture(scope="module", params=["filter and net", "filter alone"])
async def api(request: pytest.FixtureRequest, owner_url: str) -> AsyncIterator[Api]:
    """The API as the application, and as a superuser, whom row-level security does not hold."""
    alone = request.param == "filter alone"
    url = owner_url if alone else role_url(owner_url, Role.APP)
    engine = open_engine(url)
    auth_engine = open_engine(owner_url if alone else role_url(owner_url, Role.AUTH))
    pool = ReadPool(url, size=2)
    yield Api(SCHEMA, engine=engine, auth_engine=auth_engine, pool=pool)
    await pool.close()
    await engine.dispose()
    await auth_engine.dispose()


async def asked(api: Api, actor: Actor, document: tuple[str, dict[str, Any]]) -> tuple[str, bool]:
    """Return the answer, and whether it was a no."""
    response = await api.respond(actor, *document)
    body = response.body.decode()
    assert "INTERNAL" not in body, body
    is_no = response.rejected is not None or '"errors"' in body
    return body, is_no or '"__typename":"Refusal"' in body


@pytest.mark.parametrize("field", QUERIES)
async def test_a_link_reads_its_order_and_no_other_field(api, outside, field):
    body, is_no = await asked(api, outside.customer, outside.writer.query(field))
    assert is_no == (field != "trackedOrder"), body
    assert not [mark for mark in PERSONAL if mark in body]


@pytest.mark.parametrize("field", MUTATIONS)
async def test_a_link_changes_nothing_but_its_quote(api, outside, field):
    body, is_no = await asked(api, outside.customer, outside.writer.mutation(field))
    assert is_no
    # The one that it may ask is refused by the trade: this order was never quoted.
    assert ("Refusal" in body) == (field == "answerQuote"), body


@pytest.mark.parametrize("field", MUTATIONS)
async def test_support_changes_nothing(api, outside, field):
    body, is_no = await asked(api, outside.support, outside.writer.mutation(field))
    assert is_no, body
    assert "FORBIDDEN" in body


@pytest.mark.parametrize("field", QUERIES)
async def test_support_reads_no_customer(api, outside, field):
    body, _ = await asked(api, outside.support, outside.writer.query(field))
    assert not [mark for mark in PERSONAL if mark in body]


def money_fields() -> Iterator[tuple[str, str]]:
    for name, type_ in SCHEMA.graphql.type_map.items():
        if isinstance(type_, GraphQLObjectType) and name in SCHEMA.model.types:
            for field, declared in type_.fields.items():
                if get_named_type(declared.type).name == "Money":
                    yield name, field


def test_no_planned_amount_admits_support():
    found = list(money_fields())
    assert len(found) > 10
    admitted = [
        (type_, field)
        for type_, field in found
        if ActorKind.SUPPORT in SCHEMA.model.types[type_].fields[field].needs.kinds
    ]
    assert admitted == []


async def test_support_sees_how_an_order_stands_with_its_customer_masked(api, outside):
    document = (
        (
            "query X($number: String!) { order(number: $number) { number status maskedCustomer"
            " { name phone } events { act } } }"
        ),
        {"number": outside.number},
    )
    body, is_no = await asked(api, outside.support, document)
    assert not is_no, body
    assert '"name":"陈*明"' in body
    assert '"phone":"138****5678"' in body


@pytest.mark.parametrize(
    "field", ["customer { name }", "words { words }", "customerAmount { currency }", "quotes { lines }",
              "payments { reference }", "events { detail }", "device { proofs { number } }"]
)  # fmt: skip
async def test_support_is_refused_what_names_the_customer_or_an_amount(api, outside, field):
    text = f"query X($number: String!) {{ order(number: $number) {{ {field} }} }}"
    body, is_no = await asked(api, outside.support, (text, {"number": outside.number}))
    assert is_no
    assert "FORBIDDEN" in body
