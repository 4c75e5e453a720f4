"""Machines of a company, as they ask over HTTP."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Permission
from serviceco.identity.operations import create_machine_key
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.factories import NOON


async def machine_key(
    auth_engine: AsyncEngine, tenant_id: UUID, *permissions: Permission, name: str = "ERP"
) -> str:
    """A key of the company that may do these things, for as long as any test runs."""
    async with global_work(auth_engine) as session:
        text, _ = await create_machine_key(
            session,
            system_actor(tenant_id),
            name,
            permissions=permissions,
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
            at=NOON,
        )
    return text
