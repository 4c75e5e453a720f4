"""From an empty service point to its first device: an owner sets it up, a new clerk takes in."""

from playwright.async_api import Page, expect

from tests.browser.live import Live
from tests.browser.test_main_job import IN_WARRANTY, receive

BRANCH, CONTRACT = "GZ01", "XH-CN-2023-017"
PASSWORD = "a password of my own"


async def open_branch(owner: Page, url: str) -> None:
    await owner.goto(f"{url}/admin/branches/new")
    await owner.fill("#f-code", BRANCH)
    await owner.fill("#f-name", "广州天河店")
    await owner.keyboard.press("Control+Enter")
    await owner.wait_for_url(f"{url}/admin")
    await expect(owner.locator("#steps")).to_contain_text(f"{BRANCH}：缺少可以")


async def sign_contract(owner: Page, url: str) -> None:
    await owner.goto(f"{url}/admin/contracts/new")
    await owner.select_option("#f-brand", label="诺凡")
    await owner.fill("#f-number", "NV-2026-1")
    await owner.fill("#f-since", "20260101")
    await owner.keyboard.press("Control+Enter")
    await owner.wait_for_url("**/admin/contracts/*-*")
    await authorise(owner, "1")


async def authorise(owner: Page, level: str) -> None:
    """Let the new service point work under the contract in view."""
    await owner.select_option(f"#level-{BRANCH}", level)
    async with owner.expect_navigation():
        await owner.locator("tr", has_text=BRANCH).get_by_role("button").click()
    await expect(owner.locator(f"#level-{BRANCH}")).to_have_value(level)


async def invite_clerk(owner: Page, url: str) -> str:
    """Invite a clerk of the new service point; return the link that is shown once."""
    await owner.goto(f"{url}/admin/staff")
    await owner.click("a[data-primary]")
    await owner.fill("#f-code", "Q901")
    await owner.fill("#f-name", "林小满")
    await owner.fill("#f-email", "lin@qinghe.example")
    await owner.check("[name=roles][value=FRONT_DESK]")
    await owner.check("[name=scope][value=some]")
    await owner.locator("label.option", has_text=BRANCH).click()
    await owner.keyboard.press("Control+Enter")
    return await owner.locator("#f-link").input_value()


async def join(live: Live, link: str) -> Page:
    """Open the link in a browser of one's own, choose a password, and sign in with it."""
    context = await live.browser.new_context(viewport={"width": 1366, "height": 768})
    live.contexts.append(context)
    page = await context.new_page()
    await page.goto(link)
    await page.select_option("#f-language", "zh-Hans")
    await page.fill("#f-password", PASSWORD)
    await page.click("button[data-primary]")
    await page.wait_for_url("**/sign-in")
    await page.fill("#f-email", "lin@qinghe.example")
    await page.fill("#f-password", PASSWORD)
    await page.click("button[data-primary]")
    await page.wait_for_url(f"**/b/{BRANCH}/intake")
    return page


async def test_an_owner_sets_a_service_point_up_and_its_clerk_takes_a_device_in(live: Live) -> None:
    owner = await live.person("owner")
    await open_branch(owner, live.url)
    await sign_contract(owner, live.url)
    await owner.goto(f"{live.url}/admin")
    await expect(owner.locator("#steps")).to_contain_text("没有生效的保修政策")
    await owner.click(f"#contracts a:has-text('{CONTRACT}')")
    await authorise(owner, "2")
    clerk = await join(live, await invite_clerk(owner, live.url))
    number = await receive(clerk, IN_WARRANTY)
    await owner.goto(f"{live.url}/b/{BRANCH}/board")
    await expect(owner.locator(f'a[href="/orders/{number}"]')).to_be_visible()


async def test_a_clerk_who_is_let_go_is_out_at_the_next_click(live: Live) -> None:
    owner = await live.person("owner")
    clerk = await live.person("desk.hz02")
    await owner.goto(f"{live.url}/admin/staff")
    await owner.locator("tr", has_text="desk.hz02@").get_by_role("link").click()
    await owner.click("form[action$='/deactivation'] button")
    await expect(owner.locator("form[action$='/activation'] button")).to_be_visible()
    await clerk.reload()
    await expect(clerk.locator("#sign_in")).to_be_visible()
    await owner.click("form[action$='/activation'] button")
    await expect(owner.locator("form[action$='/deactivation'] button")).to_be_visible()
    again = await live.person("desk.hz02")
    assert "/sign-in" not in again.url
