"""What every page of the staff loads, cold: little, from this house alone, and nothing jumps."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from playwright.async_api import Page, Request

from serviceco.core.actor import Permission
from tests.browser.conftest import PageAt
from tests.browser.served_house import served_here
from tests.repairs.shop import IMEI
from tests.web.floor import Floor
from tests.web.test_order_pages import repaired

PAGE_BYTES, SCRIPT_BYTES = 300_000, 110_000
# Pages of charts bring a library of their own, which the browser keeps.
CHARTS, CHART_BYTES = "/performance", 1_000_000
MOST_REQUESTS = 8
MOST_SHIFT = 0.05
# Shifts that nobody asked for, as the browser counts them; 100 px of a screen make about 0.1.
_SHIFT = """new Promise((tell) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => tell(sum), 0));
})"""


@pytest.fixture
async def site_url(floor: Floor) -> AsyncIterator[str]:
    clerk = floor.office.actors["clerk"]
    everybody = replace(clerk, permissions=frozenset(Permission), token_hash=b"one")
    floor.office.actors["one"] = everybody
    async with served_here(floor.office) as url:
        yield url


@dataclass
class Load:
    """What a page brought with it, by kind; photos are counted apart."""

    requests: list[Request] = field(default_factory=list)

    async def sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for asked in self.requests:
            answer = await asked.response()
            assert answer, asked.url
            kind = "photo" if "/photos/" in asked.url else asked.resource_type
            sizes[kind] = sizes.get(kind, 0) + len(await answer.body())
        return sizes


async def load_cold(page: Page, url: str) -> Load:
    """Open a page with nothing in the browser's store; what it streams has no end and no size."""
    load = Load()

    def note(request: Request) -> None:
        if request.resource_type != "eventsource":
            load.requests.append(request)

    page.on("request", note)
    await page.goto(url, wait_until="load")
    page.remove_listener("request", note)
    return load


async def staff_paths(page: Page, floor: Floor, number: str) -> list[str]:
    """Every place of the navigation, and the pages of one order."""
    links: list[str] = await page.locator(".nav a").evaluate_all(
        "all => all.map((one) => one.getAttribute('href'))"
    )
    order = [f"/orders/{number}{place}" for place in ("", "/inspection", "/quote", "/handover")]
    return sorted({*links, *order, f"{floor.intake}?code={IMEI}"})


async def test_every_staff_page_is_light_and_comes_from_here_alone(
    page_at: PageAt, floor: Floor, site_url: str
) -> None:
    number = await repaired(floor)
    page = await page_at(floor.intake, signed_in=True)
    session = await page.context.new_cdp_session(page)
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    paths = await staff_paths(page, floor, number)
    assert len(paths) > 15, paths
    for path in paths:
        load = await load_cold(page, site_url + path)
        sizes = await load.sizes()
        charts = CHART_BYTES if CHARTS in path else 0
        assert sizes["document"] > 1_000, path
        assert sum(sizes.values()) - sizes.get("photo", 0) < PAGE_BYTES + charts, (path, sizes)
        assert sizes["script"] <= SCRIPT_BYTES + charts, (path, sizes)
        assert "font" not in sizes, path
        assert all(asked.url.startswith(f"{site_url}/") for asked in load.requests), path
        assert len(load.requests) <= MOST_REQUESTS, (path, [one.url for one in load.requests])
        assert await page.evaluate(_SHIFT) < MOST_SHIFT, path
