"""The database of the tests: real, migrated, and reached as the roles that the application uses."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.identity import passwords
from serviceco.storage.unit_of_work import global_work, unit_of_work
from tests.database import own_database, running_server
from tests.engines import engine_fixtures
from tests.factories import Factory, tenant_row
from tests.tenant_constant import require_tenant_constant

SERVER_URL = pytest.StashKey[str]()


# Every statement of every test that runs as the application is checked (data.md, rule 4).
event.listen(Engine, "before_cursor_execute", require_tenant_constant)


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


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash at the least cost; tests/identity/test_passwords.py asks for the one that is served."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", quick)
        yield


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


engine, auth_engine, relay_engine, admin_engine = engine_fixtures("session")


@pytest.fixture
async def tenant_id(admin_engine: AsyncEngine) -> UUID:
    """A company of this test alone; its row stays in the worker's database."""
    tenant_id = new_id()
    async with global_work(admin_engine) as session:
        session.add(tenant_row(tenant_id))
    return tenant_id


@pytest.fixture
async def session(engine: AsyncEngine, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
    """A unit of work of the test's tenant as the application's role, rolled back at the end."""
    async with unit_of_work(engine, tenant_id) as session:
        yield session
        await session.rollback()


@pytest.fixture
def make(session: AsyncSession, tenant_id: UUID, admin_engine: AsyncEngine) -> Factory:
    """The factory of valid rows in the test's transaction."""
    return Factory(session, tenant_id, admin_engine)


@pytest.fixture
def actor(make: Factory) -> Actor:
    """Somebody of the test's tenant who may do everything, in every branch."""
    return make.actor()
