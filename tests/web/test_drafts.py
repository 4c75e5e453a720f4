"""Drafts of intakes: saved as typed, offered to everybody at the counter, gone with the order."""

import re
from html import unescape

from serviceco.core.ids import new_id
from tests.repairs.shop import IMEI
from tests.web.floor import Floor
from tests.web.test_intake import values_of


async def draft_of(floor: Floor, **values: str) -> str:
    draft = str(new_id())
    form = floor.form(draft=draft, **values)
    saved = await floor.send("clerk", f"{floor.intake}/drafts?auto=1", form)
    assert (saved.status_code, saved.text[:5]) == (200, "草稿已保存")
    return draft


async def test_a_draft_is_offered_at_the_counter_and_resumed_whole(floor: Floor) -> None:
    draft = await draft_of(floor, words="屏幕黑了", condition_codes="scratched")
    page = unescape((await floor.read("manager", floor.intake)).text)
    assert f"陈晓明 · {IMEI} · 138****5678" in page
    again = (await floor.read("manager", f"{floor.intake}?draft={draft}")).text
    kept = values_of(again)
    assert (kept["serial"], kept["phone"], kept["name"], kept["draft"]) == (
        IMEI,
        "138 1234 5678",
        "陈晓明",
        draft,
    )
    assert ">屏幕黑了</textarea>" in again
    assert re.search(r'value="scratched" checked', again)
    assert re.search(r'<option value="3" selected', again)


async def test_saving_again_replaces_and_taking_the_device_in_ends_the_draft(floor: Floor) -> None:
    draft = await draft_of(floor, name="陈")
    form = floor.form(draft=draft, name="陈晓明")
    await floor.send("clerk", f"{floor.intake}/drafts?auto=1", form)
    page = (await floor.read("clerk", floor.intake)).text
    assert page.count(f"?draft={draft}") == 1
    assert (await floor.send("clerk", floor.intake, form)).status_code == 303
    assert draft not in (await floor.read("clerk", floor.intake)).text
    assert (await floor.read("clerk", f"{floor.intake}?draft={draft}")).status_code == 404


async def test_the_button_sets_aside_without_scripts_and_a_draft_is_discarded(floor: Floor) -> None:
    draft = str(new_id())
    saved = await floor.send(
        "clerk", f"{floor.intake}/drafts", {"phone": "13812345678", "draft": draft}
    )
    assert saved.headers["location"] == f"{floor.intake}?draft={draft}"
    for _ in range(2):
        gone = await floor.send("clerk", f"{floor.intake}/drafts/{draft}/removal", {})
        assert gone.headers["location"] == floor.intake
    assert draft not in (await floor.read("clerk", floor.intake)).text


async def test_a_draft_is_for_who_takes_devices_in(floor: Floor) -> None:
    draft = await draft_of(floor)
    answer = await floor.send("technician", f"{floor.intake}/drafts", {"draft": draft})
    assert answer.status_code == 403
    unknown = await floor.read("clerk", f"{floor.intake}?draft={new_id()}")
    assert unknown.status_code == 404


async def test_a_second_imei_of_the_same_type_right_after_the_first_is_of_the_same_phone(
    floor: Floor,
) -> None:
    second = "356938035643817"
    first = await floor.send("clerk", f"{floor.intake}/preview", {"code": IMEI}, region="device")
    typed = values_of(first.text)
    both = await floor.send(
        "clerk", f"{floor.intake}/preview", typed | {"code": second}, region="device"
    )
    kept = values_of(both.text)
    assert (kept["serial"], kept["second_serial"]) == (IMEI, second)
    later = typed | {"code": second, "scanned_at": "1700000000"}
    other = await floor.send("clerk", f"{floor.intake}/preview", later, region="device")
    assert values_of(other.text)["serial"] == second


async def test_the_second_imei_is_checked_and_kept(floor: Floor) -> None:
    wrong = await floor.send("clerk", floor.intake, floor.form(second_serial="356938035643818"))
    assert wrong.status_code == 422
    assert 'id="e-second_serial"' in wrong.text
    number = await floor.receive(second_serial="356938035643817")
    page = (await floor.read("clerk", f"/orders/{number}")).text
    assert f"{IMEI} / 356938035643817" in page
