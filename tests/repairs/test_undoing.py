"""Taking an act back: what it restores, what stays in the log, and when it is refused."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.repairs.bench import assign_order, start_repair, wait_for_parts
from serviceco.repairs.inspection import start_inspection
from serviceco.repairs.queries import latest_event, list_acts
from serviceco.repairs.rules import days_waiting_for_parts
from serviceco.repairs.undoing import UNDO_WITHIN, undo_latest
from serviceco.repairs.words import NothingToUndo, RepairStatus
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import unit_of_work
from tests.repairs.shop import NOON, Shop

SOON = NOON + timedelta(seconds=10)


async def test_an_assignment_goes_back_to_whose_the_order_was(shop: Shop) -> None:
    order = await shop.received()
    owner, colleague = order.owner_staff_id, await shop.make.staff()
    await assign_order(shop.session, shop.actor, order.number, staff_id=colleague.id, at=NOON)
    version = order.version
    await undo_latest(shop.session, shop.actor, order.number, at=SOON)
    assert (order.owner_staff_id, order.version) == (owner, version + 1)
    acts = [act for act, _ in await list_acts(shop.session, order.id)]
    assert acts[-2:] == ["repair.assigned", "repair.undone"]
    assert (await latest_event(shop.session, order.id)).detail["undone"] == "repair.assigned"


async def test_every_start_and_every_wait_can_be_taken_back(shop: Shop) -> None:
    order = await shop.received()
    owner, technician = order.owner_staff_id, await shop.colleague()
    await start_inspection(shop.session, technician, order.number, at=NOON)
    await undo_latest(shop.session, technician, order.number, at=SOON)
    assert (order.status, order.owner_staff_id) == (RepairStatus.RECEIVED, owner)

    other = await shop.diagnosed(device=shop.device(serial="356938035643817"))
    await wait_for_parts(shop.session, technician, other.number, at=NOON)
    await start_repair(shop.session, technician, other.number, at=NOON)
    await undo_latest(shop.session, technician, other.number, at=SOON)
    assert other.status is RepairStatus.WAITING_PARTS
    acts = await list_acts(shop.session, other.id)
    # The wait that the repair would have ended goes on.
    assert days_waiting_for_parts(acts, NOON + timedelta(days=61)) == 61


async def test_a_wait_that_was_taken_back_was_none(shop: Shop) -> None:
    order = await shop.diagnosed()
    before = order.status
    await wait_for_parts(shop.session, shop.actor, order.number, at=NOON)
    await undo_latest(shop.session, shop.actor, order.number, at=SOON)
    assert order.status is before
    acts = await list_acts(shop.session, order.id)
    assert days_waiting_for_parts(acts, NOON + timedelta(days=61)) == 0


async def test_the_brand_hears_of_a_status_that_went_back(shop: Shop) -> None:
    order = await shop.received()

    async def told() -> int:
        query = select(OutboxEntry).where(
            OutboxEntry.tenant_id == order.tenant_id, OutboxEntry.topic == "repair.changed"
        )
        return len((await shop.session.scalars(query)).all())

    await start_inspection(shop.session, shop.actor, order.number, at=NOON)
    before = await told()
    await undo_latest(shop.session, shop.actor, order.number, at=SOON)
    assert await told() == before + 1


async def test_only_the_latest_act_of_ones_own_and_of_this_day_goes_back(shop: Shop) -> None:
    order = await shop.received()

    async def refused(actor: Actor = shop.actor, at: datetime = SOON) -> None:
        before = (order.status, order.version, order.event_seq)
        with pytest.raises(NothingToUndo):
            await undo_latest(shop.session, actor, order.number, at=at)
        assert (order.status, order.version, order.event_seq) == before

    await refused()  # what was received is cancelled, not undone
    await start_inspection(shop.session, shop.actor, order.number, at=NOON)
    await refused(await shop.colleague())
    await refused(at=NOON + UNDO_WITHIN + timedelta(seconds=1))
    await undo_latest(shop.session, shop.actor, order.number, at=NOON + UNDO_WITHIN)
    await refused()  # an undo is not undone: the step is taken again


async def test_who_may_not_take_the_step_any_more_cannot_take_it_back(shop: Shop) -> None:
    order = await shop.received()
    await start_inspection(shop.session, shop.actor, order.number, at=NOON)
    left = shop.actor.permissions - {Permission.INSPECT_DEVICE}
    demoted = replace(shop.actor, permissions=left)
    with pytest.raises(NotPermitted):
        await undo_latest(shop.session, demoted, order.number, at=SOON)
    assert order.status is RepairStatus.INSPECTING


async def test_another_branch_and_another_company_find_no_order(
    engine: AsyncEngine, shop: Shop
) -> None:
    order = await shop.received()
    with pytest.raises(NotFound):
        await undo_latest(shop.session, await shop.elsewhere(), order.number, at=SOON)
    async with unit_of_work(engine, new_id()) as elsewhere:
        with pytest.raises(NotFound):
            await undo_latest(elsewhere, shop.actor, order.number, at=SOON)
