from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from serviceco.storage.base import Table
from serviceco.storage.engines import normal_url
from serviceco.storage.migrate import migrate
from tests.isolation.declared import TABLES


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Table.metadata))


async def test_the_migrations_build_what_the_classes_declare(owner_url):
    assert TABLES
    engine = create_async_engine(normal_url(owner_url), poolclass=NullPool)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_a_migrated_database_changes_nothing(owner_url):
    await migrate(owner_url)
