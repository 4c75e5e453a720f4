"""The board while others work: what they change appears by itself, and nothing jumps."""

from playwright.async_api import expect

from tests.browser.live import BRANCH, Live
from tests.browser.test_main_job import IN_WARRANTY, receive


async def test_what_somebody_else_receives_appears_without_a_reload(live: Live) -> None:
    clerk = await live.person("desk.hz01")
    first = await receive(clerk, IN_WARRANTY)
    manager = await live.person("manager.hz01")
    async with manager.expect_request("**/board/changes"):
        await manager.goto(f"{live.url}/b/{BRANCH}/board")
    await manager.evaluate("window.mark = 'still the same page'")
    await manager.focus(f'#results a[href="/orders/{first}"]')

    await clerk.goto(f"{live.url}/b/{BRANCH}/intake")
    second = await receive(clerk, IN_WARRANTY)

    row = manager.locator(f'#results a[href="/orders/{second}"]')
    await expect(row).to_be_visible()
    assert await manager.evaluate("window.mark") == "still the same page"
    # Who was walking the rows stands where they stood.
    await expect(manager.locator(f'#results a[href="/orders/{first}"]')).to_be_focused()


async def test_without_scripts_the_board_is_what_it_was(live: Live) -> None:
    manager = await live.person("manager.hz01", scripts=False)
    await manager.goto(f"{live.url}/b/{BRANCH}/board")
    await expect(manager.locator("#results")).to_be_visible()
