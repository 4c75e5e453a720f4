from datetime import timedelta
from typing import Any

import msgspec
import pytest

from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from serviceco.policy.words import Coverage, LineKind
from serviceco.repairs.bench import (
    approve_repair,
    assign_order,
    cancel_order,
    check_quality,
    complete_repair,
    decline_repair,
    start_repair,
    wait_for_parts,
)
from serviceco.repairs.inspection import start_inspection
from serviceco.repairs.operations import take_step
from serviceco.repairs.queries import list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    ApprovalNeeded,
    InspectionIncomplete,
    LineStatus,
    MoneyHeld,
    Outcome,
    PartFitted,
    PaymentDue,
    RecordMissing,
    RepairStatus,
    SamePerson,
    ServiceMode,
    Step,
    UnknownLine,
    WorkDone,
    WrongRepairStatus,
)
from tests.repairs.shop import DONE, LONG_AGO, NOON, Shop, labour, part


async def approve(shop: Shop, order: RepairOrder) -> None:
    await take_step(shop.session, shop.actor, order, Step.SEND_QUOTE, at=NOON)
    await approve_repair(shop.session, shop.actor, order, at=NOON)


async def test_a_repair_in_warranty_needs_no_approval(shop: Shop) -> None:
    order = await shop.diagnosed()
    technician = await shop.colleague()
    await start_repair(shop.session, technician, order.number, at=NOON)
    assert (order.status, order.owner_staff_id) == (RepairStatus.REPAIRING, technician.staff_id)


async def test_no_repair_before_the_inspection_is_concluded(shop: Shop) -> None:
    order = await shop.received()
    await start_inspection(shop.session, shop.actor, order.number, at=NOON)
    with pytest.raises(InspectionIncomplete):
        await start_repair(shop.session, shop.actor, order.number, at=NOON)


@pytest.mark.parametrize("begin", [start_repair, wait_for_parts])
async def test_the_customers_share_must_be_approved(shop: Shop, begin: Any) -> None:
    order = await shop.diagnosed(bought=LONG_AGO)
    with pytest.raises(ApprovalNeeded):
        await begin(shop.session, shop.actor, order.number, at=NOON)
    await approve(shop, order)
    lines = await list_lines(shop.session, order.id)
    assert {line.status for line in lines} == {LineStatus.APPROVED}
    await begin(shop.session, shop.actor, order.number, at=NOON)
    assert order.status in {RepairStatus.REPAIRING, RepairStatus.WAITING_PARTS}


@pytest.mark.parametrize("mode", [ServiceMode.ON_SITE, ServiceMode.MAIL_IN])
async def test_nothing_is_sent_before_the_customers_share_is_paid(
    shop: Shop, mode: ServiceMode
) -> None:
    order = await shop.diagnosed(bought=LONG_AGO, mode=mode)
    await approve(shop, order)
    with pytest.raises(PaymentDue):
        await wait_for_parts(shop.session, shop.actor, order.number, at=NOON)
    order.released_at = NOON
    await start_repair(shop.session, shop.actor, order.number, at=NOON)
    assert order.status is RepairStatus.REPAIRING


async def test_what_travels_in_warranty_needs_no_payment(shop: Shop) -> None:
    order = await shop.diagnosed(mode=ServiceMode.MAIL_IN)
    await start_repair(shop.session, shop.actor, order.number, at=NOON)
    assert order.status is RepairStatus.REPAIRING


async def test_a_completed_repair_keeps_its_record(shop: Shop) -> None:
    order = await shop.diagnosed(part("D-1"), labour(2))
    await start_repair(shop.session, shop.actor, order.number, at=NOON)
    display = (await list_lines(shop.session, order.id))[0]
    fitted = PartFitted(line_id=display.id, new_serial="NEW1", old_serial="OLD1")
    work = msgspec.structs.replace(DONE, parts=(fitted,))

    await complete_repair(shop.session, shop.actor, order.number, work, at=NOON)

    assert (order.status, order.repaired_at) == (RepairStatus.QC, NOON)
    assert (order.outcome, order.labour_minutes) == (Outcome.REPAIRED, 35)
    assert (order.fault_note, order.remedy_note) == ("显示排线脱落", "更换显示屏")
    assert order.repaired_by_staff_id == shop.actor.staff_id
    assert (display.new_serial, display.old_serial) == ("NEW1", "OLD1")
    lines = await list_lines(shop.session, order.id)
    assert {line.status for line in lines} == {LineStatus.DONE}


@pytest.mark.parametrize(
    ("missing", "refusal"),
    [
        ({"fault_note": " "}, RecordMissing),
        ({"remedy_note": ""}, RecordMissing),
        ({"labour_minutes": 0}, RecordMissing),
        ({"outcome": Outcome.UNKNOWN}, InvalidInput),
        ({"outcome": Outcome.DECLINED}, InvalidInput),
        ({"parts": (PartFitted(line_id=new_id()),)}, UnknownLine),
    ],
)
async def test_nothing_is_completed_without_its_record(
    shop: Shop, missing: dict[str, Any], refusal: type[Refusal]
) -> None:
    order = await shop.diagnosed()
    await start_repair(shop.session, shop.actor, order.number, at=NOON)
    work: WorkDone = msgspec.structs.replace(DONE, **missing)
    with pytest.raises(refusal):
        await complete_repair(shop.session, shop.actor, order.number, work, at=NOON)


async def test_another_person_checks_the_quality(shop: Shop) -> None:
    order = await shop.completed()
    with pytest.raises(SamePerson):
        await check_quality(shop.session, shop.actor, order.number, passed=True, at=NOON)
    later = NOON + timedelta(hours=1)
    checker = await shop.colleague()
    await check_quality(shop.session, checker, order.number, passed=True, at=later)
    assert (order.status, order.ready_at) == (RepairStatus.READY, later)


async def test_a_failed_check_sends_the_device_back_to_the_bench(shop: Shop) -> None:
    order = await shop.completed()
    await check_quality(
        shop.session, await shop.colleague(), order.number, passed=False, note="仍有亮点", at=NOON
    )
    assert (order.status, order.ready_at) == (RepairStatus.REPAIRING, None)
    lines = await list_lines(shop.session, order.id)
    assert {line.status for line in lines} == {LineStatus.APPROVED}


async def test_bench_work_bears_the_name_of_somebody_on_the_staff(shop: Shop) -> None:
    order = await shop.diagnosed()
    await start_repair(shop.session, shop.actor, order.number, at=NOON)
    with pytest.raises(NotPermitted):
        await complete_repair(shop.session, shop.make.actor(), order.number, DONE, at=NOON)
    await complete_repair(shop.session, shop.actor, order.number, DONE, at=NOON)
    with pytest.raises(NotPermitted):
        await check_quality(shop.session, shop.make.actor(), order.number, passed=True, at=NOON)


async def test_a_declined_repair_is_ready_and_owes_the_diagnosis_alone(shop: Shop) -> None:
    order = await shop.diagnosed(bought=LONG_AGO)
    await decline_repair(shop.session, shop.actor, order.number, reason="太贵", at=NOON)

    assert (order.status, order.outcome) == (RepairStatus.READY, Outcome.DECLINED)
    assert (order.ready_at, order.remedy_note) == (NOON, "太贵")
    assert (order.customer_minor, order.coverage) == (3_000, Coverage.PAID)
    lines = await list_lines(shop.session, order.id)
    assert {line.line: line.status for line in lines} == {
        LineKind.PART: LineStatus.DECLINED,
        LineKind.LABOUR: LineStatus.DECLINED,
        LineKind.DIAGNOSIS: LineStatus.DONE,
    }


async def test_before_the_inspection_declining_costs_nothing(shop: Shop) -> None:
    order = await shop.received(bought=LONG_AGO)
    await decline_repair(shop.session, shop.actor, order.number, at=NOON)
    assert (order.status, order.customer_minor) == (RepairStatus.READY, 0)
    assert order.coverage is Coverage.DECLINED


async def test_a_cancelled_order_has_ended_and_frees_its_device(shop: Shop) -> None:
    order = await shop.diagnosed()
    await cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)
    assert (order.status, order.closed_at) == (RepairStatus.CANCELLED, NOON)
    assert (order.brand_minor, order.coverage) == (0, Coverage.DECLINED)
    assert (await shop.received()).device_id == order.device_id


async def test_an_order_is_cancelled_with_a_reason_and_without_money(shop: Shop) -> None:
    order = await shop.received()
    with pytest.raises(RecordMissing):
        await cancel_order(shop.session, shop.actor, order.number, reason=" ", at=NOON)
    order.paid_minor = 1
    with pytest.raises(MoneyHeld):
        await cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)


async def test_an_order_has_one_owner_at_every_moment(shop: Shop) -> None:
    order = await shop.received()
    assert order.owner_staff_id == shop.actor.staff_id
    colleague = await shop.make.staff()
    await assign_order(shop.session, shop.actor, order.number, staff_id=colleague.id, at=NOON)
    assert order.owner_staff_id == colleague.id

    colleague.is_active = False
    with pytest.raises(NotFound):
        await assign_order(shop.session, shop.actor, order.number, staff_id=colleague.id, at=NOON)
    await cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)
    with pytest.raises(WrongRepairStatus):
        await assign_order(shop.session, shop.actor, order.number, staff_id=colleague.id, at=NOON)
