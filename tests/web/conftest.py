"""Pages under a small edge, asked over ASGI."""

from collections.abc import AsyncIterator

import httpx
import pytest

from serviceco.web.languages import compile_catalogues
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
