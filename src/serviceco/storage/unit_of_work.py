"""One transaction, one tenant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction


class TenantSession(Session):
    """A session that cannot begin without naming its tenant."""


@event.listens_for(TenantSession, "after_begin")
def _bind_tenant(session: Session, _tx: SessionTransaction, connection: Connection) -> None:
    tenant_id = session.info["tenant_id"]
    if not isinstance(tenant_id, UUID):
        raise TypeError("a unit of work belongs to the tenant of a UUID")
    # A literal, because SET takes no parameter and Citus does not carry set_config() to its
    # workers; it is printed from a UUID object, never from input.
    connection.exec_driver_sql(f"SET LOCAL app.tenant_id = '{tenant_id}'")


@asynccontextmanager
async def unit_of_work(engine: AsyncEngine, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
    """Open a tenant's transaction: commit on normal exit, roll back on any exception.

    Nothing below the fronts commits. Row-level security reads `app.tenant_id`, which PostgreSQL
    forgets when the transaction ends, so a pooled connection never leaks it.
    """
    async with (
        AsyncSession(
            engine,
            sync_session_class=TenantSession,
            expire_on_commit=False,
            info={"tenant_id": tenant_id},
        ) as session,
        session.begin(),
    ):
        yield session


def tenant_of(session: AsyncSession) -> UUID:
    """Return the tenant to which the unit of work is bound, for the constant of every statement."""
    tenant_id: UUID = session.info["tenant_id"]
    return tenant_id


@asynccontextmanager
async def global_work(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """Open a transaction on global tables, without a tenant: for sign-ins, tenants and brands.

    Row-level security shows it no row of any tenant.
    """
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        yield session
