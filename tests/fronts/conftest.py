"""A company of this test alone, served as a whole."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.fronts.shopfront import Shopfront, open_shopfront


@pytest.fixture
async def front(
    owner_url: str,
    engine: AsyncEngine,
    auth_engine: AsyncEngine,
    admin_engine: AsyncEngine,
    tmp_path: Path,
) -> AsyncIterator[Shopfront]:
    async with open_shopfront(owner_url, engine, auth_engine, admin_engine, tmp_path) as front:
        yield front
