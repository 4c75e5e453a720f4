"""Taking back what was just done, as plain forms do it."""

import re
from html import unescape

from tests.web.floor import Floor
from tests.web.test_order_pages import page, step


def version_in(shown: str) -> str:
    """The version that the form of the undo goes with."""
    found = re.search(r'/undo"[^>]*>.*?name="_ver" value="([^"]+)"', shown, re.DOTALL)
    assert found
    return found[1]


async def test_a_started_inspection_is_offered_back_and_goes_back(floor: Floor) -> None:
    number = await floor.receive()
    await step(floor, "technician", number, "inspection")
    # The greeting of a form stands on the next page with the way back.
    greeted = unescape((await floor.read("technician", f"/orders/{number}/inspection")).text)
    toast = greeted.partition('id="toasts"')[2].partition("</div>\n")[0]
    assert "已开始检测" in toast
    assert f"/orders/{number}/undo" in toast

    for_others = await page(floor, "manager", number)
    assert f"/orders/{number}/undo" not in for_others

    own = await page(floor, "technician", number)
    await step(floor, "technician", number, "undo", {"_ver": version_in(own)})
    shown = await page(floor, "technician", number)
    assert "待检测" in shown.partition('aria-current="step"')[2][:80]
    log = shown.partition('id="log"')[2]
    assert "开始检测" in log
    assert "撤销上一步" in log
    assert f"/orders/{number}/undo" not in shown


async def test_what_somebody_else_went_on_with_is_not_taken_back(floor: Floor) -> None:
    number = await floor.receive()
    await step(floor, "technician", number, "inspection")
    seen = version_in(await page(floor, "technician", number))
    staff = re.findall(r'<option value="([0-9a-f-]{36})"', await page(floor, "manager", number))
    await step(floor, "manager", number, "owner", {"staff_id": staff[0]})
    late = await floor.send("technician", f"/orders/{number}/undo", {"_ver": seen})
    assert late.status_code == 409
    blunt = await floor.send("technician", f"/orders/{number}/undo")
    assert (blunt.status_code, "没有可以撤销的操作" in blunt.text) == (422, True)
    assert (
        "检测中" in (await page(floor, "manager", number)).partition('aria-current="step"')[2][:80]
    )
