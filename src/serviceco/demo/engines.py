"""The connections with which a world is written: one engine per database role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.storage.engines import Role, open_engine, role_url


@dataclass(frozen=True, slots=True)
class Engines:
    """Who writes what: registers, accounts, companies, and the outbox's relay."""

    admin: AsyncEngine
    auth: AsyncEngine
    app: AsyncEngine
    relay: AsyncEngine


@asynccontextmanager
async def open_engines(owner_url: str) -> AsyncIterator[Engines]:
    """Open the engines and close them at the end."""
    engines = Engines(
        admin=open_engine(role_url(owner_url, Role.ADMIN)),
        auth=open_engine(role_url(owner_url, Role.AUTH)),
        app=open_engine(role_url(owner_url, Role.APP)),
        relay=open_engine(role_url(owner_url, Role.RELAY), pool_size=1),
    )
    try:
        yield engines
    finally:
        for engine in (engines.admin, engines.auth, engines.app, engines.relay):
            await engine.dispose()
