"""The checklist: answers saved one by one, photos in their slots, the decision beside it."""

import re

from serviceco.api.files import PhotoDoor
from serviceco.core.turns import Turns
from serviceco.storage.files import Files
from tests.policy.factories import TEXT
from tests.repairs.pictures import picture
from tests.web.floor import Floor, faults_in
from tests.web.test_order_pages import PASSED, page, step


async def begun(floor: Floor) -> str:
    number = await floor.receive()
    await step(floor, "technician", number, "inspection")
    return number


async def test_an_answer_gets_the_decision_alone(floor: Floor) -> None:
    number = await begun(floor)
    answer = await floor.send(
        "technician", f"/orders/{number}/answers", {"outcome.power": "PASS"}, region="decision"
    )
    assert "<html" not in answer.text
    assert "已检测 1 项，0 项异常" in answer.text


async def test_all_pass_leaves_what_is_measured_and_what_a_photo_must_show(floor: Floor) -> None:
    number = await begun(floor)
    answer = await floor.send("technician", f"/orders/{number}/answers", {"all": "yes"})
    assert answer.status_code == 303
    assert "已检测 2 项，0 项异常" in await page(floor, "technician", number, "/inspection")


async def test_a_failure_waits_for_its_finding_where_there_are_several(floor: Floor) -> None:
    number = await begun(floor)
    path = f"/orders/{number}/answers"
    half = await floor.send("technician", path, {"outcome.screen": "FAIL"}, region="decision")
    assert "已检测 0 项" in half.text
    whole = {"outcome.screen": "FAIL", "finding.screen": "dead_pixels"}
    assert "1 项异常" in (await floor.send("technician", path, whole, region="decision")).text


async def test_a_reading_out_of_limits_is_a_failure(floor: Floor) -> None:
    number = await begun(floor)
    answer = await floor.send(
        "technician", f"/orders/{number}/answers", {"reading.current": "200"}, region="decision"
    )
    assert "1 项异常" in answer.text
    assert "200 mA" in answer.text


async def test_a_reading_that_is_no_number_is_said(floor: Floor) -> None:
    number = await begun(floor)
    answer = await floor.send(
        "technician", f"/orders/{number}/answers", {"reading.current": "much"}
    )
    assert answer.status_code == 422


async def test_an_answer_that_stands_already_is_not_recorded_again(floor: Floor) -> None:
    number = await begun(floor)
    for _ in range(2):
        await floor.send("technician", f"/orders/{number}/answers", PASSED)
    log = await page(floor, "technician", number)
    assert log.count("记录检测结果") == 1
    assert "记录检测结果 ×" not in log


async def test_a_photo_lies_in_its_slot_and_can_be_looked_at(floor: Floor) -> None:
    number = await begun(floor)
    shot = {"photo.serial_photo": ("a.jpg", picture(), "image/jpeg")}
    await floor.send("technician", f"/orders/{number}/answers", {}, files=shot)
    found = re.findall(r'src="(/photos/[0-9a-f-]+)"', await page(floor, "technician", number))
    answer = await floor.read("technician", found[0])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"].startswith("private")
    assert (await floor.read("technician", "/photos/" + "0" * 8 + found[0][16:])).status_code == 404


async def test_what_is_no_picture_is_said_beside_its_slot(floor: Floor) -> None:
    number = await begun(floor)
    file = {"photo.serial_photo": ("a.jpg", b"no picture", "image/jpeg")}
    answer = await floor.send("technician", f"/orders/{number}/answers", {}, files=file)
    assert answer.status_code == 422
    assert "photo.serial_photo" in faults_in(answer.text)


async def test_an_unfinished_inspection_names_every_open_step(floor: Floor) -> None:
    number = await begun(floor)
    answer = await floor.send(
        "technician", f"/orders/{number}/conclusion", {"outcome.power": "PASS"}
    )
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"outcome.screen", "outcome.current"}
    assert f"“{TEXT.zh_hans}”还没有结果" in answer.text


async def test_the_checklist_of_a_concluded_inspection_is_for_reading(floor: Floor) -> None:
    number = await begun(floor)
    await step(floor, "technician", number, "conclusion", PASSED)
    shown = await page(floor, "clerk", number, "/inspection")
    assert "disabled" in shown
    assert "提交检测结论" not in shown


async def test_a_slot_in_which_the_next_photo_waits_is_left_alone(floor: Floor) -> None:
    number = await begun(floor)
    path = f"/orders/{number}/answers"
    shot = {"photo.serial_photo": ("a.jpg", picture(), "image/jpeg")}
    sent = await floor.send("technician", path, {}, files=shot, region="decision")
    assert 'id="slot-serial_photo" hx-swap-oob' in sent.text
    answered = await floor.send("technician", path, {"outcome.power": "PASS"}, region="decision")
    assert re.findall(r'id="([\w-]+)" hx-swap-oob', answered.text) == ["coverage-now"]


async def test_a_picture_too_many_at_once_is_said_beside_its_slot(floor: Floor) -> None:
    number = await begun(floor)
    office = floor.office
    busy = Turns(at_once=1, waiting=0, patience_seconds=1)
    office.photos = PhotoDoor(office.engine, Files(office.folder), turns=busy)
    shot = {"photo.serial_photo": ("a.jpg", picture(), "image/jpeg")}
    async with busy.turn():
        answer = await floor.send("technician", f"/orders/{number}/answers", {}, files=shot)
    assert "服务器正在处理其他照片" in faults_in(answer.text)["photo.serial_photo"]
    again = await floor.send("technician", f"/orders/{number}/answers", {}, files=shot)
    assert again.status_code == 303
