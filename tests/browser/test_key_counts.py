"""How many keys the counter's two daily jobs take: real key events, no mouse."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PageAt
from tests.browser.served_house import served_here
from tests.browser.test_main_job import primary
from tests.browser.test_scanner import IMEI, scan
from tests.web.floor import Floor
from tests.web.test_order_pages import OUT_OF_WARRANTY, repaired

OTHER_IMEI = "356938035643817"
# The times of a trained clerk (ui.md, golden flows), and how long each job may take.
KEY_S, SCAN_S, DECISION_S = 0.28, 2.0, 1.2
NEW_S, KNOWN_S, PICKUP_S = 60, 40, 45
_LISTEN = """for (const kind of ["keydown", "pointerdown"])
    addEventListener(kind, (event) => { if (event.isTrusted) tally(kind); }, true);"""


@dataclass
class Tally:
    """What a clerk does at a page; the keys that a scanner presses count as one scan."""

    page: Page
    keys: int = 0
    scans: int = 0
    presses: int = 0

    async def begin(self) -> None:
        await self.page.expose_function("tally", self._note)
        await self.page.context.add_init_script(_LISTEN)

    def _note(self, kind: str) -> None:
        if kind == "keydown":
            self.keys += 1
        else:
            self.presses += 1

    async def scan(self, code: str) -> None:
        await scan(self.page, code)
        self.keys -= len(code) + 1
        self.scans += 1

    def seconds(self, decisions: int) -> float:
        return self.keys * KEY_S + self.scans * SCAN_S + decisions * DECISION_S


@pytest.fixture
async def site_url(floor: Floor) -> AsyncIterator[str]:
    async with served_here(floor.office) as url:
        yield url


async def clerk_at(page_at: PageAt, floor: Floor) -> Tally:
    """The clerk at the counter, from whose next key on everything counts."""
    page = await page_at("/me", serviceco="clerk")
    tally = Tally(page)
    await tally.begin()
    await page.goto(page.url.replace("/me", floor.intake))
    return tally


async def receive(tally: Tally, imei: str, *, name: str) -> None:
    """Take a phone in; a customer without `name` is known already."""
    page = tally.page
    await tally.scan(imei)
    await expect(page.locator("#f-phone")).to_be_focused()
    await page.keyboard.type("13812345678", delay=60)
    if name:
        await expect(page.locator("#f-name")).to_be_focused()
        await page.keyboard.type(name, delay=60)
        await page.keyboard.press("Enter")
    else:
        await expect(page.locator("[name=symptom_codes]").first).to_be_focused()
    await page.keyboard.press("1")
    await expect(page.locator("[name=symptom_codes]").first).to_be_checked()
    await page.keyboard.press("f")
    await expect(page.locator("#f-dated_on")).to_be_focused()
    await page.keyboard.type("20260302", delay=60)
    await primary(page, "**/orders/*")


async def test_an_intake_takes_two_scans_and_forty_keys_at_most(
    page_at: PageAt, floor: Floor
) -> None:
    new = await clerk_at(page_at, floor)
    await receive(new, IMEI, name="wangfang")
    await new.page.keyboard.press("Enter")
    await new.page.wait_for_url(f"**{floor.intake}*")
    assert (new.presses, new.scans) == (0, 1)
    assert 30 < new.keys <= 40
    assert new.seconds(decisions=6) <= NEW_S

    known = await clerk_at(page_at, floor)
    await receive(known, OTHER_IMEI, name="")
    assert (known.presses, known.scans) == (0, 1)
    assert 20 < known.keys < new.keys - len("wangfang")
    assert known.seconds(decisions=5) <= KNOWN_S


async def hand_over(tally: Tally) -> None:
    page = tally.page
    await page.keyboard.press("1")
    await expect(page.locator("[name=accessories]")).to_be_checked()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#confirm [data-primary]")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/orders/*?receipt=1")


async def test_a_free_pickup_takes_one_scan_and_six_keys(page_at: PageAt, floor: Floor) -> None:
    number = await repaired(floor)
    clerk = await clerk_at(page_at, floor)
    await clerk.scan(number)
    await clerk.page.wait_for_url(f"**/orders/{number}")
    await primary(clerk.page, "**/handover")
    await hand_over(clerk)
    assert (clerk.presses, clerk.scans, clerk.keys) == (0, 1, 6)
    assert clerk.seconds(decisions=3) <= PICKUP_S


async def test_a_pickup_paid_by_wechat_takes_twelve_keys_at_most(
    page_at: PageAt, floor: Floor
) -> None:
    number = await repaired(floor, **OUT_OF_WARRANTY)
    clerk = await clerk_at(page_at, floor)
    await clerk.scan(number)
    await clerk.page.wait_for_url(f"**/orders/{number}")
    await primary(clerk.page, "**/handover")
    await clerk.page.keyboard.press("2")
    await expect(clerk.page.locator("[value=WECHAT]")).to_be_checked()
    await clerk.page.keyboard.press("Control+Enter")
    await expect(clerk.page.locator(".due .amount-due")).to_have_text("¥0.00")
    await hand_over(clerk)
    assert (clerk.presses, clerk.scans) == (0, 1)
    assert 6 < clerk.keys <= 12
    assert clerk.seconds(decisions=5) <= PICKUP_S
