"""The customer's pages in a real browser: no script, a narrow screen, two taps for an answer."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Response

from serviceco.billing.quotes import send_quote
from serviceco.core.ids import new_id
from serviceco.ledger.operations import open_chart
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.database import own_database
from tests.factories import Factory, tenant_row
from tests.fronts.shopfront import links_of
from tests.repairs.shop import labour, open_shop, part
from tests.served import serving

KB = 1024


@pytest.fixture
async def link(server_url: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a quoted order's page, served by a process of its own."""
    async with own_database(server_url, "customer") as owner_url:
        order = await _quoted(owner_url)
        with serving(owner_url, tmp_path) as served:
            app, auth = (open_engine(role_url(owner_url, role)) for role in (Role.APP, Role.AUTH))
            token = await links_of(auth, app, owner_url).token(order.tenant_id, order.id)
            await app.dispose()
            await auth.dispose()
            yield f"{served.url}/c/{token}"


async def _quoted(owner_url: str) -> RepairOrder:
    tenant_id, now = new_id(), datetime.now(UTC)
    app, admin = (open_engine(role_url(owner_url, role)) for role in (Role.APP, Role.ADMIN))
    async with global_work(admin) as session:
        session.add(tenant_row(tenant_id))
    async with unit_of_work(app, tenant_id) as session:
        shop = await open_shop(Factory(session, tenant_id, admin))
        await open_chart(session, system_actor(tenant_id))
        order = await shop.diagnosed(part("D-1"), labour(2), bought=None, at=now)
        await send_quote(session, shop.actor, order.number, at=now)
    await app.dispose()
    await admin.dispose()
    return order


async def phone(browser: Browser) -> tuple[Page, list[int]]:
    """A telephone without scripts, and the bytes of all that it loads."""
    context = await browser.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="zh-CN"
    )
    page = await context.new_page()
    loaded: list[int] = []

    async def note(response: Response) -> None:
        if response.status == 200:
            loaded.append(len(await response.body()))

    page.on("response", note)
    return page, loaded


async def test_two_taps_approve_a_quote_on_a_narrow_screen_without_scripts(
    browser: Browser, link: str
):
    page, loaded = await phone(browser)
    await page.goto(link)
    await page.wait_for_load_state("networkidle")
    assert sum(loaded) < 60 * KB
    width = await page.locator("body").evaluate(
        "body => body.ownerDocument.documentElement.scrollWidth"
    )
    assert width <= 320
    yes, no = (
        page.get_by_role("link", name="同意维修"),
        page.get_by_role("link", name="不修了，退机"),
    )
    yes_box, no_box = await yes.bounding_box(), await no.bounding_box()
    assert yes_box
    assert no_box
    assert (yes_box["width"], yes_box["height"]) == (no_box["width"], no_box["height"])

    await yes.click()
    assert "¥570.00" in await page.locator("main").inner_text()
    await page.get_by_role("button", name=re.compile("确认维修")).click()
    await page.wait_for_url(lambda url: "/answer" not in url)
    assert "谢谢您" in await page.locator("main").inner_text()
    await page.context.close()
