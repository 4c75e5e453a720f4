"""Every verb asks the right, the branch and the company before it does anything."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.repairs import bench, inspection, lines
from serviceco.repairs.operations import require_version
from serviceco.repairs.queries import get_order, get_order_by_id
from serviceco.repairs.words import OrderChanged, RepairStatus, WrongRepairStatus
from serviceco.storage.unit_of_work import unit_of_work
from tests.repairs.shop import DONE, LONG_AGO, NOON, PASSED, Shop, invoice, part

Verb = Callable[[AsyncSession, Actor, str], Awaitable[object]]
P = Permission

VERBS: dict[str, tuple[Permission, Verb]] = {
    "start_inspection": (
        P.INSPECT_DEVICE,
        lambda s, a, n: inspection.start_inspection(s, a, n, at=NOON),
    ),
    "answer_steps": (
        P.INSPECT_DEVICE,
        lambda s, a, n: inspection.answer_steps(s, a, n, PASSED, at=NOON),
    ),
    "conclude_inspection": (
        P.INSPECT_DEVICE,
        lambda s, a, n: inspection.conclude_inspection(s, a, n, at=NOON),
    ),
    "propose_line": (P.QUOTE, lambda s, a, n: lines.propose_line(s, a, n, part("D-1"), at=NOON)),
    "remove_line": (P.QUOTE, lambda s, a, n: lines.remove_line(s, a, n, new_id(), at=NOON)),
    "decide_lines": (P.QUOTE, lambda s, a, n: lines.decide_lines(s, a, n, at=NOON)),
    "add_proof": (
        P.RECEIVE_DEVICE,
        lambda s, a, n: lines.add_proof(s, a, n, invoice(LONG_AGO), at=NOON),
    ),
    "start_repair": (P.REPAIR, lambda s, a, n: bench.start_repair(s, a, n, at=NOON)),
    "wait_for_parts": (P.REPAIR, lambda s, a, n: bench.wait_for_parts(s, a, n, at=NOON)),
    "complete_repair": (P.REPAIR, lambda s, a, n: bench.complete_repair(s, a, n, DONE, at=NOON)),
    "check_quality": (
        P.CHECK_QUALITY,
        lambda s, a, n: bench.check_quality(s, a, n, passed=True, at=NOON),
    ),
    "decline_repair": (P.APPROVE_QUOTE, lambda s, a, n: bench.decline_repair(s, a, n, at=NOON)),
    "cancel_order": (
        P.CANCEL_ORDER,
        lambda s, a, n: bench.cancel_order(s, a, n, reason="登记错误", at=NOON),
    ),
    "assign_order": (
        P.ASSIGN_ORDER,
        lambda s, a, n: bench.assign_order(s, a, n, staff_id=new_id(), at=NOON),
    ),
}
EACH_VERB = pytest.mark.parametrize(("permission", "verb"), VERBS.values(), ids=VERBS.keys())


@EACH_VERB
async def test_a_verb_needs_its_permission(shop: Shop, permission: Permission, verb: Verb) -> None:
    order = await shop.received()
    with pytest.raises(NotPermitted) as refusal:
        await verb(shop.session, shop.without(permission), order.number)
    assert refusal.value.facts["permission"] == permission.value
    assert order.status is RepairStatus.RECEIVED


@EACH_VERB
async def test_a_verb_finds_no_order_of_another_branch_and_none_that_is_unknown(
    shop: Shop, permission: Permission, verb: Verb
) -> None:
    order = await shop.received()
    with pytest.raises(NotFound) as hidden:
        await verb(shop.session, await shop.elsewhere(), order.number)
    with pytest.raises(NotFound) as unknown:
        await verb(shop.session, shop.make.actor(permissions=frozenset({permission})), "0")
    assert hidden.value.message == unknown.value.message


@EACH_VERB
async def test_a_verb_finds_no_order_of_another_company(
    engine: AsyncEngine, shop: Shop, permission: Permission, verb: Verb
) -> None:
    order = await shop.received()
    async with unit_of_work(engine, new_id()) as elsewhere:
        with pytest.raises(NotFound):
            await verb(elsewhere, shop.actor, order.number)
    assert permission in shop.actor.permissions


async def test_spaces_in_a_number_do_not_matter(shop: Shop) -> None:
    order = await shop.received()
    spaced = f" {order.number[:6]} {order.number[6:11]} {order.number[11:]}"
    assert await get_order(shop.session, shop.actor, spaced) is order
    assert await get_order_by_id(shop.session, shop.actor, order.id) is order


@EACH_VERB
async def test_a_verb_changes_nothing_on_an_order_that_has_ended(
    shop: Shop, permission: Permission, verb: Verb
) -> None:
    order = await shop.received()
    await bench.cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)
    before = (order.version, order.event_seq)
    with pytest.raises(WrongRepairStatus):
        await verb(shop.session, await shop.colleague(), order.number)
    assert (order.status, order.version, order.event_seq) == (RepairStatus.CANCELLED, *before)
    assert permission in shop.actor.permissions


async def test_a_version_that_was_seen_is_held_against_the_row(shop: Shop) -> None:
    order = await shop.received()
    for seen in (None, order.version):
        await require_version(shop.session, shop.actor, order.number, seen)
    for stale in (order.version - 1, order.version + 1):
        with pytest.raises(OrderChanged) as refused:
            await require_version(shop.session, shop.actor, order.number, stale)
        assert refused.value.facts == {"who": shop.actor.name}


async def test_no_version_of_an_order_out_of_scope_is_told(shop: Shop) -> None:
    order = await shop.received()
    with pytest.raises(NotFound):
        await require_version(shop.session, await shop.elsewhere(), order.number, 1)
