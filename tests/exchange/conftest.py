"""The categories of the standard, and files to import."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import serviceco.policy.tables  # noqa: F401 - a foreign key of the order leads there
from serviceco.catalogue.operations import register_ords_categories
from serviceco.core.ids import new_id
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.exchange.samples import sample, written


@pytest.fixture(scope="session")
async def categories(admin_engine: AsyncEngine) -> None:
    """The register of categories holds the standard's."""
    async with global_work(admin_engine) as session:
        await register_ords_categories(session, system_actor(new_id()))


@pytest.fixture
def slug(tenant_id: UUID) -> str:
    """The test's company as the command line names it."""
    return f"t-{tenant_id.hex}"


@pytest.fixture
def file_of(tmp_path: Path) -> Callable[..., Path]:
    """Writes a sample file; each argument is one row's differences from a good one."""
    return lambda *rows: written(tmp_path, sample(*rows))
