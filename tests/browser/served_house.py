"""The pages of a house, served in the loop of the tests: they share its connections."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from tests.web.house import House, app_of


@asynccontextmanager
async def served_here(house: House) -> AsyncIterator[str]:
    """Serve the pages of a house on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app_of(house), log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
