"""Rows of the global registers, written as the operator and kept for the worker's run."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.catalogue.operations import register_category
from serviceco.core.ids import new_id
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor


async def new_category(admin_engine: AsyncEngine) -> UUID:
    """A category of its own code."""
    code = f"c-{new_id().hex}"
    async with global_work(admin_engine) as session:
        names = {"zh_hans": code, "zh_hant": code, "en": code}
        return await register_category(session, system_actor(new_id()), code, names=names)
