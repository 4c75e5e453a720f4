"""Taking back what was just done: from the greeting, by its key, as long as it stands there."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PageAt
from tests.browser.served_house import served_here
from tests.browser.test_gallery import grave_faults
from tests.browser.test_main_job import primary
from tests.web.floor import Floor


@pytest.fixture
async def site_url(floor: Floor) -> AsyncIterator[str]:
    async with served_here(floor.office) as url:
        yield url


async def test_a_step_goes_back_by_one_key_and_an_assignment_by_its_button(
    page_at: PageAt, floor: Floor
) -> None:
    number = await floor.receive()
    technician = await page_at(f"/orders/{number}", serviceco="technician")
    await primary(technician, "**/inspection")
    await expect(technician.locator("[data-toast]")).to_contain_text("撤销")
    assert await grave_faults(technician) == []
    await technician.keyboard.press("z")
    await technician.wait_for_url(f"**/orders/{number}")
    status = technician.locator(".stepper [aria-current]")
    await expect(status).to_have_text("待检测")
    await expect(technician.locator("#log")).to_contain_text("撤销上一步")
    await expect(technician.locator("#log")).to_contain_text("开始检测")
    await expect(technician.locator("form[action$='/undo']")).to_have_count(0)

    manager = await page_at(f"/orders/{number}", serviceco="manager", width=390)
    owner = manager.locator("#overview dd", has_text="clerk")
    await expect(owner).to_have_count(1)
    await manager.click("#more summary")
    await manager.select_option("#f-staff_id", label="technician")
    await manager.click("form[action$='/owner'] button")
    undo = manager.locator("[data-toast] form button")
    await expect(undo).to_be_visible()
    await expect(owner).to_have_count(0)
    box = await manager.locator("[data-toast]").bounding_box()
    assert box
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
    await undo.click()
    await expect(owner).to_have_count(1)
