"""The scanner's rules: a burst belongs to the scan box wherever the cursor is."""

import time
from collections.abc import Mapping

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PageAt

IMEI = "356938035643809"


async def scan(
    page: Page,
    code: str,
    *,
    end: str = "Enter",
    composing: bool = False,
    pauses: Mapping[int, float] | None = None,
) -> None:
    """Press keys like a scanner: 5 ms apart by the events' own clock, however busy this machine is.

    `pauses` says after how many keys it stops for how many seconds. `composing` sends what a Chinese input method lets through: key "Process", code 229.
    """
    session = await page.context.new_cdp_session(page)
    now = time.time()
    held = pauses or {}
    for place, sign in enumerate(code):
        now += held.get(place, 0)
        place_of_key = f"Digit{sign}" if sign.isdigit() else f"Key{sign.upper()}"
        key = {"key": "Process", "windowsVirtualKeyCode": 229} if composing else {"key": sign}
        text = {} if composing else {"text": sign}
        event = {"code": place_of_key, "timestamp": now + place * 0.005, **key}
        await session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event, **text})
        await session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    event = {
        "key": end,
        "code": end,
        "text": "\r" if end == "Enter" else "",
        "windowsVirtualKeyCode": 13 if end == "Enter" else 9,
        "timestamp": now + len(code) * 0.005 + held.get(len(code), 0),
    }
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})


async def test_a_scan_inside_a_field_leaves_the_field_and_sends_no_form(
    page_at: PageAt,
) -> None:
    page = await page_at("/_gallery", signed_in=True)
    posts: list[str] = []
    page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    await page.evaluate("""document.addEventListener("scan", (event) => {
        window.seen = [event.detail.code, document.getElementById("f-phone").value];
        event.target.form.addEventListener("submit", (sent) => sent.preventDefault());
    })""")
    await page.locator("#f-phone").focus()
    await scan(page, IMEI)
    assert await page.evaluate("window.seen") == [IMEI, "138"]
    assert await page.locator("#scan").input_value() == IMEI
    assert await page.evaluate("document.activeElement.id") == "scan"
    assert posts == []


async def test_a_scan_opens_what_it_stands_for(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.locator("#f-note").focus()
    await scan(page, "261122000344", end="Tab")
    await page.wait_for_url("**/orders/261122000344")


async def test_a_scan_works_while_chinese_is_being_composed(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate(
        """document.addEventListener("submit", (event) => event.preventDefault(), true)"""
    )
    await page.locator("#f-note").focus()
    session = await page.context.new_cdp_session(page)
    await session.send(
        "Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2}
    )
    await scan(page, IMEI, composing=True)
    assert await page.locator("#scan").input_value() == IMEI
    assert IMEI not in await page.locator("#f-note").input_value()


async def test_a_person_who_types_keeps_the_enter_key(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.locator("#f-note").focus()
    await page.keyboard.type("screen", delay=60)
    await page.keyboard.press("Enter")
    assert await page.locator("#f-note").input_value() == "screen\n"
    assert await page.locator("#scan").input_value() == ""


async def test_the_same_code_within_two_seconds_counts_once(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate("""window.sent = 0;
        document.addEventListener("submit", (event) => { event.preventDefault(); window.sent += 1; }, true)""")
    await scan(page, IMEI)
    await scan(page, IMEI)
    assert await page.evaluate("window.sent") == 1


async def test_a_field_that_wants_a_scan_gets_it_and_passes_the_focus_on(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.locator("#f-serial").focus()
    await scan(page, "R58M12345A")
    assert await page.locator("#f-serial").input_value() == "R58M12345A"
    assert await page.evaluate("document.activeElement.name") == "symptoms"


async def test_a_scanner_that_pauses_inside_the_box_loses_no_sign(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate(
        """document.addEventListener("submit", (event) => event.preventDefault(), true)"""
    )
    await page.locator("#scan").fill(IMEI[:7])
    await scan(page, IMEI[7:])
    assert await page.locator("#scan").input_value() == IMEI


@pytest.mark.parametrize("pauses", [{7: 0.3}, {3: 0.2, 12: 0.4}, {15: 0.3}])
async def test_a_scanner_that_pauses_inside_a_field_is_one_scan(
    page_at: PageAt, pauses: dict[int, float]
) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate(
        """document.addEventListener("submit", (event) => event.preventDefault(), true)"""
    )
    await page.locator("#f-phone").focus()
    await scan(page, IMEI, pauses=pauses)
    assert await page.locator("#scan").input_value() == IMEI
    assert await page.locator("#f-phone").input_value() == "138"


async def test_what_was_typed_before_a_scan_is_no_part_of_it(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate(
        """document.addEventListener("submit", (event) => event.preventDefault(), true)"""
    )
    await page.locator("#f-note").focus()
    await page.keyboard.type("wet", delay=70)
    await scan(page, IMEI)
    assert await page.locator("#scan").input_value() == IMEI
    assert await page.locator("#f-note").input_value() == "wet"


async def test_a_burst_on_the_page_presses_no_shortcut(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.evaluate("""document.addEventListener("submit", (event) => event.preventDefault(), true);
        document.activeElement.blur()""")
    before = await page.locator("[data-chips] input").evaluate_all(
        "all => all.map((one) => one.checked)"
    )
    await scan(page, "R12345A")
    await expect(page.locator("#scan")).to_have_value("R12345A")
    after = await page.locator("[data-chips] input").evaluate_all(
        "all => all.map((one) => one.checked)"
    )
    assert after == before


@pytest.mark.parametrize(("shortcuts", "focused"), [("on", "scan"), ("off", "")])
async def test_single_keys_can_be_switched_off(
    page_at: PageAt, shortcuts: str, focused: str
) -> None:
    page = await page_at("/_gallery", signed_in=True, shortcuts=shortcuts)
    await page.keyboard.press("/")
    await page.wait_for_timeout(150)
    assert await page.evaluate("document.activeElement.id") == focused


async def test_number_keys_tick_chips_and_the_help_lists_the_keys(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    third = page.locator("[data-chips] input").nth(2)
    assert not await third.is_checked()
    await page.keyboard.press("3")
    await expect(third).to_be_checked()
    await page.keyboard.press("?")
    await page.locator("#help[open]").wait_for()


async def test_rows_are_walked_by_keys(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    for key in "jjk":
        await page.keyboard.press(key)
        await page.wait_for_timeout(100)
    assert await page.locator("[data-row]").first.get_attribute("class") == "current"
    assert "261122000344" in await page.evaluate("document.activeElement.href")


async def test_a_code_that_was_not_understood_is_ready_to_be_replaced(page_at: PageAt) -> None:
    page = await page_at("/scan?code=261122000345", signed_in=True)
    assert await page.evaluate("document.activeElement.id") == "scan"
    assert await page.evaluate("getSelection().toString()") == "261122000345"


async def test_escape_goes_back_to_the_scan_box(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.locator("#f-note").focus()
    await page.keyboard.press("Escape")
    assert await page.evaluate("document.activeElement.id") == "scan"
