"""What every test of the worker begins with: a database in which no other test left work."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.storage.engines import Role
from tests.conftest import open_as
from tests.database import own_database


@pytest.fixture(scope="module")
async def owner_url(server_url: str) -> AsyncIterator[str]:
    """A migrated database of this module alone: chores go through every company of it."""
    async with own_database(server_url, "jobs") as url:
        yield url


@pytest.fixture(scope="module")
async def engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the application."""
    async for engine in open_as(owner_url, Role.APP):
        yield engine


@pytest.fixture(scope="module")
async def auth_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the role that may read accounts and sign-ins."""
    async for engine in open_as(owner_url, Role.AUTH):
        yield engine


@pytest.fixture(scope="module")
async def relay_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the relay."""
    async for engine in open_as(owner_url, Role.RELAY):
        yield engine


@pytest.fixture(scope="module")
async def admin_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the operator."""
    async for engine in open_as(owner_url, Role.ADMIN):
        yield engine
