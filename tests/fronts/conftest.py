"""A company of this test alone, served as a whole."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco import app
from tests.fronts.shopfront import Shopfront, open_shopfront
from tests.web.shared_pages import shared_pages


@pytest.fixture(scope="session", autouse=True)
def pages_once() -> Iterator[None]:
    """Build the pages once for all applications of the process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "web_app", shared_pages)
        yield


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
