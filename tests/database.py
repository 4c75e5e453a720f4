"""One server for a test run, one migrated template for a schema, one database for a worker."""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from serviceco.embedded.launcher import start
from serviceco.storage.engines import normal_url
from serviceco.storage.migrate import migrate

ROOT = Path(__file__).parent.parent
SCHEMA_SOURCES = ("migrations/**/*.py", "src/serviceco/storage/*.py")


@contextmanager
def running_server() -> Iterator[str]:
    """Give an owner's URL of a server: the one named by the environment, else an embedded one."""
    named = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if named:
        yield named
        return
    with (
        tempfile.TemporaryDirectory(prefix="serviceco-test-") as folder,
        start(Path(folder), durable=False) as server,
    ):
        yield server.url("postgres")


@asynccontextmanager
async def own_database(server_url: str, purpose: str = "rooms") -> AsyncIterator[str]:
    """Give the owner's URL of a migrated database that belongs to this process."""
    async with _maintenance(server_url) as connection:
        template = await _ensure_template(connection, server_url)
    async with empty_database(server_url, purpose, template=template) as url:
        yield url


@asynccontextmanager
async def empty_database(
    server_url: str, purpose: str, *, template: str = "template0"
) -> AsyncIterator[str]:
    """Give the owner's URL of a database that is no more than its template."""
    name = f"serviceco_test_{os.getpid()}_{purpose}"
    async with _maintenance(server_url) as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield _database_url(server_url, name)
    finally:
        async with _maintenance(server_url) as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


async def _ensure_template(connection: AsyncConnection, server_url: str) -> str:
    """Migrate once per schema: under a lock, and under another name until it is complete."""
    name = f"serviceco_template_{_schema_hash()}"
    await connection.execute(text("SELECT pg_advisory_lock(1)"))
    there = text("SELECT 1 FROM pg_database WHERE datname = :name")
    if await connection.scalar(there, {"name": name}) is None:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name}_building WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name}_building"))
        await migrate(_database_url(server_url, f"{name}_building"))
        await connection.execute(text(f"ALTER DATABASE {name}_building RENAME TO {name}"))
    await connection.execute(text("SELECT pg_advisory_unlock(1)"))
    return name


@asynccontextmanager
async def _maintenance(server_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        normal_url(server_url), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


def _database_url(server_url: str, name: str) -> str:
    return normal_url(server_url).set(database=name).render_as_string(hide_password=False)


def _schema_hash() -> str:
    digest = hashlib.sha256()
    for pattern in SCHEMA_SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
