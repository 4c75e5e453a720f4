from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from serviceco.core.actor import Permission
from serviceco.core.order_numbers import is_order_number
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.customers.queries import list_proofs
from serviceco.customers.tables import Device
from serviceco.customers.words import CustomerGiven, InvalidPhone, PurchaseInFuture
from serviceco.evidence.rules import commitment, event_hash
from serviceco.evidence.tables import Event
from serviceco.policy.queries import pinned_policy
from serviceco.policy.words import Coverage, Payer, decision_of, facts_of
from serviceco.repairs.intake import preview_coverage, receive_device
from serviceco.repairs.queries import find_words, list_decisions
from serviceco.repairs.words import (
    InvalidSerial,
    OpenOrderExists,
    Origin,
    RepairStatus,
    UnknownBrand,
)
from serviceco.storage.outbox import OutboxEntry
from serviceco.tenancy.operations import find_or_add_alias
from tests.repairs.shop import BOUGHT, LONG_AGO, NOON, Shop, invoice
from tests.statements import counted

WRONG_IMEI = "356938035643808"
TODAY = date(2026, 11, 22)


async def test_a_phone_in_warranty_is_taken_in(shop: Shop) -> None:
    order = await shop.received()

    assert is_order_number(order.number)
    assert order.number.startswith("261122")
    assert (order.status, order.origin) == (RepairStatus.RECEIVED, Origin.COUNTER)
    assert (order.coverage, order.currency) == (Coverage.IN_WARRANTY, "CNY")
    assert (order.brand_id, order.contract_id) == (shop.brand.id, shop.contract.id)
    assert order.owner_staff_id == shop.actor.staff_id
    [proof] = await list_proofs(shop.session, order.device_id)
    assert (proof.dated_on, proof.seller) == (BOUGHT, "")


async def test_the_model_is_known_by_the_imei(shop: Shop) -> None:
    await shop.received()
    preview = await preview_coverage(
        shop.session, shop.actor, shop.branch.id, shop.device(), at=NOON
    )
    assert preview.model_code == "XH-A5"


@pytest.mark.parametrize(
    ("changes", "statements"),
    [({}, 5), ({"brand": None, "brand_printed": "Orion"}, 6)],
    ids=["under contract", "a brand never met"],
)
async def test_taking_in_is_six_round_trips_at_most(
    shop: Shop, changes: dict[str, Any], statements: int
) -> None:
    await shop.received()  # the policy is compiled
    nameless = shop.device(serial=None, **changes)
    intake = shop.intake(device=nameless, proofs=(invoice(BOUGHT), invoice(LONG_AGO)))
    with counted() as sent:
        await receive_device(shop.session, shop.actor, intake, at=NOON)
    assert len(sent) == statements


async def test_the_numbers_of_a_day_follow_each_other(shop: Shop) -> None:
    numbers = [
        (
            await shop.received(device=shop.device(serial=None), at=NOON + timedelta(hours=hours))
        ).number
        for hours in (0, 1, 24)
    ]
    assert [number[:11] for number in numbers] == ["26112200001", "26112200002", "26112300001"]


async def test_the_day_of_a_number_is_the_day_of_the_branch(shop: Shop) -> None:
    # 17:00 UTC is one o'clock of the next day in Shanghai.
    order = await shop.received(at=NOON + timedelta(hours=13))
    assert order.number.startswith("261123")


async def test_the_decision_can_be_recomputed_from_what_is_stored(shop: Shop) -> None:
    order = await shop.received()

    [row] = await list_decisions(shop.session, order.id)
    assert (row.line_id, row.payer) == (None, Payer.BRAND)
    assert order.policy_version_id == row.policy_version_id
    policy = await pinned_policy(shop.session, row.policy_version_id, TODAY)
    assert policy.decide(facts_of(row.facts)) == decision_of(row.decision)


@pytest.mark.parametrize("mark", ["王芳的手机", "", "x" * 41, "a\nb"])
async def test_a_mark_on_the_device_is_a_code(shop: Shop, mark: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await shop.received(condition_codes=("scratched", mark))
    assert refused.value.field == "condition_codes"


async def test_the_customers_words_stay_verbatim_and_out_of_the_chain(shop: Shop) -> None:
    words = "  摔了一下,\n屏幕黑了  "
    order = await shop.received(
        words=words, words_language="zh-Hans", accessories=("charger", "王芳的身份证")
    )

    kept = await find_words(shop.session, order.id)
    assert kept is not None
    assert (kept.words, kept.language) == (words, "zh-Hans")
    [event] = await shop.session.scalars(
        select(Event).where(Event.tenant_id == shop.make.tenant_id, Event.subject_id == order.id)
    )
    assert event.detail["words"] == commitment(kept.salt, words)
    assert event.detail["accessories"] == commitment(kept.salt, "charger\n王芳的身份证")
    assert not any(said in str(event.detail) for said in ("屏幕", "王芳"))
    assert event.hash == order.event_hash
    assert event.hash == event_hash(
        b"",
        subject_id=order.id,
        seq=1,
        act="repair.received",
        actor_account_id=shop.actor.account_id,
        at=NOON,
        detail=event.detail,
    )


async def test_the_worker_hears_of_it(shop: Shop) -> None:
    order = await shop.received()
    payload = await shop.session.scalar(
        select(OutboxEntry.payload).where(
            OutboxEntry.tenant_id == shop.make.tenant_id, OutboxEntry.topic == "repair.received"
        )
    )
    assert payload is not None
    assert payload["order_id"] == str(order.id)
    assert payload["repeat_of_id"] is None


async def test_the_same_unit_is_not_taken_in_twice(shop: Shop) -> None:
    first = await shop.received()
    with pytest.raises(OpenOrderExists) as refusal:
        await receive_device(
            shop.session, shop.without(Permission.RECEIVE_AGAIN), shop.intake(again=True), at=NOON
        )
    assert refusal.value.facts["number"] == first.number
    assert first.number in refusal.value.message


async def test_a_manager_may_pass_over_an_open_order(shop: Shop) -> None:
    first = await shop.received()
    with pytest.raises(OpenOrderExists):
        await shop.received()
    assert (await shop.received(again=True)).device_id == first.device_id


async def test_a_wrong_imei_is_refused_whatever_the_reason(shop: Shop) -> None:
    device = shop.device(serial=WRONG_IMEI, serial_override_reason="标签磨损")
    with pytest.raises(InvalidSerial) as refusal:
        await shop.received(device=device)
    assert refusal.value.field == "serial"
    with pytest.raises(InvalidSerial) as refusal:
        await shop.received(device=shop.device(second_serial=WRONG_IMEI))
    assert refusal.value.field == "second_serial"


async def test_a_laptops_serial_may_look_like_a_wrong_imei_with_a_reason(shop: Shop) -> None:
    laptop = {"category": "laptop", "brand": None, "brand_printed": "Orion", "serial": WRONG_IMEI}
    with pytest.raises(InvalidSerial):
        await shop.received(device=shop.device(**laptop), symptom_codes=())
    excused = shop.device(**laptop, serial_override_reason="厂家序列号")
    order = await shop.received(device=excused, symptom_codes=())
    assert order.status is RepairStatus.RECEIVED


async def test_a_brand_without_a_contract_is_repaired_at_the_customers_cost(shop: Shop) -> None:
    order = await shop.received(device=shop.device(brand=None, brand_printed=" Orion "))

    assert (order.coverage, order.brand_id, order.contract_id) == (Coverage.PAID, None, None)
    assert order.policy_version_id is None
    assert await list_decisions(shop.session, order.id) == []


async def test_a_printed_name_that_nobody_has_met_waits_for_staff(shop: Shop) -> None:
    device = shop.device(brand=None, brand_printed="Xinghé")
    order = await shop.received(device=device)
    alias = await find_or_add_alias(shop.session, "XINGHE")
    found = await shop.session.get_one(Device, (order.tenant_id, order.device_id))
    assert (alias.printed, alias.brand_id, found.brand_alias_id) == ("Xinghé", None, alias.id)


async def test_an_alias_of_a_brand_under_contract_is_that_brand(shop: Shop) -> None:
    alias = await find_or_add_alias(shop.session, "Xinghé")
    alias.brand_id = shop.brand.id
    await shop.session.flush()
    order = await shop.received(device=shop.device(brand=None, brand_printed="xinghe"))
    assert (order.brand_id, order.coverage) == (shop.brand.id, Coverage.IN_WARRANTY)


async def test_an_alias_of_a_brand_without_a_contract_is_paid(shop: Shop) -> None:
    other = await shop.make.brand(name="Orion")
    alias = await find_or_add_alias(shop.session, "Orion")
    alias.brand_id = other.id
    await shop.session.flush()
    order = await shop.received(device=shop.device(brand=None, brand_printed="ORION"))
    assert (order.brand_id, order.contract_id, order.coverage) == (other.id, None, Coverage.PAID)


@pytest.mark.parametrize("brand", ["nobody", "without-contract"])
async def test_a_brand_that_is_named_must_be_under_contract(shop: Shop, brand: str) -> None:
    code = brand if brand == "nobody" else (await shop.make.brand()).code
    with pytest.raises(UnknownBrand) as refusal:
        await shop.received(device=shop.device(brand=code))
    assert refusal.value.field == "brand"


async def test_a_contract_counts_for_its_branches_and_days_only(shop: Shop) -> None:
    other = await shop.make.branch()
    with pytest.raises(UnknownBrand):
        await shop.received(branch_id=other.id)
    before = NOON.replace(year=2025)
    with pytest.raises(UnknownBrand):
        await shop.received(at=before)


async def test_a_device_without_any_brand_is_refused(shop: Shop) -> None:
    with pytest.raises(UnknownBrand) as refusal:
        await shop.received(device=shop.device(brand=None))
    assert refusal.value.field == "brand_printed"


async def test_a_purchase_after_the_day_of_intake_is_refused(shop: Shop) -> None:
    # 17:00 UTC: in Shanghai the next day has begun, and what was bought on it is no future.
    late = NOON + timedelta(hours=13)
    await shop.received(proofs=(invoice(TODAY + timedelta(days=1)),), at=late)
    with pytest.raises(PurchaseInFuture):
        await shop.received(proofs=(invoice(TODAY + timedelta(days=1)),))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"words": " \n"}, "words"), ({"symptom_codes": ("display", "haunted")}, "symptom_codes")],
)
async def test_what_the_customer_says_must_be_there_and_coded(
    shop: Shop, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await shop.received(**changes)
    assert refusal.value.field == field


async def test_a_wrong_phone_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidPhone):
        await shop.received(customer=CustomerGiven(phone="12", name="陈"))


@pytest.mark.parametrize(
    ("changes", "field"), [({"category": "time_machine"}, "category"), ({"model": "Z9"}, "model")]
)
async def test_unknown_codes_are_not_found(shop: Shop, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(NotFound) as refusal:
        await shop.received(device=shop.device(**changes))
    assert refusal.value.field == field


async def test_only_the_counter_of_the_branch_takes_in(shop: Shop) -> None:
    with pytest.raises(NotPermitted):
        await receive_device(
            shop.session, shop.without(Permission.RECEIVE_DEVICE), shop.intake(), at=NOON
        )
    with pytest.raises(NotFound):
        await receive_device(shop.session, await shop.elsewhere(), shop.intake(), at=NOON)


async def test_a_preview_decides_like_intake_and_saves_nothing(shop: Shop) -> None:
    for bought, coverage in ((BOUGHT, Coverage.IN_WARRANTY), (LONG_AGO, Coverage.PAID)):
        preview = await preview_coverage(
            shop.session,
            shop.actor,
            shop.branch.id,
            shop.device(),
            proofs=[invoice(bought)],
            at=NOON,
        )
        assert preview.coverage is coverage
        assert preview.decision is not None
        assert preview.decision.reasons
        assert (preview.open_order_number, preview.repeat_of_number) == (None, None)
    order = await shop.received()
    assert order.number.startswith("26112200001")


async def test_a_preview_warns_of_the_open_order(shop: Shop) -> None:
    order = await shop.received()
    preview = await preview_coverage(
        shop.session, shop.actor, shop.branch.id, shop.device(), at=NOON
    )
    assert preview.open_order_number == order.number
    assert preview.coverage is Coverage.IN_WARRANTY  # by the proof that is already known


async def test_a_preview_asks_the_same_rights(shop: Shop) -> None:
    with pytest.raises(NotPermitted):
        await preview_coverage(
            shop.session,
            shop.without(Permission.RECEIVE_DEVICE),
            shop.branch.id,
            shop.device(),
            at=NOON,
        )
