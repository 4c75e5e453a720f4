"""The database of the tests: real, migrated, and reached as the roles that the application uses."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.storage.engines import Role, open_engine, role_url
from tests.database import own_database, running_server

SERVER_URL = pytest.StashKey[str]()


def _server_url(config: pytest.Config) -> str:
    """Start the server at the first need; pytest stops it at the end of the run."""
    if SERVER_URL not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[SERVER_URL] = stack.enter_context(running_server())
    return config.stash[SERVER_URL]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let all workers of pytest-xdist share the server of their controller."""
    node.workerinput["server_url"] = _server_url(node.config)


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest) -> str:
    """The owner's URL of the server's maintenance database."""
    workerinput: dict[str, str] | None = getattr(request.config, "workerinput", None)
    return workerinput["server_url"] if workerinput else _server_url(request.config)


@pytest.fixture(scope="session")
async def owner_url(server_url: str) -> AsyncIterator[str]:
    """A migrated database of this worker alone, as its owner."""
    async with own_database(server_url) as url:
        yield url


async def _engine(owner_url: str, role: Role) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(role_url(owner_url, role))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
async def engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the application: no table is its own, row-level security holds."""
    async for engine in _engine(owner_url, Role.APP):
        yield engine


@pytest.fixture(scope="session")
async def auth_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the role that may read accounts and sign-ins."""
    async for engine in _engine(owner_url, Role.AUTH):
        yield engine


@pytest.fixture(scope="session")
async def relay_engine(owner_url: str) -> AsyncIterator[AsyncEngine]:
    """Connections as the relay, which sees due outbox rows of all tenants."""
    async for engine in _engine(owner_url, Role.RELAY):
        yield engine
