"""The hand-over: what keeps a device back, and what is booked when it leaves."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.tables import Handover
from serviceco.billing.words import AccessoriesUnconfirmed, PaymentMethod, RefundDue
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.evidence.rules import commitment
from serviceco.ledger.queries import verify_ledger
from serviceco.repairs.words import LineStatus, PaymentDue, RepairStatus, WrongRepairStatus
from serviceco.storage.unit_of_work import unit_of_work
from tests.billing.counter import AT, BATTERY, COVERED, KINDNESS, LABOUR, SCREEN, Counter


async def leave(session, actor, order, accessories=(), **given):
    return await hand_over(session, actor, order.number, accessories=accessories, at=AT, **given)


async def paid(session, actor, counter: Counter, *lines, **columns):
    order = await counter.finished(*lines, **columns)
    await take_payment(
        session,
        actor,
        order.number,
        amount_minor=order.customer_minor,
        method=PaymentMethod.CASH,
        at=AT,
    )
    return order


async def kept(session, order) -> Handover:
    row: Handover | None = await session.scalar(
        select(Handover).where(Handover.tenant_id == order.tenant_id, Handover.id == order.id)
    )
    assert row is not None
    return row


async def test_a_mixed_order_is_split_between_brand_customer_and_goodwill(
    session, actor, counter: Counter
):
    order = await paid(session, actor, counter, COVERED, BATTERY, LABOUR, SCREEN, KINDNESS)

    await leave(session, actor, order)

    assert await counter.balances() == {
        "cash": 27_900,
        "brand_receivable": 37_000,
        "warranty_income": -37_000,
        "labour_income": -8_000,
        "part_sales": -19_900,
        "goodwill_cost": 1_500,
        "goodwill_income": -1_500,
    }
    assert (order.status, order.closed_at) == (RepairStatus.CLOSED, AT)
    assert (await verify_ledger(session)).flaws == []


async def test_the_rest_of_the_house_hears_who_owes_what(session, actor, counter: Counter):
    order = await paid(session, actor, counter, COVERED, LABOUR)

    await leave(session, actor, order)

    [story] = await counter.sent("repair.handed_over")
    assert story == {
        "order_id": str(order.id),
        "number": order.number,
        "branch_id": str(counter.branch.id),
        "brand_id": str(counter.brand.id),
        "coverage": "mixed",
        "outcome": "repaired",
        "currency": "CNY",
        "amounts_minor": {"brand": 6_000, "customer": 8_000, "tenant": 0, "other": 0},
        "received_at": "2026-10-31T08:00:00+00:00",
        "ready_at": "2026-11-02T04:00:00+00:00",
        "closed_at": "2026-11-02T08:00:00+00:00",
    }


async def test_work_in_warranty_leaves_without_any_payment(session, actor, counter: Counter):
    order = await counter.finished(COVERED, BATTERY)

    await leave(session, actor, order)

    assert await counter.balances() == {"brand_receivable": 37_000, "warranty_income": -37_000}


async def test_a_device_that_cost_nothing_leaves_without_an_entry(session, actor, counter: Counter):
    order = await counter.finished()

    await leave(session, actor, order)

    assert (await kept(session, order)).entry_id is None
    assert (await verify_ledger(session)).entries == 0


async def test_a_line_that_was_never_done_is_charged_to_nobody(session, actor, counter: Counter):
    order = await counter.finished(COVERED, BATTERY)
    (await counter.lines(order))[1].status = LineStatus.PROPOSED
    await session.flush()

    await leave(session, actor, order)

    assert order.brand_minor == 6_000
    assert (await counter.balances())["brand_receivable"] == 6_000


async def test_the_device_stays_until_the_customer_has_paid(session, actor, counter: Counter):
    order = await counter.finished(LABOUR)

    with pytest.raises(PaymentDue) as refusal:
        await leave(session, actor, order)

    assert refusal.value.facts["due_minor"] == 8_000
    assert order.status is RepairStatus.READY


async def test_the_device_stays_until_what_was_overpaid_is_given_back(
    session, actor, counter: Counter
):
    order = await paid(session, actor, counter, LABOUR)
    (await counter.lines(order))[0].status = LineStatus.DECLINED
    await session.flush()

    with pytest.raises(RefundDue):
        await leave(session, actor, order)


async def test_every_accessory_is_confirmed_or_its_loss_explained(session, actor, counter: Counter):
    order = await counter.finished(COVERED, accessories=["charger", "case"])

    with pytest.raises(AccessoriesUnconfirmed) as refusal:
        await leave(session, actor, order, ["charger"])
    assert refusal.value.facts["missing"] == ["case"]

    await leave(
        session, actor, order, ["charger"], note="the case was thrown away, customer agreed"
    )
    assert (await kept(session, order)).accessories == ["charger"]


async def test_the_chain_holds_no_name_but_a_commitment_to_it(session, actor, counter: Counter):
    order = await counter.finished(COVERED)

    await leave(session, actor, order, collector="张伟")

    row = await kept(session, order)
    act, detail = (await counter.events(order))[-1]
    assert (act, row.collector) == ("repair.handed_over", "张伟")
    assert detail["collector"] == commitment(row.salt, "张伟")
    assert "张伟" not in str(detail)


async def test_a_device_leaves_once(session, actor, counter: Counter):
    order = await counter.finished(COVERED)
    await leave(session, actor, order)

    with pytest.raises(WrongRepairStatus):
        await leave(session, actor, order)
    assert len(await counter.sent("repair.handed_over")) == 1


async def test_a_device_on_the_bench_does_not_leave(session, actor, counter: Counter):
    order = await counter.finished(COVERED, status=RepairStatus.QC)

    with pytest.raises(WrongRepairStatus):
        await leave(session, actor, order)


async def test_a_role_or_branch_without_the_counter_hands_nothing_over(
    session, actor: Actor, counter: Counter
):
    order = await counter.finished(COVERED)

    with pytest.raises(NotPermitted):
        await leave(session, replace(actor, permissions=frozenset({Permission.REPAIR})), order)
    with pytest.raises(NotFound):
        await leave(session, replace(actor, branch_ids=frozenset({new_id()})), order)


async def test_another_companys_device_is_not_found(engine, actor, counter: Counter):
    order = await counter.finished(COVERED)
    elsewhere = new_id()

    async with unit_of_work(engine, elsewhere) as other:
        with pytest.raises(NotFound):
            await leave(other, replace(actor, tenant_id=elsewhere), order)
