"""Pages under a small edge, asked over ASGI."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.web.languages import compile_catalogues
from tests.web.company import Company, Office, found_company
from tests.web.floor import Floor, open_floor
from tests.web.house import COOKIE, House, app_of

compile_catalogues()

Client = httpx.AsyncClient


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=app_of(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.fixture
async def clerk_client(visitor: Client) -> Client:
    visitor.cookies.set(COOKIE, "one")
    return visitor


@pytest.fixture
async def company(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    """A company of this test alone, with committed rows."""
    return await found_company(engine, admin_engine)


@pytest.fixture
async def office(
    owner_url: str, engine: AsyncEngine, auth_engine: AsyncEngine, company: Company
) -> AsyncIterator[Office]:
    """The company's pages over the real API; the one at the desk may do everything."""
    office = Office(owner_url, engine, auth_engine)
    office.actors["one"] = company.actor()
    yield office
    await office.pool.close()
    await office.brand_pool.close()


@pytest.fixture
async def desk_client(office: Office) -> AsyncIterator[Client]:
    """A browser of the company, signed in."""
    transport = httpx.ASGITransport(app=app_of(office))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        client.cookies.set(COOKIE, "one")
        yield client


@pytest.fixture
async def floor(
    owner_url: str, engine: AsyncEngine, admin_engine: AsyncEngine, tmp_path: Path
) -> AsyncIterator[Floor]:
    """A counter, a bench and a quality check, with somebody at each."""
    async with open_floor(owner_url, engine, admin_engine, tmp_path) as floor:
        yield floor
