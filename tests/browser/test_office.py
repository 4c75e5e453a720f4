"""The office's pages in a real Chromium, over the real API: keys, swaps, charts, plain forms."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome, RepairStatus
from serviceco.reports.rollups import rebuild
from tests.browser.served_house import served_here
from tests.browser.test_gallery import CONTRAST, grave_faults
from tests.web.claims_desk import open_claims_desk
from tests.web.company import Office, found_company

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
MARCH = "from=2026-03-01&to=2026-03-31"


@pytest.fixture
async def company(engine, admin_engine):
    return await found_company(engine, admin_engine)


@pytest.fixture
async def site_url(owner_url, engine, company):
    """The pages over the real API, served in the loop of the tests: they share its connections."""
    office = Office(owner_url, engine)
    office.actors["one"] = company.actor()
    async with served_here(office) as url:
        yield url
    await office.pool.close()


async def test_rows_are_walked_and_opened_by_keys(company, page_at):
    later, earlier = await company.order(), await company.order()
    page = await page_at("/b/sh01/board", signed_in=True)
    for key, order in (("j", earlier), ("j", later), ("k", earlier)):
        await page.keyboard.press(key)
        await page.wait_for_selector(f'tr.current a[href="/orders/{order.number}"]:focus')
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/orders/{earlier.number}")


@pytest.mark.parametrize("path", ["/b/sh01/board", "/orders"])
async def test_the_cells_of_a_row_stand_side_by_side_on_a_desktop(company, page_at, path):
    await company.order(promised_at=NOON)
    page = await page_at(path, signed_in=True)
    cells = page.locator("tr[data-row] td")
    tops = await cells.evaluate_all("all => all.map(cell => cell.getBoundingClientRect().top)")
    assert len(set(tops)) == 1


async def test_a_filter_swaps_the_rows_and_keeps_the_focus(company, page_at):
    await company.order(coverage=Coverage.MIXED)
    paid = await company.order(coverage=Coverage.PAID)
    page = await page_at("/b/sh01/board", signed_in=True)
    await page.focus("#f-cov")
    await page.select_option("#f-cov", "paid")
    await expect(page.locator("tr[data-row]")).to_have_count(1)
    assert await page.get_attribute("tr[data-row] a", "href") == f"/orders/{paid.number}"
    assert "cov=paid" in page.url
    assert await page.evaluate("document.activeElement.id") == "f-cov"
    assert await page.text_content("#live") == "共 1 条"


async def test_a_choice_is_asked_for_at_once_and_once(company, page_at):
    await company.order(coverage=Coverage.PAID)
    page = await page_at("/b/sh01/board", signed_in=True)
    asked = []
    page.on("request", lambda one: asked.append(one.url) if "cov=" in one.url else None)
    # No timer runs: what waits for more keys would wait for ever.
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    async with page.expect_response("**/board?cov=paid*"):
        await page.select_option("#f-cov", "paid")
    await page.clock.resume()
    await expect(page.locator("#f-cov")).to_have_value("paid")
    await page.wait_for_url("**cov=paid**")
    assert len(asked) == 1


async def test_a_filter_works_as_a_plain_form(company, page_at):
    await company.order(coverage=Coverage.MIXED)
    paid = await company.order(coverage=Coverage.PAID)
    page = await page_at("/b/sh01/board", signed_in=True, scripts=False)
    await page.select_option("#f-cov", "paid")
    await page.click("form.filters button")
    links = await page.locator("tr[data-row] a").evaluate_all("all => all.map(a => a.pathname)")
    assert links == [f"/orders/{paid.number}"]


async def test_claims_are_chosen_and_submitted_by_keys(company, page_at):
    desk = await open_claims_desk(company)
    await desk.claim()
    await desk.claim()
    page = await page_at("/hq/claims", signed_in=True)
    for row in (1, 2):
        await page.keyboard.press("j")
        await page.wait_for_selector(f"tr.current:nth-child({row})")
        await page.keyboard.press("x")
        await expect(page.locator("input[name=id]:checked")).to_have_count(row)
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/hq/claims/submission?*")
    assert "2 单" in (await page.text_content("button[data-primary]") or "")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/hq/claims?status=submitted")
    assert "已提交 2 单" in (await page.text_content("[data-toast]") or "")


async def closed(company, **columns):
    """An order of March with a turnaround of 29 hours."""
    return await company.order(
        **{
            "status": RepairStatus.CLOSED,
            "received_at": NOON - timedelta(hours=30),
            "ready_at": NOON - timedelta(hours=1),
            "closed_at": NOON,
            "outcome": Outcome.REPAIRED,
            "coverage": Coverage.IN_WARRANTY,
        }
        | columns
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_charts_are_drawn_under_the_strict_policy(company, page_at, theme):
    for branch in (0, 1):
        await closed(company, branch=branch)
    async with company.at_work() as history:
        await rebuild(history.make.session)
    page = await page_at(f"/hq/performance?{MARCH}", signed_in=True, theme=theme)
    await expect(page.locator("figure[data-drawn] canvas")).to_have_count(3)
    assert not await page.locator("#volume-table").evaluate("table => table.open")
    box = await page.locator("#volume canvas").bounding_box()
    assert box
    await page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5)
    tip = await page.text_content(".chart-tip")
    assert tip is None or re.match(r"$|2026-03-\d\d · 保内 2", tip)


async def test_a_report_is_whole_without_scripts(company, page_at):
    await closed(company)
    async with company.at_work() as history:
        await rebuild(history.make.session)
    page = await page_at(f"/hq/performance?{MARCH}", signed_in=True, scripts=False)
    assert await page.locator("figure").first.is_hidden()
    assert await page.locator("#turnaround-table td").first.is_visible()
    assert await page.locator(".tile .value").count() == 8


PATHS = ["/b/sh01/board", "/orders", "/hq/claims", f"/hq/performance?{MARCH}"]


@pytest.mark.parametrize("path", [*PATHS, "/admin/brand-aliases", "/admin"])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave_and_contrasts_suffice(company, page_at, path, theme):
    await company.order(promised_at=NOON)
    await closed(company)
    async with company.at_work() as history:
        await rebuild(history.make.session)
    await (await open_claims_desk(company)).claim(complete=False)
    page = await page_at(path, signed_in=True, theme=theme)
    assert await grave_faults(page) == []
    assert await page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_scrolls_sideways_on_a_phone(company, page_at, path):
    await company.order()
    await closed(company)
    async with company.at_work() as history:
        await rebuild(history.make.session)
    page = await page_at(path, signed_in=True, width=390, language="en")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
