"""The main job from the counter to the claim: by keyboard, in two languages, and without scripts."""

from itertools import count

import pytest
from playwright.async_api import FilePayload, Page, expect
from stdnum import luhn

from tests.browser.live import BRANCH, Live, order_in
from tests.browser.test_scanner import scan
from tests.repairs.pictures import picture

PHOTO: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
PHOTOS = ("serial", "front", "back", "port", "liquid", "seals")
READINGS = {"standby": "8", "charging": "2.1", "battery": "92"}
IN_WARRANTY, LONG_AGO = "20260302", "20220105"


NUMBERS = count(1)


def new_imei() -> str:
    """A right IMEI of a Xinghe A5."""
    stem = f"00881051{next(NUMBERS):06}"
    return stem + str(luhn.calc_check_digit(stem))


def new_phone() -> str:
    return f"138{next(NUMBERS):08}"


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.id")
    return found


async def receive(page: Page, bought: str) -> str:
    """Take a phone of a new customer in: one scan, and nothing but keys."""
    await scan(page, new_imei())
    await expect(page.locator(".device-card")).to_contain_text("A5")
    await expect(page.locator("#f-phone")).to_be_focused()
    await page.keyboard.type(new_phone(), delay=60)
    await expect(page.locator("#f-name")).to_be_focused()
    await page.keyboard.type("Wang Fang", delay=60)
    await page.keyboard.press("Enter")
    await page.keyboard.press("2")
    await expect(page.locator("input[value=display]")).to_be_checked()
    await page.keyboard.press("f")
    await expect(page.locator("#f-dated_on")).to_be_focused()
    await page.keyboard.type(bought, delay=60)
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/orders/*")
    return order_in(page)


async def open_order(page: Page, number: str) -> None:
    await scan(page, number)
    await page.wait_for_url(f"**/orders/{number}")


async def primary(page: Page, address: str) -> None:
    """Do the page's main action by its key."""
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(address)


async def inspect(page: Page, number: str) -> None:
    await primary(page, f"**/orders/{number}/inspection")
    await page.keyboard.press("a")
    await expect(page.locator('[name="outcome.touch"][value=PASS]')).to_be_checked()
    for slot in PHOTOS:
        await page.set_input_files(f'[name="photo.{slot}"]', PHOTO)
        await expect(page.locator(f"#slot-{slot} img")).to_be_visible()
    for step, reading in READINGS.items():
        await page.fill(f'[name="reading.{step}"]', reading)
    await page.focus('[name="outcome.display"][value=PASS]')
    await page.keyboard.press("x")
    await expect(page.locator("#decision .plain li")).to_have_count(1)
    await primary(page, f"**/orders/{number}")


async def add_lines(page: Page, number: str) -> None:
    await page.goto(page.url.split("?")[0] + "/quote")
    await page.select_option("#f-offer-part", value="PART:XH-DSP-A5")
    await page.click("form:has(#f-offer-part) button")
    await expect(page.locator("#order-lines [data-row]")).to_have_count(1)
    await page.select_option("#f-offer-labour", value="LABOUR:2")
    await page.click("form:has(#f-offer-labour) button")
    await expect(page.locator("#order-lines [data-row]")).to_have_count(2)


async def repair(page: Page, number: str) -> None:
    await primary(page, f"**/orders/{number}")
    await page.fill("#f-fault_note", "Flex cable loose")
    await page.fill("#f-remedy_note", "Display exchanged")
    await page.check("[name=outcome][value=REPAIRED]")
    await page.fill("#f-labour_minutes", "35")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".stepper li").nth(5)).to_have_attribute("aria-current", "step")


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_a_phone_in_warranty_goes_from_the_scanner_to_the_claim(
    live: Live, language: str
) -> None:
    clerk = await live.person("desk.hz01", language=language)
    assert await focused(clerk) == "scan"
    number = await receive(clerk, IN_WARRANTY)
    technician = await live.person("tech.hz01", language=language)
    await open_order(technician, number)
    await inspect(technician, number)
    await add_lines(technician, number)
    await primary(technician, f"**/orders/{number}")
    await repair(technician, number)
    inspector = await live.person("qc.hz01", language=language)
    await open_order(inspector, number)
    await inspector.keyboard.press("Control+Enter")
    await expect(inspector.locator("#next .tag.ok")).to_be_visible()
    await open_order(clerk, number)
    await primary(clerk, "**/handover")
    await clerk.keyboard.press("Control+Enter")
    await clerk.locator("#confirm").wait_for()
    await primary(clerk, "**/orders/*?receipt=1")
    finance = await live.person("finance", language=language)
    await claim_of(finance, number)


async def claim_of(page: Page, number: str) -> None:
    """Wait until the worker has opened the claim and the list shows it."""
    spaced = f"{number[:6]} {number[6:11]} {number[11]}"
    for _ in range(40):
        await page.goto(page.url.split("/hq")[0].rstrip("/") + "/hq/claims")
        if await page.get_by_text(spaced).count():
            return
        await page.wait_for_timeout(250)
    raise AssertionError(f"no claim of {number} was opened")


async def test_a_repair_out_of_warranty_is_quoted_approved_and_paid(live: Live) -> None:
    clerk, technician = await live.person("desk.hz01"), await live.person("tech.hz01")
    number = await receive(clerk, LONG_AGO)
    await open_order(technician, number)
    await inspect(technician, number)
    await add_lines(technician, number)
    await technician.keyboard.press("Control+Enter")
    await expect(technician.locator("#quotes li")).to_have_count(1)
    await open_order(clerk, number)
    await primary(clerk, "**/quote#answer")
    await clerk.keyboard.press("2")
    await expect(clerk.locator("[value=PHONE]")).to_be_checked()
    await primary(clerk, f"**/orders/{number}")
    await technician.goto(f"{live.url}/orders/{number}")
    await repair(technician, number)
    inspector = await live.person("qc.hz01")
    await inspector.goto(f"{live.url}/orders/{number}")
    await inspector.keyboard.press("Control+Enter")
    await expect(inspector.locator("#next .tag.ok")).to_be_visible()
    await clerk.goto(f"{live.url}/orders/{number}/handover")
    await expect(clerk.locator(".due .amount-due")).to_have_text("¥560.00")
    await clerk.keyboard.press("2")
    await clerk.keyboard.press("Control+Enter")
    await expect(clerk.locator(".due .amount-due")).to_have_text("¥0.00")
    await clerk.keyboard.press("Control+Enter")
    await clerk.locator("#confirm").wait_for()
    await primary(clerk, "**/orders/*?receipt=1")


async def inspect_plainly(page: Page) -> None:
    """Fill in the whole checklist and send it with its pictures as one form."""
    await page.click("#next button")
    for slot in PHOTOS:
        await page.set_input_files(f'[name="photo.{slot}"]', PHOTO)
    for step in (*PHOTOS, "fault", "display", "touch", "radio"):
        await page.check(f'[name="outcome.{step}"][value=PASS]')
    for step, reading in READINGS.items():
        await page.fill(f'[name="reading.{step}"]', reading)
    await page.click("button[data-primary]")


async def test_the_whole_job_works_without_scripts(live: Live) -> None:
    clerk = await live.person("desk.hz01", scripts=False)
    await clerk.fill("#scan", new_imei())
    await clerk.press("#scan", "Enter")
    await expect(clerk.locator(".device-card")).to_contain_text("A5")
    await clerk.fill("#f-phone", new_phone())
    await clerk.fill("#f-name", "王芳")
    await clerk.fill("#f-words", "屏幕不亮")
    await clerk.fill("#f-dated_on", "2026-3-2")
    await clerk.check("input[value=charger]")
    await clerk.click("button[data-primary]")
    await clerk.wait_for_url("**/orders/*")
    number = order_in(clerk)
    technician = await live.person("tech.hz01", scripts=False)
    await technician.goto(f"{live.url}/orders/{number}")
    await inspect_plainly(technician)
    await technician.wait_for_url(f"**/orders/{number}")
    await add_lines(technician, number)
    await technician.goto(f"{live.url}/orders/{number}")
    await technician.click("#next button[data-primary]")
    await technician.fill("#f-fault_note", "排线脱落")
    await technician.fill("#f-remedy_note", "更换屏幕")
    await technician.check("[name=outcome][value=REPAIRED]")
    await technician.fill("#f-labour_minutes", "35")
    await technician.click("#next button[data-primary]")
    inspector = await live.person("qc.hz01", scripts=False)
    await inspector.goto(f"{live.url}/orders/{number}")
    await inspector.click("#next button[data-primary]")
    await clerk.goto(f"{live.url}/orders/{number}/handover")
    await clerk.check("[name=accessories]")
    await clerk.click("#return button")
    await clerk.click("#confirm button")
    await clerk.wait_for_url("**/orders/*?receipt=1")
    await expect(clerk.locator(".stepper [aria-current]")).to_have_text("已交付")


async def test_a_burst_while_typing_leaves_the_field_and_sends_no_form(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    sent: list[str] = []
    clerk.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    await clerk.focus("#f-phone")
    await clerk.keyboard.type("138", delay=80)
    await scan(clerk, new_imei())
    await expect(clerk.locator(".device-card")).to_contain_text("A5")
    assert await clerk.input_value("#f-phone") == "138"
    assert {url.rsplit("/", 1)[1] for url in sent} == {"preview"}


async def test_the_next_customer_begins_at_the_scan_box(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    await receive(clerk, IN_WARRANTY)
    await clerk.goto(f"{live.url}/b/{BRANCH}/intake")
    assert await focused(clerk) == "scan"
