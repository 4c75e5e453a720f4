"""What every test of the worker begins with: a database in which no other test left work."""

from collections.abc import AsyncIterator

import pytest

from tests.database import own_database
from tests.engines import engine_fixtures


@pytest.fixture(scope="module")
async def owner_url(server_url: str) -> AsyncIterator[str]:
    """A migrated database of this module alone: chores go through every company of it."""
    async with own_database(server_url, "jobs") as url:
        yield url


engine, auth_engine, relay_engine, admin_engine = engine_fixtures("module")
