"""The whole application in this process, asked as a server asks it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from serviceco.app import build
from serviceco.edge.asgi import Application, Message
from serviceco.settings import Environment, Settings


@asynccontextmanager
async def lived(application: Application) -> AsyncIterator[None]:
    """Start and stop an application as its server does, so that its connections close."""
    said: asyncio.Queue[Message] = asyncio.Queue()
    heard: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.ensure_future(application({"type": "lifespan"}, said.get, heard.put))
    await said.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    yield
    await said.put({"type": "lifespan.shutdown"})
    assert (await heard.get())["type"] == "lifespan.shutdown.complete"
    await life


@asynccontextmanager
async def served(
    owner_url: str, environment: Environment, folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(environment=environment)
    scheme = "https" if settings.https else "http"
    application = build(settings, owner_url, folder)
    transport = httpx.ASGITransport(application)
    async with (
        lived(application),
        httpx.AsyncClient(transport=transport, base_url=f"{scheme}://serviceco.test") as client,
    ):
        yield client
