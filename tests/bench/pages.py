"""`python -m tests.bench.pages`: what a person waits for, over 50,000 orders; prints figures.

Server time of every single filter, first paint of the main content on this machine and on a slow
one, and how soon a page shows that it was touched. Nothing here is a test: a busy machine is slow.

Environment: WORLD (orders, default 50k). Times of the server stand also as multiples of the
reference, so that two machines can be compared.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Page, async_playwright
from rich.console import Console
from rich.table import Table

from tests.bench.reference import reference_seconds
from tests.bench.turns import connect
from tests.bench.world import World, brand_id, make_world, write_world
from tests.browser.conftest import CHROMIUM
from tests.database import own_database, running_server
from tests.served import serving

ROUNDS, TOUCHES = 40, 50
SERVER_MS, LARGEST_MS, SLOW_LARGEST_MS, TOUCH_MS, SHIFT = 200, 1_000, 2_500, 200, 0.05
BOARD = "/b/b0/board"
# As the developer tools of the browser define "Fast 3G", on a processor four times slower.
FAST_3G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 750e3 / 8 * 0.9,
}
_LARGEST = """new Promise((tell) => new PerformanceObserver((list) => {
    tell(list.getEntries().at(-1).startTime);
}).observe({ type: "largest-contentful-paint", buffered: true }))"""
_SHIFTED = """new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => tell(sum), 50);
})"""
# From the choice to the frame that shows the other rows.
_FILTERED = """(value) => new Promise((tell) => {
    const field = document.getElementById("f-cov");
    const began = performance.now();
    new MutationObserver((_, watcher) => {
        watcher.disconnect();
        requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began), 0));
    }).observe(document.getElementById("results"), { childList: true });
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
})"""
_TICKED = """() => new Promise((tell) => {
    const began = performance.now();
    document.querySelector("[name=condition_codes]").click();
    requestAnimationFrame(() => setTimeout(() => tell(performance.now() - began), 0));
})"""
console = Console(width=110)


def main() -> None:
    """Write the world, serve it, measure, and report."""
    orders = int(os.environ.get("WORLD", "50k").lower().replace("k", "000"))
    asyncio.run(_run(make_world(tenants=1, orders=orders)))


async def _run(world: World) -> None:
    with running_server() as server_url, tempfile.TemporaryDirectory() as folder:
        async with own_database(server_url) as owner_url:
            connection = await connect(owner_url)
            await write_world(connection, world)
            await connection.close()
            unmetered = {"STAFF_POINTS_PER_S": "1e12", "ENVIRONMENT": "development"}
            with serving(owner_url, Path(folder), **unmetered) as served:
                await asyncio.to_thread(measure_server, served.url, world)
                await measure_browser(served.url, world)


def filters(world: World) -> list[str]:
    """Return the board and the list of orders, each with every single filter."""
    board = ("", "view=inspect", "view=mine", "view=overdue", "cov=mixed", f"brand={brand_id()}")
    search = ("", "status=received", "cov=mixed", f"brand={brand_id()}", "from=2026-01-05",
              f"q={world.number(0, 1_234)}", "q=王", "q=bench")  # fmt: skip
    return [f"{BOARD}?{one}" for one in board] + [f"/orders?{one}" for one in search]


def measure_server(url: str, world: World) -> None:
    """Ask for every filter again and again, one after the other, as one person does."""
    reference = reference_seconds()
    table = Table("page", "p50 ms", "p95 ms", "p95 in references", f"at most {SERVER_MS} ms")
    with httpx.Client(base_url=url, cookies={"serviceco": world.token}) as client:
        for path in filters(world):
            spans = sorted(_span(client, path) for _ in range(ROUNDS))
            half, most = spans[len(spans) // 2], spans[int(len(spans) * 0.95) - 1]
            table.add_row(path.replace(str(brand_id()), "…"), f"{half * 1e3:.0f}",
                          f"{most * 1e3:.0f}", f"{most / reference:,.0f}",
                          _met(most * 1e3, SERVER_MS))  # fmt: skip
    console.print(table)


def _span(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return time.perf_counter() - began


async def measure_browser(url: str, world: World) -> None:
    """Look at the main pages as they paint, and touch them."""
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox"]
        )
        context = await chromium.new_context(viewport={"width": 1366, "height": 768})
        await context.add_cookies([{"name": "serviceco", "value": world.token, "url": url}])
        page = await context.new_page()
        await _paint(page, url, world)
        await _touch(page, url)
        await chromium.close()


async def _paint(page: Page, url: str, world: World) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    table = Table("page", "largest paint ms", f"< {LARGEST_MS}", "slow ms", f"< {SLOW_LARGEST_MS}",
                  "shift", f"< {SHIFT}")  # fmt: skip
    for path in ("/b/b0/intake", BOARD, f"/orders/{world.number(0, 0)}"):
        await _emulate(session, 1, {**FAST_3G, "latency": 0, "downloadThroughput": -1,
                                    "uploadThroughput": -1})  # fmt: skip
        await page.goto(url + path)
        here, shift = await page.evaluate(_LARGEST), await page.evaluate(_SHIFTED)
        await _emulate(session, 4, FAST_3G)
        await session.send("Network.clearBrowserCache")
        await page.goto(url + path)
        slow = await page.evaluate(_LARGEST)
        table.add_row(path, f"{here:.0f}", _met(here, LARGEST_MS), f"{slow:.0f}",
                      _met(slow, SLOW_LARGEST_MS), f"{shift:.3f}", _met(shift, SHIFT))  # fmt: skip
    await _emulate(session, 1, {**FAST_3G, "latency": 0, "downloadThroughput": -1,
                                "uploadThroughput": -1})  # fmt: skip
    console.print(table)


async def _emulate(session: Any, slower: int, network: dict[str, Any]) -> None:
    await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    await session.send("Network.emulateNetworkConditions", network)


async def _touch(page: Page, url: str) -> None:
    """Choose a filter and tick a box, again and again, on this processor and on a slower one."""
    session = await page.context.new_cdp_session(page)
    table = Table("touch", "processor", "p50 ms", "p95 ms", f"< {TOUCH_MS}")
    for slower in (1, 4):
        await session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        await page.goto(url + BOARD)
        choices = ["mixed", "paid"] * (TOUCHES // 2)
        filtered = [await page.evaluate(_FILTERED, value) for value in choices]
        await page.goto(f"{url}/b/b0/intake")
        ticked = [await page.evaluate(_TICKED) for _ in range(TOUCHES)]
        for name, spans in (("filter of the board", filtered), ("a box of the intake", ticked)):
            half, most = sorted(spans)[TOUCHES // 2], sorted(spans)[int(TOUCHES * 0.95) - 1]
            table.add_row(name, f"1/{slower}", f"{half:.0f}", f"{most:.0f}", _met(most, TOUCH_MS))
    console.print(table)


def _met(found: float, limit: float) -> str:
    return "met" if found < limit else "NOT met"


if __name__ == "__main__":
    main()
