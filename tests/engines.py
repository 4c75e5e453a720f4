"""Fixtures of connections to the tests' database, one for each role of the application."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.storage.engines import Role, open_engine, role_url

Scope = Literal["session", "module"]
# `engine` owns no table: row-level security holds. The others read accounts and sign-ins, see due
# outbox rows of all tenants, and register tenants, brands and the catalogue.
_NAMES = {
    "engine": Role.APP,
    "auth_engine": Role.AUTH,
    "relay_engine": Role.RELAY,
    "admin_engine": Role.ADMIN,
}


def engine_fixtures(scope: Scope) -> tuple[Any, ...]:
    """Return engine, auth_engine, relay_engine and admin_engine, for the `owner_url` of a scope."""
    return tuple(
        pytest.fixture(scope=scope, name=name)(_opening(role)) for name, role in _NAMES.items()
    )


def _opening(role: Role) -> Callable[[str], AsyncIterator[AsyncEngine]]:
    async def opened(owner_url: str) -> AsyncIterator[AsyncEngine]:
        engine = open_engine(role_url(owner_url, role))
        yield engine
        await engine.dispose()

    return opened
