"""Pages of support, of an owner who lets it in, and of customers: sound in every language."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.tenancy.words import Role
from tests.browser.conftest import PageAt
from tests.browser.served_house import served_application
from tests.browser.sound import assert_sound
from tests.fronts.shopfront import Shopfront, open_shopfront
from tests.fronts.test_support_access import begun, opened

ALL = [("zh-Hans", "light"), ("zh-Hant", "dark"), ("en", "light")]
OWNERS = ("/admin/support", "/admin/privacy", "/admin/audit")


@pytest.fixture
async def front(
    owner_url: str,
    engine: AsyncEngine,
    auth_engine: AsyncEngine,
    admin_engine: AsyncEngine,
    tmp_path: Path,
) -> AsyncIterator[Shopfront]:
    async with open_shopfront(owner_url, engine, auth_engine, admin_engine, tmp_path) as front:
        yield front


@pytest.fixture
async def site_url(front: Shopfront) -> AsyncIterator[str]:
    async with served_application(front.application) as url:
        yield url


async def page_of(page_at: PageAt, client: httpx.AsyncClient, path: str) -> Page:
    """The page of somebody who signed in before."""
    cookies = {cookie.name: str(cookie.value) for cookie in client.cookies.jar}
    return await page_at(path, **{**cookies, "language": "zh-Hans"})


async def test_what_support_sees_is_sound(page_at: PageAt, front: Shopfront) -> None:
    order = await front.received()
    link = await opened(front, ticket="T-4711")
    await assert_sound(await page_at(link), looks=[("zh-Hans", "light"), ("en", "dark")])
    browser = await begun(front, link)
    for path in ("/support", f"/support/orders/{order.number}"):
        await assert_sound(await page_of(page_at, browser, path), looks=ALL)


async def test_how_an_owner_lets_support_in_is_sound(page_at: PageAt, front: Shopfront) -> None:
    owner = await front.signed_in(Role.OWNER)
    page = await page_of(page_at, owner, "/admin/support")
    await assert_sound(page, looks=[("zh-Hant", "light")])
    await page.click("main [data-primary]")
    await page.locator("main table, main .facts, main li").first.wait_for()
    for path in OWNERS:
        await page.goto(page.url.partition("/admin")[0] + path)
        await assert_sound(page, looks=ALL)


async def test_what_customers_see_is_sound(page_at: PageAt, front: Shopfront) -> None:
    order = await front.quoted()
    here = f"/c/{await front.token(order)}"
    for path in ("/track", f"/track?number={order.number}", here, f"{here}/answer?approved=yes"):
        await assert_sound(await page_at(path), looks=ALL)
    await assert_sound(await page_at("/c/gone"), looks=ALL, status=404)
