"""Two brands and two companies in one database, for every table of a brand: by the database alone."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from serviceco.core.ids import new_id
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import unit_of_work
from tests.isolation.declared import BRAND_TABLES, TABLES
from tests.isolation.rows import RowMaker, key_of

OURS, THEIRS = new_id(), new_id()
WRITES = ("insert", "update", "delete")


@pytest.fixture(scope="module")
async def rows(engine: AsyncEngine, owner_url: str) -> AsyncIterator[RowMaker]:
    maker = RowMaker(engine, owner_url)
    yield maker
    await maker.close()


@pytest.fixture(scope="module")
async def brand_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the role of brands."""
    engine = open_engine(role_url(owner_url, Role.BRAND), pool_size=1)
    yield engine
    await engine.dispose()


async def seen(connection: AsyncConnection, name: str, brand_id: UUID | None) -> set[UUID]:
    """Return the brands whose rows a brand sees, without any filter of its own."""
    if brand_id is not None:
        await connection.execute(sa.text(f"set local app.brand_id = '{brand_id}'"))
    return set((await connection.execute(sa.select(TABLES[name].c.brand_id))).scalars())


@pytest.mark.parametrize("name", BRAND_TABLES)
async def test_a_brand_sees_its_own_rows_alone(brand_engine, rows, name):
    ours = await rows.row_of(name, OURS)
    theirs = await rows.row_of(name, OURS)
    for brand_id in (ours["brand_id"], theirs["brand_id"]):
        async with brand_engine.begin() as connection:
            assert await seen(connection, name, brand_id) == {brand_id}


@pytest.mark.parametrize("name", BRAND_TABLES)
async def test_without_a_brand_no_row_is_seen(brand_engine, rows, name):
    await rows.row_of(name, OURS)
    async with brand_engine.begin() as connection:
        assert await seen(connection, name, None) == set()


@pytest.mark.parametrize("name", BRAND_TABLES)
@pytest.mark.parametrize("write", WRITES)
async def test_a_brand_writes_nothing(brand_engine, rows, name, write):
    table, ours = TABLES[name], await rows.row_of(name, OURS)
    statement = {
        "insert": sa.insert(table).values(await rows.values(table, OURS)),
        "update": sa.update(table).values(tenant_id=THEIRS),
        "delete": sa.delete(table),
    }[write]
    async with brand_engine.connect() as connection:
        await connection.execute(sa.text(f"set local app.brand_id = '{ours['brand_id']}'"))
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(statement)


@pytest.mark.parametrize("name", BRAND_TABLES)
async def test_a_company_reaches_in_a_brands_table_what_it_wrote_alone(engine, rows, name):
    table, ours = TABLES[name], await rows.row_of(name, OURS)
    count = sa.select(sa.func.count()).select_from(table).where(key_of(table, ours))
    async with unit_of_work(engine, OURS) as session:
        assert await session.scalar(count) == 1
    async with unit_of_work(engine, THEIRS) as session:
        assert await session.scalar(count) == 0
        gone = await session.execute(sa.delete(table).where(key_of(table, ours)))
        assert gone.rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(DBAPIError, match="row-level security"):
        async with unit_of_work(engine, THEIRS) as session:
            await session.execute(sa.insert(table).values(await rows.values(table, OURS)))


@pytest.mark.parametrize("name", BRAND_TABLES)
async def test_a_table_of_a_brand_has_no_column_for_a_customer_or_a_paid_price(name):
    """Masking is by construction: what is not there cannot be shown."""
    columns = set(TABLES[name].c.keys())
    telling = ("customer", "phone", "email", "address", "words", "note", "collector", "staff")
    assert not [column for column in columns for word in telling if word in column]
    money = {column for column in columns if column.endswith("_minor")}
    assert money <= {"amount_minor"}
