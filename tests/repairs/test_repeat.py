from datetime import timedelta

import pytest

from serviceco.policy.words import Coverage, Payer
from serviceco.repairs.bench import (
    approve_repair,
    cancel_order,
    check_quality,
    complete_repair,
    start_repair,
)
from serviceco.repairs.intake import preview_coverage
from serviceco.repairs.operations import take_step
from serviceco.repairs.queries import list_decisions, list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Step
from tests.repairs.shop import DONE, LONG_AGO, NOON, Shop, part


async def handed_over(shop: Shop, **changes: object) -> RepairOrder:
    order = await shop.ready(part("D-1"), **changes)
    await take_step(shop.session, shop.actor, order, Step.HAND_OVER, at=NOON)
    await shop.session.flush()
    return order


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23 * 24 + 5, 23), (90 * 24, 90)])
async def test_a_repair_within_ninety_days_is_repeated(shop: Shop, hours: int, days: int) -> None:
    first = await handed_over(shop)
    at = NOON + timedelta(hours=hours)
    preview = await preview_coverage(shop.session, shop.actor, shop.branch.id, shop.device(), at=at)
    assert (preview.repeat_of_number, preview.repeat_days) == (first.number, days)
    again = await shop.received(at=at)
    assert (again.repeat_of_id, again.repeat_days) == (first.id, days)


async def test_after_ninety_days_it_is_a_new_repair(shop: Shop) -> None:
    await handed_over(shop)
    again = await shop.received(at=NOON + timedelta(days=90, seconds=1))
    assert (again.repeat_of_id, again.repeat_days) == (None, None)


async def test_a_cancelled_visit_is_no_repair(shop: Shop) -> None:
    order = await shop.received()
    await cancel_order(shop.session, shop.actor, order.number, reason="登记错误", at=NOON)
    assert (await shop.received()).repeat_of_id is None


async def test_the_guarantee_of_the_earlier_repair_is_among_the_facts(shop: Shop) -> None:
    first = await handed_over(shop)
    again = await shop.received(at=NOON + timedelta(days=10))
    [decision] = await list_decisions(shop.session, again.id)
    assert decision.facts["earlier_repairs"] == [
        {
            "on": "2026-11-22",
            "components": ["display"],
            "payer": Payer.BRAND.value,
            "visit": first.number,
        }
    ]


async def test_a_guaranteed_part_is_repaired_again_at_the_companys_cost(shop: Shop) -> None:
    first = await shop.diagnosed(part("D-1"), bought=LONG_AGO)
    await take_step(shop.session, shop.actor, first, Step.SEND_QUOTE, at=NOON)
    await approve_repair(shop.session, shop.actor, first, at=NOON)
    await start_repair(shop.session, shop.actor, first.number, at=NOON)
    await complete_repair(shop.session, shop.actor, first.number, DONE, at=NOON)
    await check_quality(shop.session, await shop.colleague(), first.number, passed=True, at=NOON)
    await take_step(shop.session, shop.actor, first, Step.HAND_OVER, at=NOON)

    again = await shop.diagnosed(part("D-1"), part("B-1"), at=NOON + timedelta(days=9))

    by_code = {line.code: line.payer for line in await list_lines(shop.session, again.id)}
    assert by_code == {"D-1": Payer.TENANT, "B-1": Payer.CUSTOMER}
    assert (again.tenant_minor, again.coverage) == (45_000, Coverage.MIXED)
