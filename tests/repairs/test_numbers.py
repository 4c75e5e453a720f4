"""Counters at work at the same time, each in a transaction that commits."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.repairs.intake import receive_device
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Intake, OpenOrderExists
from serviceco.storage.unit_of_work import unit_of_work
from tests.factories import Factory
from tests.repairs.shop import NOON, Shop, open_shop

COUNTERS = 8


@pytest.fixture
async def kept_shop(engine: AsyncEngine, admin_engine: AsyncEngine, tenant_id: UUID) -> Shop:
    """A shop that is committed; only its counters' transactions count."""
    async with unit_of_work(engine, tenant_id) as session:
        return await open_shop(Factory(session, tenant_id, admin_engine))


async def take_in(engine: AsyncEngine, shop: Shop, intake: Intake) -> str:
    async with unit_of_work(engine, shop.make.tenant_id) as session:
        return (await receive_device(session, shop.actor, intake, at=NOON)).number


async def test_counters_at_the_same_time_get_numbers_without_gap_or_double(
    engine: AsyncEngine, kept_shop: Shop
) -> None:
    intake = kept_shop.intake(device=kept_shop.device(serial=None))
    numbers = await asyncio.gather(*(take_in(engine, kept_shop, intake) for _ in range(COUNTERS)))
    sequences = sorted(int(number[6:11]) for number in numbers)
    assert sequences == list(range(1, COUNTERS + 1))


async def test_two_counters_cannot_take_the_same_unit_in(
    engine: AsyncEngine, kept_shop: Shop
) -> None:
    attempts = [take_in(engine, kept_shop, kept_shop.intake()) for _ in range(COUNTERS)]
    answers = await asyncio.gather(*attempts, return_exceptions=True)

    [number] = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, OpenOrderExists)]
    assert len(refused) == COUNTERS - 1
    assert {refusal.facts["number"] for refusal in refused} == {number}
    async with unit_of_work(engine, kept_shop.make.tenant_id) as session:
        orders = select(func.count()).where(RepairOrder.tenant_id == kept_shop.make.tenant_id)
        assert await session.scalar(orders) == 1


async def test_a_refused_intake_leaves_no_gap(engine: AsyncEngine, kept_shop: Shop) -> None:
    first = await take_in(engine, kept_shop, kept_shop.intake())
    with pytest.raises(OpenOrderExists):
        await take_in(engine, kept_shop, kept_shop.intake())
    nameless = kept_shop.intake(device=kept_shop.device(serial=None))
    second = await take_in(engine, kept_shop, nameless)
    assert [first[6:11], second[6:11]] == ["00001", "00002"]
