"""Every query field and every mutation, asked by everybody who has no business there: 0 leaks."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.order_numbers import order_number
from serviceco.edge.actors import actor_of_key, actor_of_sign_in
from serviceco.identity.operations import create_machine_key
from serviceco.identity.queries import find_account, find_live_key, find_live_sign_in
from serviceco.identity.rules import token_hash
from serviceco.identity.sign_ins import open_sign_in, prove
from serviceco.storage.base import Kind
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.words import Role as StaffRole
from tests.factories import tenant_row
from tests.identity.people import PASSWORD, brand_person, person
from tests.isolation.declared import TABLES, TENANT_TABLES
from tests.isolation.documents import Writer
from tests.isolation.rows import RowMaker, Values

SCHEMA = service_schema()
assert SCHEMA.graphql.query_type is not None
assert SCHEMA.graphql.mutation_type is not None
QUERIES = sorted(SCHEMA.graphql.query_type.fields)
MUTATIONS = sorted(SCHEMA.graphql.mutation_type.fields)
NODES = {
    type_.name: SCHEMA.model.types[type_.name].plan
    for type_ in SCHEMA.graphql.get_possible_types(SCHEMA.graphql.type_map["Node"])  # type: ignore[arg-type]  # it is an interface
    if SCHEMA.model.types[type_.name].plan.table.kind is Kind.TENANT
}
HIDDEN = [
    name for name, plan in NODES.items() if plan.branch is not None or plan.within is not None
]
STRANGERS = ["owner of another company", "machine of another company", "reviewer of a brand"]
OUTSIDERS = ["nobody in particular", "manager of another branch"]
NUMBER = order_number(date(2026, 11, 22), 1)
PHONE = "+8613900120034"
# What names no row: whoever may do it does it at home.
OF_THEIR_OWN = {("createMachineClient", "owner of another company")}
# Registers that everybody in a company may read, and what they are themselves.
OPEN_TO_ALL_STAFF = {
    "branch",
    "branches",
    "brands",
    "categories",
    "contract",
    "models",
    "roles",
    "viewer",
}


class World:
    """One company with a row in every table, and the people who look at it from outside."""

    def __init__(self, tenant_id: UUID, rows: dict[str, Values]) -> None:
        self.tenant_id = tenant_id
        self.rows = rows
        self.people: dict[str, Actor] = {}
        self.writer = Writer(SCHEMA.graphql, self._known())

    @property
    def marks(self) -> set[str]:
        """Everything that identifies a row of the company: ids, and texts, which are all unique."""
        return {
            str(value)
            for name, row in self.rows.items()
            for column, value in row.items()
            if (isinstance(value, UUID) and not _leads_out(name, column))
            or (isinstance(value, str) and any(sign.isdigit() for sign in value))
        } | {str(self.tenant_id)}

    def _known(self) -> dict[str, object]:
        rows = self.rows
        return {
            "any String": "x",
            "any Int": 1,
            "any Int64": "1",
            "any Boolean": True,
            "any Float": 1.5,
            "any UUID": str(rows["branch"]["id"]),
            "any Date": "2026-11-22",
            "any DateTime": "2026-11-22T04:00:00Z",
            "any JSON": {},
            "idempotencyKey": "a key",
            "first": 5,
            "number": NUMBER,
            "orderNumber": NUMBER,
            "customerId": str(rows["customer"]["id"]),
            "exportId": str(rows["audit_record"]["id"]),
            "consentId": str(rows["support_consent"]["id"]),
            "text": NUMBER,
            "search": NUMBER,
            "phone": PHONE,
            "serial": rows["device"]["serial"],
            "code": rows["branch"]["code"],
            "id": str(rows["claim"]["id"]),
            "claimId": str(rows["claim"]["id"]),
            "aliasId": str(rows["brand_alias"]["id"]),
            "branchId": str(rows["branch"]["id"]),
            "contractId": str(rows["contract"]["id"]),
            "brandId": str(rows["contract"]["brand_id"]),
            # Not after it began: what somebody signs for their own company is no leak, but no refusal.
            "until": "2026-11-22",
            "staffId": str(rows["staff"]["id"]),
            "token": "x" * 43,
            "secret": "x" * 43,
            "lineId": str(rows["order_line"]["id"]),
            "endpointId": str(rows["webhook_endpoint"]["id"]),
            "deliveryId": str(rows["webhook_delivery"]["id"]),
        }


def _leads_out(table: str, column: str) -> bool:
    """Tell whether a column names a row of everybody's: a brand, a category, an account."""
    return any(
        key.column.table.name not in TENANT_TABLES
        for key in TABLES[table].columns[column].foreign_keys
    )


@pytest.fixture(scope="module")
async def world(
    engine: AsyncEngine, auth_engine: AsyncEngine, admin_engine: AsyncEngine, owner_url: str
) -> AsyncIterator[World]:
    tenant_id, elsewhere = new_id(), new_id()
    async with global_work(admin_engine) as session:
        session.add_all([tenant_row(tenant_id), tenant_row(elsewhere)])
    maker = RowMaker(engine, owner_url)
    given: dict[str, dict[str, object]] = {
        "repair_order": {"number": NUMBER},
        "customer": {"phone": PHONE},
        "device": {"serial": "SERIAL-4711"},
    }
    rows = {
        name: await maker.row_of(name, tenant_id, **given.get(name, {})) for name in TENANT_TABLES
    }
    world = World(tenant_id, rows)
    world.people = {
        "owner": await staff(auth_engine, tenant_id, StaffRole.OWNER),
        "nobody in particular": await staff(auth_engine, tenant_id),
        "manager of another branch": await staff(
            auth_engine, tenant_id, StaffRole.BRANCH_MANAGER, branch_ids=[new_id()]
        ),
        "owner of another company": await staff(auth_engine, elsewhere, StaffRole.OWNER),
        "machine of another company": await machine(auth_engine, elsewhere),
        "reviewer of a brand": await signed_in(
            auth_engine, (await brand_person(auth_engine, rows["contract"]["brand_id"])).email
        ),
    }
    yield world
    await maker.close()


async def staff(
    auth_engine: AsyncEngine,
    tenant_id: UUID,
    *roles: StaffRole,
    branch_ids: list[UUID] | None = None,
) -> Actor:
    joined = await person(auth_engine, tenant_id, roles=roles, branch_ids=branch_ids)
    return await signed_in(auth_engine, joined.email)


async def signed_in(auth_engine: AsyncEngine, email: str) -> Actor:
    at = datetime.now(UTC)
    async with global_work(auth_engine) as session:
        account = await prove(await find_account(session, email), PASSWORD)
        token, _ = await open_sign_in(session, account, address="", agent="", at=at)
        live = await find_live_sign_in(session, token_hash(token), at=at)
    assert live is not None
    return actor_of_sign_in(live)


async def machine(auth_engine: AsyncEngine, tenant_id: UUID) -> Actor:
    at, later = datetime.now(UTC), datetime(2100, 1, 1, tzinfo=UTC)
    async with global_work(auth_engine) as session:
        text, _ = await create_machine_key(
            session, system_actor(tenant_id), "ERP", permissions=Permission, expires_at=later, at=at
        )
        live = await find_live_key(session, token_hash(text), at=at)
    assert live is not None
    return actor_of_key(live)


@pytest.fixture(scope="module", params=["filter and net", "filter alone"])
async def api(request: pytest.FixtureRequest, owner_url: str) -> AsyncIterator[Api]:
    """The API as the application, and as a superuser, whom row-level security does not hold."""
    url = role_url(owner_url, Role.APP) if request.param == "filter and net" else owner_url
    as_auth = role_url(owner_url, Role.AUTH) if request.param == "filter and net" else owner_url
    engine, auth_engine, pool = open_engine(url), open_engine(as_auth), ReadPool(url, size=2)
    yield Api(SCHEMA, engine=engine, auth_engine=auth_engine, pool=pool)
    await pool.close()
    await engine.dispose()
    await auth_engine.dispose()


async def asked(api: Api, actor: Actor, document: tuple[str, dict[str, Any]]) -> tuple[str, Any]:
    response = await api.respond(actor, *document)
    body = response.body.decode()
    return body, response.rejected


def leaks(world: World, body: str, document: tuple[str, dict[str, Any]]) -> set[str]:
    """Return what of the company stands in an answer, beside what was asked with."""
    said = {str(value) for value in document[1].values()}
    return {mark for mark in world.marks - said if f'"{mark}"' in body}


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("field", QUERIES)
async def test_a_stranger_reads_nothing(api, world, field, stranger):
    document = world.writer.query(field)
    body, _ = await asked(api, world.people[stranger], document)
    assert leaks(world, body, document) == set()
    assert "INTERNAL" not in body
    assert "INVALID_DOCUMENT" not in body


@pytest.mark.parametrize("field", QUERIES)
async def test_who_has_no_role_reads_the_registers_alone(api, world, field):
    body, rejected = await asked(
        api, world.people["nobody in particular"], world.writer.query(field)
    )
    is_open = rejected is None and '"errors"' not in body
    assert is_open == (field in OPEN_TO_ALL_STAFF), body


@pytest.mark.parametrize("field", ["branch", "branches", "board", "boardCounts", "claim", "claims"])
async def test_a_manager_sees_nothing_of_another_branch(api, world, field):
    document = world.writer.query(field)
    body, _ = await asked(api, world.people["manager of another branch"], document)
    assert leaks(world, body, document) == set()


def node_of(world: World, name: str) -> tuple[str, dict[str, Any]]:
    return world.writer.node(world.rows[NODES[name].table.__tablename__], name)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("name", NODES)
async def test_a_stranger_finds_no_row_by_its_id(api, world, name, stranger):
    body, _ = await asked(api, world.people[stranger], node_of(world, name))
    assert '"__typename"' not in body


@pytest.mark.parametrize("name", HIDDEN)
async def test_a_manager_finds_no_row_of_another_branch_by_its_id(api, world, name):
    body, _ = await asked(api, world.people["manager of another branch"], node_of(world, name))
    assert body == '{"data":{"node":null}}'


@pytest.mark.parametrize("name", NODES)
async def test_the_owner_finds_every_row_by_its_id(api, world, name):
    body, _ = await asked(api, world.people["owner"], node_of(world, name))
    assert f'"__typename":"{name}"' in body


@pytest.mark.parametrize("who", [*STRANGERS, *OUTSIDERS])
@pytest.mark.parametrize("field", MUTATIONS)
async def test_who_has_no_business_changes_nothing(api, world, owner, field, who):
    before = await rows_of(owner, world.tenant_id)
    document = world.writer.mutation(field)
    body, rejected = await asked(api, world.people[who], document)
    if (field, who) not in OF_THEIR_OWN:
        assert rejected is not None or '"__typename":"Refusal"' in body or '"errors"' in body, body
    assert leaks(world, body, document) == set()
    assert "INTERNAL" not in body, body
    assert await rows_of(owner, world.tenant_id) == before


@pytest.mark.parametrize(
    "field", ["order", "claim", "branches", "customers", "devices", "brandAliases"]
)
async def test_the_owner_reads_what_strangers_do_not(api, world, field):
    document = world.writer.query(field)
    body, _ = await asked(api, world.people["owner"], document)
    assert leaks(world, body, document)


@pytest.fixture(scope="module")
async def owner(owner_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(owner_url, pool_size=1)
    yield engine
    await engine.dispose()


async def rows_of(owner: AsyncEngine, tenant_id: UUID) -> dict[str, str | None]:
    """Return a digest of every table's rows of a company."""
    digests = []
    for name in TENANT_TABLES:
        row = sa.cast(sa.literal_column(name), sa.Text)
        whole = sa.func.string_agg(row, aggregate_order_by(sa.literal("\n"), row))
        mine = TABLES[name].c.tenant_id == tenant_id
        digests.append(sa.select(sa.func.md5(whole)).where(mine).scalar_subquery().label(name))
    async with owner.connect() as connection:
        return dict((await connection.execute(sa.select(*digests))).mappings().one())
