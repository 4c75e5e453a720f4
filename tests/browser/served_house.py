"""Applications served in the loop of the tests, whose connections they share."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from tests.web.house import House, app_of


@asynccontextmanager
async def served_here(house: House) -> AsyncIterator[str]:
    """Serve the pages of a house on a free port."""
    async with served_application(app_of(house)) as url:
        yield url


@asynccontextmanager
async def served_application(application: Any) -> AsyncIterator[str]:
    """Serve an application whose life somebody else begins and ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
