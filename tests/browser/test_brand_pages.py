"""The pages of a brand: sound in every language, on a desktop and on a phone."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.browser.conftest import PageAt
from tests.browser.served_house import served_here
from tests.browser.sound import assert_sound
from tests.web.claims_desk import file_claim
from tests.web.company import Company, Office, found_company
from tests.web.test_brand_portal import reviewer


@pytest.fixture
async def company(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    return await found_company(engine, admin_engine)


@pytest.fixture
async def site_url(
    owner_url: str, engine: AsyncEngine, auth_engine: AsyncEngine, company: Company
) -> AsyncIterator[str]:
    office = Office(owner_url, engine, auth_engine)
    assert company.brand is not None
    office.actors["one"] = reviewer(company.brand.id)
    async with served_here(office) as url:
        yield url
    await office.pool.close()
    await office.brand_pool.close()


async def test_the_pages_of_a_brand_are_sound(page_at: PageAt, company: Company) -> None:
    assert company.brand is not None
    home = f"/brand/{company.brand.code}"
    empty = await page_at(f"{home}/claims?status=paid", signed_in=True)
    await assert_sound(empty, looks=[("en", "light")])
    await file_claim(company)
    page = await page_at(f"{home}/claims", signed_in=True)
    claim = await page.get_attribute("tr[data-row] a", "href")
    await page.goto(page.url.replace("/claims", "/repairs"))
    case = await page.get_attribute("tr[data-row] a", "href")
    for path in (f"{home}/claims", claim, f"{home}/repairs", case):
        await page.goto(f"{page.url.partition('/brand')[0]}{path}")
        await assert_sound(page, looks=[("zh-Hans", "light"), ("zh-Hant", "dark"), ("en", "light")])
