"""Nothing typed at the counter is lost: not to a late answer, not with the tab."""

import asyncio

from playwright.async_api import Route, expect

from tests.browser.live import BRANCH, Live
from tests.browser.test_main_job import new_imei, new_phone
from tests.browser.test_scanner import scan


async def test_what_is_typed_while_an_answer_is_under_way_stays(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    await scan(clerk, new_imei())
    await expect(clerk.locator("#f-phone")).to_be_focused()
    go_on, held = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        held.set()
        await go_on.wait()
        await route.continue_()

    await clerk.route("**/preview", hold)
    await clerk.keyboard.type(new_phone(), delay=60)
    await asyncio.wait_for(held.wait(), 20)
    await clerk.focus("#f-name")
    await clerk.keyboard.type("Li Lei", delay=60)
    go_on.set()
    await expect(clerk.locator("#caller .hint")).to_be_visible()
    assert await clerk.input_value("#f-name") == "Li Lei"


async def test_a_tab_that_was_closed_leaves_a_draft_with_all_fields(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    imei, phone = new_imei(), new_phone()
    await scan(clerk, imei)
    await expect(clerk.locator("#f-phone")).to_be_focused()
    await clerk.keyboard.type(phone, delay=60)
    await expect(clerk.locator("#f-name")).to_be_focused()
    await clerk.keyboard.type("Han Mei", delay=60)
    await clerk.check("input[value=scratched]")
    await clerk.fill("#f-words", "Black screen")
    saved = clerk.locator("[data-state]")
    async with clerk.expect_response("**/drafts?auto=1"):
        await clerk.fill("#f-location", "A-07")
    async with clerk.expect_response("**/drafts?auto=1"):
        await clerk.fill("#f-location", "A-08")
    await expect(saved).to_contain_text("草稿已保存")
    context = clerk.context
    await clerk.close()
    again = await context.new_page()
    await again.goto(f"{live.url}/b/{BRANCH}/intake")
    await again.get_by_role("link", name="Han Mei").first.click()
    await expect(again.locator("#f-serial")).to_have_value(imei)
    await expect(again.locator("#f-phone")).to_have_value(phone)
    await expect(again.locator("#f-name")).to_have_value("Han Mei")
    await expect(again.locator("input[value=scratched]")).to_be_checked()
    await expect(again.locator("#f-words")).to_have_value("Black screen")
    await expect(again.locator("#f-location")).to_have_value("A-08")


async def test_after_an_intake_enter_leads_to_the_next_customer(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    await scan(clerk, new_imei())
    await expect(clerk.locator("#f-phone")).to_be_focused()
    await clerk.fill("#f-phone", new_phone())
    await clerk.fill("#f-words", "Black screen")
    await clerk.keyboard.press("Control+Enter")
    await clerk.wait_for_url("**/orders/*")
    await expect(clerk.locator("#next-customer")).to_be_focused()
    await clerk.keyboard.press("Enter")
    await clerk.wait_for_url(f"**/b/{BRANCH}/intake")
    assert await clerk.evaluate("document.activeElement.id") == "scan"
