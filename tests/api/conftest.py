"""The API over two companies."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool
from serviceco.api.service import Api
from serviceco.storage.engines import Role, role_url
from tests.api.schema import SCHEMA
from tests.api.world import Company, found_company


@pytest.fixture(scope="session")
async def fixit(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    """The company that most tests read; no test changes its rows."""
    return await found_company(engine, admin_engine, "fixit")


@pytest.fixture(scope="session")
async def other(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    """Another company."""
    return await found_company(engine, admin_engine, "other")


@pytest.fixture(scope="session")
async def pool(owner_url: str) -> AsyncIterator[ReadPool]:
    """Connections as the application."""
    pool = ReadPool(role_url(owner_url, Role.APP), size=4)
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def api(engine: AsyncEngine, pool: ReadPool) -> Api:
    """The API over the schema of the tests."""
    return Api(SCHEMA, engine=engine, pool=pool)
