"""Take each permission away, and some policies too: each time something else than nothing happens."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from serviceco.api.building import ApiSchema
from serviceco.api.plan.access import BRAND, COMPANY, Access
from serviceco.api.schema import service_schema
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.storage.engines import Role, normal_url, open_engine, role_url
from serviceco.storage.unit_of_work import unit_of_work
from tests.database import own_database
from tests.isolation.cells import Matrix, accesses, enter_field
from tests.isolation.declared import TABLES
from tests.isolation.expected import Need
from tests.isolation.rows import RowMaker
from tests.tenant_constant import unwatched

SCHEMA = service_schema()
FIELDS = [what for what, _, _ in accesses(SCHEMA)]
# Everybody of the company, and everybody of a brand, whatever they may do.
OPEN = (Access(None, COMPANY), Access(None, BRAND, of_brand=True))
# Who holds no permission at all, on either side.
CLERKS = {
    "clerk without any permission": Actor(
        kind=ActorKind.STAFF, account_id=new_id(), tenant_id=new_id()
    ),
    "person of a brand without any permission": Actor(
        kind=ActorKind.BRAND, account_id=new_id(), brand_id=new_id()
    ),
}


def noticed(declared: Access, need: Need | None) -> bool:
    """Tell whether the matrix would see a field that declares this."""
    shape = (declared.permission, declared.kinds, declared.of_brand)
    return need is None or shape != (need.permission, need.kinds, need.of_brand)


def test_each_deleted_permission_is_noticed_by_the_table():
    """Every field in turn admits everybody of its side, or of the other one."""
    deleted = missed = 0
    for _, declared, need in accesses(SCHEMA):
        for opened in OPEN:
            if opened == declared:
                continue
            deleted += 1
            missed += not noticed(opened, need)
    assert missed == 0
    assert deleted > len(FIELDS)


def test_no_field_is_noticed_as_it_is():
    """The test above would pass on anything, did the table notice everything."""
    assert [what for what, declared, need in accesses(SCHEMA) if noticed(declared, need)] == []


def opened_fields(schema: ApiSchema) -> Iterator[tuple[tuple[str, str], ApiSchema]]:
    """Yield the schema once for each planned field that asks a permission, with that one deleted."""
    for type_ in schema.model.types.values():
        for name, planned in type_.fields.items():
            if planned.needs.permission is None:
                continue
            open_ = replace(planned, needs=replace(planned.needs, permission=None))
            fields = {**type_.fields, name: open_}
            types = {**schema.model.types, type_.name: replace(type_, fields=fields)}
            yield (type_.name, name), replace(schema, model=replace(schema.model, types=types))


def test_each_deleted_permission_of_a_planned_field_changes_a_cell():
    """The compiler itself admits somebody whom the table does not."""
    deleted, unseen = 0, []
    for path, schema in opened_fields(SCHEMA):
        deleted, matrix = deleted + 1, Matrix()
        enter_field(matrix, schema, path, CLERKS)
        if not matrix.wrong:
            unseen.append(path)
    assert unseen == []
    assert deleted > 200


@pytest.fixture(scope="module")
async def scratch_url(server_url: str) -> AsyncIterator[str]:
    """A database of this module alone, whose policies may be broken."""
    async with own_database(server_url, "broken") as url:
        yield url


@pytest.fixture
async def owner(scratch_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        normal_url(scratch_url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def leaks_between_companies(url: str, table: str) -> bool:
    """The check of test_two_tenants: does a company see a row of another, or write for it?"""
    engine = open_engine(role_url(url, Role.APP), pool_size=1)
    maker, ours, theirs = RowMaker(engine, url), new_id(), new_id()
    try:
        await maker.row_of(table, ours)
        foreign = await maker.values(TABLES[table], ours)
        others = sa.select(sa.func.count()).where(TABLES[table].c.tenant_id != theirs)
        with unwatched():
            async with unit_of_work(engine, theirs) as session:
                seen = await session.scalar(others)
            try:
                async with unit_of_work(engine, theirs) as session:
                    await session.execute(sa.insert(TABLES[table]).values(foreign))
            except DBAPIError:
                return bool(seen)
        return True
    finally:
        await maker.close()
        await engine.dispose()


async def leaks_between_brands(url: str, table: str) -> bool:
    """The check of test_two_brands: does a brand see a row of another?"""
    app, brand = (open_engine(role_url(url, role), pool_size=1) for role in (Role.APP, Role.BRAND))
    maker = RowMaker(app, url)
    try:
        await maker.row_of(table, new_id())
        async with brand.begin() as connection:
            await connection.execute(sa.text(f"set local app.brand_id = '{new_id()}'"))
            seen = await connection.scalar(sa.select(sa.func.count()).select_from(TABLES[table]))
        return bool(seen)
    finally:
        await maker.close()
        await app.dispose()
        await brand.dispose()


@pytest.mark.parametrize("table", ["repair_order", "customer", "claim", "payment", "event"])
async def test_a_policy_of_a_company_is_missed_when_it_is_gone(scratch_url, owner, table):
    assert not await leaks_between_companies(scratch_url, table)
    await owner.execute(sa.text(f"ALTER POLICY {table}_app ON {table} USING (true)"))
    assert await leaks_between_companies(scratch_url, table)
    await owner.execute(sa.text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    assert await leaks_between_companies(scratch_url, table)


@pytest.mark.parametrize("table", ["brand_case", "brand_claim", "brand_claim_line"])
async def test_a_policy_of_a_brand_is_missed_when_it_is_gone(scratch_url, owner, table):
    assert not await leaks_between_brands(scratch_url, table)
    await owner.execute(sa.text(f"ALTER POLICY {table}_brand ON {table} USING (true)"))
    # The wall holds alone; without it, too, everything is seen.
    assert not await leaks_between_brands(scratch_url, table)
    await owner.execute(sa.text(f"DROP POLICY {table}_brand_wall ON {table}"))
    assert await leaks_between_brands(scratch_url, table)
