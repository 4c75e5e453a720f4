"""Two companies in one database, for every tenant table there is: neither reaches the other."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.ids import new_id
from serviceco.storage.base import Kind
from serviceco.storage.unit_of_work import TenantSession, unit_of_work
from tests.isolation.declared import CLASSES, TABLES, TENANT_TABLES
from tests.isolation.rows import RowMaker, count_rows, key_of, keys_to_parents
from tests.tenant_constant import unwatched

OURS, THEIRS = new_id(), new_id()
NO_GRANT = "42501"
EDGES = [
    (name, str(key.name))
    for name in TENANT_TABLES
    for key in keys_to_parents(TABLES[name])
    if CLASSES[key.referred_table.name].kind is Kind.TENANT
]


@pytest.fixture(scope="module")
async def rows(engine: AsyncEngine, owner_url: str) -> AsyncIterator[RowMaker]:
    maker = RowMaker(engine, owner_url)
    yield maker
    await maker.close()


def sqlstate(raised: pytest.ExceptionInfo[DBAPIError]) -> str | None:
    return getattr(raised.value.orig, "sqlstate", None)


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_a_row_is_seen_by_its_own_company_alone(engine, rows, name):
    table, ours = TABLES[name], await rows.row_of(name, OURS)
    with unwatched():
        async with unit_of_work(engine, OURS) as session:
            assert await count_rows(session, table, ours) == 1
        async with unit_of_work(engine, THEIRS) as session:
            assert await count_rows(session, table, ours) == 0
            everything = sa.select(sa.func.count()).where(table.c.tenant_id != THEIRS)
            assert await session.scalar(everything) == 0


async def tried(engine: AsyncEngine, statement: sa.Update | sa.Delete) -> str:
    """Return what came of a change that the other company attempts."""
    try:
        with unwatched():
            async with unit_of_work(engine, THEIRS) as session:
                touched = await session.execute(statement)
                return f"{touched.rowcount} rows"  # type: ignore[attr-defined]
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", "")


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_a_row_is_changed_and_deleted_by_its_own_company_alone(engine, rows, name):
    table, ours = TABLES[name], await rows.row_of(name, OURS)
    for statement in (sa.update(table).values(tenant_id=THEIRS), sa.delete(table)):
        outcome = await tried(engine, statement.where(key_of(table, ours)))
        assert outcome in {"0 rows", NO_GRANT}
    with unwatched():
        async with unit_of_work(engine, OURS) as session:
            assert await count_rows(session, table, ours) == 1


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_nobody_writes_for_another_company(engine, rows, name):
    table, values = TABLES[name], await rows.values(TABLES[name], OURS)
    with pytest.raises(DBAPIError, match="row-level security") as refused:
        async with unit_of_work(engine, THEIRS) as session:
            await session.execute(sa.insert(table).values(values))
    assert sqlstate(refused) == "42501"


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_nobody_gives_a_row_away(engine, rows, name):
    table, ours = TABLES[name], await rows.row_of(name, OURS)
    with pytest.raises(DBAPIError) as refused, unwatched():
        async with unit_of_work(engine, OURS) as session:
            await session.execute(
                sa.update(table).where(key_of(table, ours)).values(tenant_id=THEIRS)
            )
    assert sqlstate(refused) == "42501"


@pytest.mark.parametrize(("name", "key_name"), EDGES)
async def test_a_foreign_key_reaches_no_row_of_another_company(engine, rows, name, key_name):
    table = TABLES[name]
    key = next(key for key in keys_to_parents(table) if key.name == key_name)
    values = await rows.values(table, OURS)
    stranger = await rows.row(key.referred_table, THEIRS)
    for mine, theirs in zip(key.columns, key.elements, strict=True):
        if mine.name != "tenant_id":
            values[mine.name] = stranger[theirs.column.name]
    with pytest.raises(IntegrityError) as refused:
        async with unit_of_work(engine, OURS) as session:
            await session.execute(sa.insert(table).values(values))
    assert sqlstate(refused) == "23503"


@pytest.mark.parametrize("name", TENANT_TABLES)
async def test_without_a_tenant_no_row_is_seen_and_none_written(engine, rows, name):
    table = TABLES[name]
    await rows.row_of(name, OURS)
    values = await rows.values(table, OURS)
    with unwatched():
        async with engine.connect() as connection:
            seen = await connection.scalar(sa.select(sa.func.count()).select_from(table))
            assert seen == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            async with engine.begin() as connection:
                await connection.execute(sa.insert(table).values(values))


@pytest.mark.parametrize("info", [{}, {"tenant_id": str(OURS)}, {"tenant_id": None}])
async def test_a_unit_of_work_without_a_tenant_cannot_begin(engine, info):
    async with AsyncSession(engine, sync_session_class=TenantSession, info=info) as session:
        with pytest.raises((KeyError, TypeError)):
            await session.execute(sa.text("select 1"))
