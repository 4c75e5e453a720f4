"""Bringing a database to the newest schema; run by an owner that the application never is."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from serviceco.core.places import project_folder
from serviceco.storage.engines import Role, normal_url, role_password

# Roles belong to the whole cluster: two databases migrating at once must take turns.
_ROLES_LOCK = 7_302_026


async def migrate(owner_url: str) -> None:
    """Create the roles, where missing, and run every migration that is not applied yet.

    The owner needs CREATEROLE, or the roles must exist already.
    """
    engine = create_async_engine(normal_url(owner_url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_create_roles, owner_url)
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
            await connection.commit()
    finally:
        await engine.dispose()


def _create_roles(connection: Connection, owner_url: str) -> None:
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ROLES_LOCK})"))
    there = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    for role in Role:
        verb = "ALTER" if role.value in there else "CREATE"
        # The password is hexadecimal by construction, so it needs no quoting.
        connection.execute(
            text(
                f"{verb} ROLE {role.value} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
                f" PASSWORD '{role_password(owner_url, role)}'"
            )
        )


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(project_folder("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
