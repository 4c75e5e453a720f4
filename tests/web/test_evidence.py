"""Evidence for a claim: asked for before the device leaves, and still taken when it has."""

from html import unescape

from tests.repairs.pictures import picture
from tests.web.floor import Floor, faults_in
from tests.web.test_order_pages import page, repaired, step

PHOTO = ("slip.jpg", picture(), "image/jpeg")


async def handed_over(floor: Floor) -> str:
    number = await repaired(floor)
    await step(floor, "clerk", number, "handover", {"accessories": "charger", "confirmed": "yes"})
    return number


async def test_a_signed_slip_is_kept_with_its_order(floor: Floor) -> None:
    number = await floor.receive()
    assert 'name="photo.signed_slip"' in await page(floor, "clerk", number)
    answer = await floor.send(
        "clerk", f"/orders/{number}/evidence", {}, files={"photo.signed_slip": PHOTO}
    )
    assert answer.headers["location"] == f"/orders/{number}#evidence"
    shown = await page(floor, "clerk", number)
    assert "签字受理单" in shown
    assert 'name="photo.signed_slip"' not in shown


async def test_evidence_may_come_when_the_device_has_left_and_other_pictures_may_not(
    floor: Floor,
) -> None:
    number = await handed_over(floor)
    late = await floor.send(
        "clerk", f"/orders/{number}/evidence", {}, files={"photo.serial": PHOTO}
    )
    assert late.status_code == 303
    other = await floor.send(
        "clerk", f"/orders/{number}/evidence", {}, files={"photo.front": PHOTO}
    )
    assert other.status_code == 422


async def test_what_the_brand_wants_is_said_before_the_device_leaves(floor: Floor) -> None:
    number = await repaired(floor)
    pickup = await page(floor, "clerk", number, "/handover")
    assert "机器交付后就难以补拍了" in pickup
    assert "补拍客户签字的受理单" in pickup
    assert "厂家申报还缺 1 项佐证" in await page(floor, "clerk", number)
    await floor.send("clerk", f"/orders/{number}/evidence", {}, files={"photo.signed_slip": PHOTO})
    assert "机器交付后" not in await page(floor, "clerk", number, "/handover")
    assert "厂家要求的佐证已齐全" in await page(floor, "clerk", number)


async def test_sending_no_picture_is_said_and_a_cancelled_order_takes_none(floor: Floor) -> None:
    number = await floor.receive()
    empty = await floor.send("clerk", f"/orders/{number}/evidence", {})
    assert faults_in(unescape(empty.text))["photo.signed_slip"] == "请先选择照片"
    await step(floor, "clerk", number, "ending", {"ending": "CANCEL", "reason": "误开"})
    refused = await floor.send(
        "clerk", f"/orders/{number}/evidence", {}, files={"photo.signed_slip": PHOTO}
    )
    assert refused.status_code == 422
