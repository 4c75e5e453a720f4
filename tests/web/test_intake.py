"""The counter's page: what a scan fills in, what the policy says, and every no beside its field."""

import re

from serviceco.web.intake_facts import promise_choices, promised_at
from tests.factories import NOON
from tests.repairs.shop import IMEI
from tests.web.floor import Floor, faults_in


def values_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))


async def test_the_scan_box_has_the_cursor(floor: Floor) -> None:
    page = (await floor.read("clerk", floor.intake)).text
    assert re.search(r'<input[^>]*id="scan"[^>]*autofocus', page)


async def test_a_scanned_imei_fills_in_the_device_and_its_coverage(floor: Floor) -> None:
    page = (await floor.read("clerk", f"{floor.intake}?code={IMEI}")).text
    assert values_of(page)["serial"] == IMEI
    assert f'<option value="{floor.shop.brand.code}" selected>' in page
    assert 'class="coverage paid large"' in page
    assert "无有效购机凭证" in page
    assert '<span class="key" aria-hidden="true">1</span>' in page


async def test_the_code_of_an_order_opens_it(floor: Floor) -> None:
    number = await floor.receive()
    answer = await floor.read("clerk", f"{floor.intake}?code={number}")
    assert answer.headers["location"] == f"/orders/{number}"


async def test_a_script_that_scans_an_order_is_led_to_it(floor: Floor) -> None:
    number = await floor.receive()
    answer = await floor.send("clerk", f"{floor.intake}/preview", {"code": number}, region="device")
    assert answer.headers["hx-redirect"] == f"/orders/{number}"


async def test_a_look_up_gets_the_device_with_symptoms_and_coverage_beside_it(floor: Floor) -> None:
    answer = await floor.send("clerk", f"{floor.intake}/preview", {"code": IMEI}, region="device")
    assert "<html" not in answer.text
    assert re.findall(r'<div id="(\w+)" hx-swap-oob', answer.text) == ["symptoms", "coverage"]


async def test_a_proof_typed_in_any_way_changes_the_preview(floor: Floor) -> None:
    for typed in ("20260302", "2026-3-2", "2026/03/02"):
        answer = await floor.send(
            "clerk", f"{floor.intake}/preview", floor.form(dated_on=typed), region="coverage"
        )
        assert 'class="coverage in_warranty large"' in answer.text
        assert "起算：发票 2026-03-02" in answer.text


async def test_a_known_phone_brings_the_name(floor: Floor) -> None:
    await floor.receive(name="陈晓明", phone="13812345678")
    answer = await floor.send(
        "clerk", f"{floor.intake}/preview", {"phone": "138-1234-5678"}, region="caller"
    )
    assert values_of(answer.text)["name"] == "陈晓明"


async def test_a_device_is_taken_in_and_its_papers_print(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form())
    assert answer.status_code == 303
    page = (await floor.read("clerk", answer.headers["location"])).text
    number = answer.headers["location"][8:20]
    assert f'data-print="/print/label/{number} /print/slip/{number}"' in page
    slip = (await floor.read("clerk", f"/print/slip/{number}")).text
    assert "您的机器在保修期内，性能故障免费维修。" in slip
    assert "充电器" in slip


async def test_a_form_sent_twice_makes_one_order(floor: Floor) -> None:
    form = floor.form() | {"_idem": "the-same"}
    answers = [await floor.send("clerk", floor.intake, form) for _ in range(2)]
    assert answers[0].headers["location"] == answers[1].headers["location"]


async def test_a_wrong_digit_is_said_beside_the_number_and_nothing_is_lost(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form(serial="356938035643808"))
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"serial"}
    kept = values_of(answer.text)
    assert (kept["serial"], kept["phone"], kept["dated_on"]) == (
        "356938035643808",
        "138 1234 5678",
        "20260302",
    )
    assert "昨天摔了一下" in answer.text


async def test_a_purchase_in_the_future_is_said_beside_the_day(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form(dated_on="20990101"))
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"dated_on"}


async def test_a_day_that_is_none_is_said_beside_it(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form(dated_on="20260230"))
    assert "请按 20260302 的样子输入" in faults_in(answer.text)["dated_on"]


async def test_another_brand_needs_its_printed_name(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form(brand="-", model=""))
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"brand_printed"}


async def test_a_brand_without_a_contract_is_said_beside_the_brand(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, floor.form(brand="never-heard-of", model=""))
    assert answer.status_code == 422
    assert set(faults_in(answer.text)) == {"brand"}


async def test_a_device_of_another_brand_is_taken_in_as_a_paid_repair(floor: Floor) -> None:
    number = await floor.receive(brand="-", brand_printed="Nokia", model="", model_printed="3310")
    page = (await floor.read("clerk", f"/orders/{number}")).text
    assert "Nokia 3310" in page
    assert 'class="coverage paid large"' in page


async def test_an_open_order_is_shown_and_only_a_manager_may_take_the_device_in_again(
    floor: Floor,
) -> None:
    number = await floor.receive()
    for who, may in (("clerk", False), ("manager", True)):
        page = (await floor.read(who, f"{floor.intake}?code={IMEI}")).text
        assert f'href="/orders/{number}"' in page
        assert ('name="again"' in page) is may
    again = floor.form(again="yes")
    assert (await floor.send("clerk", floor.intake, again)).status_code == 422
    assert (await floor.send("manager", floor.intake, again)).status_code == 303


async def test_who_does_not_receive_devices_has_no_intake(floor: Floor) -> None:
    assert (await floor.read("technician", floor.intake)).status_code == 403


async def test_another_branch_has_no_counter_here(floor: Floor) -> None:
    assert (await floor.read("clerk", "/b/elsewhere/intake")).status_code == 404


def test_a_promise_is_for_the_end_of_the_counters_day() -> None:
    assert promised_at("3", "Asia/Shanghai", NOON) == "2026-11-25T10:00:00+00:00"
    assert promised_at("", "Asia/Shanghai", NOON) is None


def test_nothing_is_promised_for_today_late_in_the_day() -> None:
    assert [days for days, _ in promise_choices("Asia/Shanghai", NOON)] == ["0", "1", "3", "7"]
    late = NOON.replace(hour=9)
    assert [days for days, _ in promise_choices("Asia/Shanghai", late)] == ["1", "3", "7"]


async def test_a_form_sent_empty_names_every_field_and_leads_to_it(floor: Floor) -> None:
    answer = await floor.send("clerk", floor.intake, {"name": "陈晓明"})
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    named = dict(re.findall(r'<li><a href="#f-(\w+)">([^<]+)</a>', answer.text))
    assert list(named) == ["brand", "category", "phone", "words"]
    assert (named["brand"], named["phone"]) == ("请填写“品牌厂家”", "请填写“手机号”")
    beside = faults_in(answer.text)
    for name, sentence in named.items():
        assert sentence.endswith(beside[name])
        assert re.search(rf'id="f-{name}"[^>]*aria-invalid="true"', answer.text)
    assert values_of(answer.text)["name"] == "陈晓明"
