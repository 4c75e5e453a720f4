"""The whole of it, as it runs in production: a server process and a worker over their own database.

One demo company stands in it with its staff and policies, and no past.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from serviceco.core.ids import new_id
from serviceco.demo.companies import PASSWORD, found_company
from serviceco.demo.engines import open_engines
from serviceco.demo.registers import fill_registers
from serviceco.demo.world import demo_folder
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.database import own_database
from tests.served import running, serving

COMPANY = "qinghe"
BRANCH = "HZ01"


@dataclass
class Live:
    """A served company; `people` sign in once each and keep their browser."""

    url: str
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    async def person(
        self, who: str, *, language: str = "zh-Hans", scripts: bool = True, width: int = 1366
    ) -> Page:
        """Sign somebody of the company in, such as `desk.hz01`, and give their page."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 768}, java_script_enabled=scripts
        )
        self.contexts.append(context)
        await context.add_cookies([{"name": "language", "value": language, "url": self.url}])
        page = await context.new_page()
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("console", lambda line: self._note(line.text))
        await page.goto(f"{self.url}/sign-in")
        await page.fill("#f-email", f"{who}@{COMPANY}.example")
        await page.fill("#f-password", PASSWORD)
        await page.click("button[data-primary]")
        await page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.faults.append(text)


@asynccontextmanager
async def live_site(server_url: str, folder: Path, browser: Browser) -> AsyncIterator[Live]:
    """Found the company, start both processes, and stop them at the end."""
    async with own_database(server_url, "live") as owner_url:
        await found_alone(owner_url)
        with (
            serving(owner_url, folder) as served,
            running(("worker",), owner_url, folder),
        ):
            live = Live(served.url, browser)
            yield live
            for context in live.contexts:
                await context.close()
    assert live.faults == []


async def found_alone(owner_url: str) -> None:
    """Found the one company, with its staff and policies, in an empty database."""
    folder, now = demo_folder(), datetime.now(UTC)
    path = next(path for path in folder.tenants() if path.parent.name == COMPANY)
    async with open_engines(owner_url) as engines:
        async with global_work(engines.admin) as session:
            await fill_registers(session, system_actor(new_id()), folder)
        await found_company(engines, path, folder, at=now)


def order_in(page: Page) -> str:
    """Return the number of the order that the page is about."""
    found = re.search(r"/orders/(\d{12})", page.url)
    assert found, page.url
    return found[1]
