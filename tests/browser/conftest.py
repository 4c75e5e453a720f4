"""A real Chromium before a real server; every page is watched for faults while a test looks at it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.web.languages import compile_catalogues
from tests.browser.live import Live, live_site
from tests.web.floor import Floor, open_floor
from tests.web.house import COOKIE, House, app_of

compile_catalogues()

# The shell has no window, tabs or toolbars to draw, and so does the same in half the time.
_CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = next((path for path in _CHROMIUMS if path.exists()), None)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PageAt = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Chromium. Set-up without apt has none: then, and only then, these tests are skipped.

    The run's summary counts them, and CI, which has a browser, fails on any skip.
    """
    if CHROMIUM is None:
        pytest.skip(f"there is none of {_CHROMIUMS} here")
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=str(CHROMIUM), args=list(_ARGUMENTS)
        )
        yield chromium
        await chromium.close()


@pytest.fixture
async def floor(
    owner_url: str, engine: AsyncEngine, admin_engine: AsyncEngine, tmp_path: Path
) -> AsyncIterator[Floor]:
    """A counter, a bench and a quality check, with somebody at each."""
    async with open_floor(owner_url, engine, admin_engine, tmp_path) as floor:
        yield floor


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def site_url(house: House) -> Iterator[str]:
    """The pages over the in-memory house, served on a free port by a thread of their own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app_of(house), log_level="error", lifespan="off"))
    thread = Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
async def page_at(browser: Browser, site_url: str) -> AsyncIterator[PageAt]:
    """Open a page; at the end no script may have failed and no rule of the policy been broken."""
    faults: list[str] = []
    contexts = []

    async def open_page(
        path: str,
        *,
        language: str = "zh-Hans",
        theme: str = "light",
        width: int = 1366,
        scripts: bool = True,
        signed_in: bool = False,
        **cookies: str,
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": 768}, java_script_enabled=scripts
        )
        contexts.append(context)
        wanted = {"language": language, "theme": theme} | cookies
        wanted |= {COOKIE: "one"} if signed_in else {}
        await context.add_cookies(
            [{"name": name, "value": value, "url": site_url} for name, value in wanted.items()]
        )
        page = await context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.extend(_violations(line)))
        await page.goto(site_url + path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert faults == []


def _violations(line: Any) -> list[str]:
    """Return the line where it tells of the content policy; failed loads are the tests' own."""
    return [line.text] if "Content Security Policy" in line.text else []


@pytest.fixture(scope="module")
async def live(
    server_url: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    """A served company with a worker beside it, for all tests of a module."""
    folder = tmp_path_factory.mktemp("live")
    async with live_site(server_url, folder, browser) as live:
        yield live
