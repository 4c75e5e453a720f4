"""The whole job over plain forms: what each person sees, does, and is told when it cannot be."""

import re
from html import unescape
from typing import Any

from tests.repairs.pictures import picture
from tests.web.floor import Floor, faults_in

PASSED = {"outcome.power": "PASS", "outcome.screen": "PASS", "reading.current": "12.5"}
WORK = {
    "fault_note": "显示排线脱落",
    "remedy_note": "更换显示屏",
    "outcome": "REPAIRED",
    "labour_minutes": "35",
}
OUT_OF_WARRANTY = {"dated_on": "20240105"}


async def step(floor: Floor, who: str, number: str, place: str, values: Any = None) -> None:
    answer = await floor.send(who, f"/orders/{number}/{place}", values)
    assert answer.status_code == 303, (place, faults_in(answer.text), answer.status_code)


async def page(floor: Floor, who: str, number: str, place: str = "") -> str:
    answer = await floor.read(who, f"/orders/{number}{place}")
    assert answer.status_code == 200
    return unescape(answer.text)


async def inspected(floor: Floor, **values: Any) -> str:
    number = await floor.receive(**values)
    await step(floor, "technician", number, "inspection")
    await step(floor, "technician", number, "conclusion", PASSED)
    return number


async def repaired(floor: Floor, **values: Any) -> str:
    number = await inspected(floor, **values)
    await step(floor, "technician", number, "lines", {"offer": "PART:D-1"})
    await step(floor, "technician", number, "lines", {"offer": "LABOUR:2"})
    if values:
        await step(floor, "clerk", number, "quote", {"valid_days": "7"})
        await step(floor, "clerk", number, "approval", {"approved": "yes", "channel": "PHONE"})
    await step(floor, "technician", number, "repair")
    await step(floor, "technician", number, "work", WORK)
    await step(floor, "inspector", number, "quality", {"passed": "yes"})
    return number


async def test_a_device_in_warranty_goes_from_the_counter_to_its_customer(floor: Floor) -> None:
    number = await repaired(floor)
    pickup = await page(floor, "clerk", number, "/handover")
    assert "无需付款" in pickup
    confirm = await floor.send(
        "clerk", f"/orders/{number}/handover", {"accessories": "charger", "collector": "陈父"}
    )
    assert (confirm.status_code, "交付机器（已收 ¥0.00）" in confirm.text) == (200, True)
    await step(floor, "clerk", number, "handover", {"accessories": "charger", "confirmed": "yes"})
    closed = await page(floor, "clerk", number)
    assert "机器已交付客户" in closed
    assert "显示排线脱落" in closed
    receipt = await floor.read("clerk", f"/print/receipt/{number}")
    assert "免费" in receipt.text


async def test_a_paid_repair_is_quoted_approved_paid_and_handed_over(floor: Floor) -> None:
    number = await repaired(floor, **OUT_OF_WARRANTY)
    pickup = await page(floor, "clerk", number, "/handover")
    assert '<strong class="amount-due">¥570.00</strong>' in pickup
    for confirmed in ({}, {"confirmed": "yes"}):
        early = await floor.send(
            "clerk", f"/orders/{number}/handover", {"accessories": "charger", **confirmed}
        )
        assert (early.status_code, "客户尚未付清应付部分" in early.text) == (422, True)
    await step(floor, "clerk", number, "payments", {"method": "WECHAT", "amount": "570"})
    assert "客户已付清" in await page(floor, "clerk", number, "/handover")
    await step(floor, "clerk", number, "handover", {"accessories": "charger", "confirmed": "yes"})
    assert "¥570.00" in (await floor.read("clerk", f"/print/receipt/{number}")).text
    closed = await page(floor, "clerk", number)
    assert "payment.taken" not in closed
    assert 'id="more"' not in closed


async def test_every_line_says_who_pays_and_why(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "lines", {"offer": "PART:B-1"})
    lines = await page(floor, "technician", number)
    assert re.search(r"为什么：[^<]+</summary>\s*<ul class=\"why\">", lines)
    assert "政策包" in lines


async def test_a_line_can_be_taken_off_again(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "lines", {"offer": "PART:B-1"})
    quote = await page(floor, "technician", number, "/quote")
    removal = re.findall(rf"/orders/{number}/(lines/[0-9a-f-]+/removal)", quote)
    await step(floor, "technician", number, removal[0])
    assert "还没有维修项目" in await page(floor, "technician", number, "/quote")


async def test_a_second_quote_says_before_and_after_that_it_replaces_the_first(
    floor: Floor,
) -> None:
    number = await inspected(floor, **OUT_OF_WARRANTY)
    await step(floor, "technician", number, "lines", {"offer": "LABOUR:2"})
    first = await page(floor, "clerk", number, "/quote")
    assert "将取代" not in first
    await step(floor, "clerk", number, "quote", {"valid_days": "7"})
    await step(floor, "technician", number, "lines", {"offer": "PART:D-1"})
    assert re.search(r"将取代第 1 版报价（¥[\d.]+）", await page(floor, "clerk", number, "/quote"))
    await step(floor, "clerk", number, "quote", {"valid_days": "7"})
    after = await page(floor, "clerk", number, "/quote")
    assert "第 2 版报价已发送，取代之前的报价" in after
    assert re.search(r"第 1 版 · [^<]*已被新报价取代", after)


async def test_each_person_sees_their_own_next_step(floor: Floor) -> None:
    number = await floor.receive()
    assert "等待工程师检测" in await page(floor, "clerk", number)
    assert f'action="/orders/{number}/inspection"' in await page(floor, "technician", number)


async def test_the_technician_sees_the_customer_masked(floor: Floor) -> None:
    number = await floor.receive()
    assert "陈*明" in await page(floor, "clerk", number)
    seen = await page(floor, "technician", number)
    assert "陈*明 · 138****5678" in seen
    assert "陈晓明" not in seen
    assert "1234" not in seen


async def test_a_repair_without_its_record_is_asked_for_it_beside_the_fields(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "repair")
    answer = await floor.send("technician", f"/orders/{number}/work", WORK | {"fault_note": ""})
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"fault_note"}
    assert "更换显示屏" in answer.text


async def test_the_technician_does_not_check_their_own_repair(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "manager", number, "repair")
    await step(floor, "manager", number, "work", WORK)
    answer = await floor.send("manager", f"/orders/{number}/quality", {"passed": "yes"})
    assert (answer.status_code, "以外" in answer.text) == (422, True)


async def test_a_failed_check_needs_its_reason(floor: Floor) -> None:
    number = await inspected(floor)
    await step(floor, "technician", number, "repair")
    await step(floor, "technician", number, "work", WORK)
    silent = await floor.send("inspector", f"/orders/{number}/quality", {"passed": "no"})
    assert set(faults_in(silent.text)) == {"quality_note"}
    values = {"passed": "no", "quality_note": "屏幕有亮点"}
    await step(floor, "inspector", number, "quality", values)
    assert "质检未通过" in await page(floor, "technician", number)


async def test_a_missing_accessory_needs_a_note(floor: Floor) -> None:
    number = await repaired(floor)
    silent = await floor.send("clerk", f"/orders/{number}/handover", {})
    assert set(faults_in(silent.text)) == {"accessories"}
    said = await floor.send("clerk", f"/orders/{number}/handover", {"note": "充电器遗失"})
    assert "确认" in said.text
    assert said.status_code == 200


async def test_a_proof_can_be_added_later_and_changes_the_decision(floor: Floor) -> None:
    number = await floor.receive(dated_on="")
    assert 'class="coverage paid large"' in await page(floor, "clerk", number)
    wrong = await floor.send("clerk", f"/orders/{number}/proofs", {"dated_on": "gestern"})
    assert set(faults_in(wrong.text)) == {"dated_on"}
    await step(floor, "clerk", number, "proofs", {"dated_on": "2026-3-2", "proof": "INVOICE"})
    assert 'class="coverage in_warranty large"' in await page(floor, "clerk", number)


async def test_an_order_ends_without_a_repair_for_a_reason(floor: Floor) -> None:
    number = await floor.receive()
    silent = await floor.send("clerk", f"/orders/{number}/ending", {"ending": "CANCEL"})
    assert set(faults_in(silent.text)) == {"reason"}
    await step(floor, "clerk", number, "ending", {"ending": "CANCEL", "reason": "误开"})
    assert "工单已取消" in await page(floor, "clerk", number)


async def test_an_order_is_given_to_somebody(floor: Floor) -> None:
    number = await floor.receive()
    people = dict(
        reversed(pair)
        for pair in re.findall(
            r'<option value="([0-9a-f-]{36})">(\w+)</option>', await page(floor, "clerk", number)
        )
    )
    await step(floor, "clerk", number, "owner", {"staff_id": people["technician"]})
    assert re.search(r"负责人</dt><dd>technician", await page(floor, "clerk", number))


async def test_a_number_may_be_written_as_staff_read_it(floor: Floor) -> None:
    number = await floor.receive()
    spaced = f"{number[:6]} {number[6:11]} {number[11]}"
    assert number in await page(floor, "clerk", spaced)


async def test_an_unknown_order_is_404(floor: Floor) -> None:
    for place in ("", "/inspection", "/quote", "/handover"):
        answer = await floor.read("clerk", f"/orders/261122999999{place}")
        assert answer.status_code == 404


async def test_the_log_takes_repetitions_together(floor: Floor) -> None:
    number = await floor.receive()
    await step(floor, "technician", number, "inspection")
    shots = {f"photo.{slot}": ("a.jpg", picture(), "image/jpeg") for slot in ("front", "back")}
    await floor.send("technician", f"/orders/{number}/answers", {}, files=shots)
    assert "上传照片 × 2" in await page(floor, "technician", number)


async def test_what_no_list_offers_is_refused_and_no_fault(floor: Floor) -> None:
    number = await inspected(floor)
    tampered = {
        "technician": ("lines", {"offer": "NOTHING:1"}),
        "clerk": ("payments", {"amount": "1", "method": "SHELLS"}),
        "manager": ("owner", {"staff_id": "nobody"}),
    }
    for who, (place, values) in tampered.items():
        answer = await floor.send(who, f"/orders/{number}/{place}", values)
        assert answer.status_code in {403, 422}, place


async def test_without_a_price_list_staff_name_line_and_price(floor: Floor) -> None:
    number = await floor.receive(brand="-", brand_printed="Orion", serial="", model="")
    await step(floor, "technician", number, "inspection")
    own = {"offer": "PART:", "line_name": "通用电池", "line_price": "120", "quantity": "1"}
    await step(floor, "technician", number, "lines", own)
    assert "通用电池" in await page(floor, "technician", number, "/quote")
