"""Two people at one order: the second is told who did what, and loses nothing."""

import re

from tests.web.floor import Floor
from tests.web.test_order_pages import OUT_OF_WARRANTY, PASSED, WORK, inspected, page, step


def stamp_in(text: str) -> str:
    """What the forms of a page carry as `_ver`."""
    (found,) = set(re.findall(r'name="_ver"[^>]* value="([\d.]+)"', text))
    return str(found)


async def test_a_form_that_comes_second_is_told_who_did_what_and_keeps_its_words(
    floor: Floor,
) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "repair")
    seen = stamp_in(await page(floor, "manager", number))
    await step(floor, "technician", number, "work", WORK)
    late = WORK | {"fault_note": "电池鼓包", "_ver": seen}
    answer = await floor.send("manager", f"/orders/{number}/work", late)
    assert answer.status_code == 409
    assert "在你打开之后，technician改动了这张工单。" in answer.text
    assert re.search(r"<li>维修完成 · technician · 刚刚</li>", answer.text)
    assert "电池鼓包" in answer.text
    assert "显示排线脱落" in await page(floor, "manager", number)


async def test_the_same_form_sent_again_goes_on_with_ones_own(floor: Floor) -> None:
    number = await floor.receive()
    seen = stamp_in(await page(floor, "clerk", number))
    await step(floor, "technician", number, "inspection")
    ending = {"ending": "CANCEL", "reason": "误开", "_ver": seen}
    first = await floor.send("clerk", f"/orders/{number}/ending", ending)
    assert (first.status_code, 'name="reason"' in first.text) == (409, True)
    assert ">误开</textarea>" in first.text
    again = await floor.send(
        "clerk", f"/orders/{number}/ending", ending | {"_ver": stamp_in(first.text)}
    )
    assert again.status_code == 303


async def test_every_form_of_an_order_is_held_to_what_its_sender_saw(floor: Floor) -> None:
    number = await inspected(floor, **OUT_OF_WARRANTY)
    await step(floor, "technician", number, "lines", {"offer": "LABOUR:2"})
    forms = {
        "lines": ("technician", {"offer": "PART:D-1"}),
        "quote": ("clerk", {"valid_days": "7"}),
        "proofs": ("clerk", {"dated_on": "20260302"}),
        "ending": ("clerk", {"ending": "DECLINE", "reason": "太贵"}),
        "payments": ("clerk", {"method": "CASH", "amount": "1"}),
        "repair": ("technician", {}),
    }
    for place, (who, values) in forms.items():
        answer = await floor.send(who, f"/orders/{number}/{place}", values | {"_ver": "1.1"})
        assert (place, answer.status_code) == (place, 409)
    assert "D-1" not in await page(floor, "technician", number)


async def test_the_hand_over_is_of_the_order_that_was_confirmed(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "repair")
    await step(floor, "technician", number, "work", WORK)
    await step(floor, "inspector", number, "quality", {"passed": "yes"})
    seen = stamp_in(await page(floor, "clerk", number, "/handover"))
    confirm = await floor.send(
        "clerk", f"/orders/{number}/handover", {"accessories": "charger", "_ver": seen}
    )
    assert stamp_in(confirm.text) == seen


async def test_a_page_that_saves_as_it_goes_clashes_with_others_alone(floor: Floor) -> None:
    number = await floor.receive()
    await step(floor, "technician", number, "inspection")
    seen = stamp_in(await page(floor, "technician", number, "/inspection"))
    own = await floor.send(
        "technician", f"/orders/{number}/answers", {"outcome.power": "PASS"}, region="decision"
    )
    assert re.search(r'name="_ver" id="ver" value="[\d.]+" hx-swap-oob="true"', own.text)
    await step(floor, "clerk", number, "proofs", {"dated_on": "20260401"})
    late = PASSED | {"_ver": seen}
    answer = await floor.send("technician", f"/orders/{number}/conclusion", late)
    assert (answer.status_code, "补充购机凭证 · clerk" in answer.text) == (409, True)
    assert re.search(r'name="outcome.screen" value="PASS"[^>]* checked', answer.text)
    again = PASSED | {"_ver": stamp_in(answer.text)}
    assert (await floor.send("technician", f"/orders/{number}/conclusion", again)).is_redirect
