"""What follows from a hand-over and from a decided brand name, once each."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.queries import find_claim, list_claims
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.customers.tables import Device
from serviceco.jobs.handlers import HANDLERS
from serviceco.ledger.operations import open_chart
from serviceco.repairs.words import Origin
from serviceco.reports.tables import BranchWork
from serviceco.reports.words import Span
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.relay import Delivery
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.operations import decide_alias, find_or_add_alias
from serviceco.tenancy.rules import system_actor
from tests.billing.counter import AT, COVERED, LABOUR, Counter, publish
from tests.claims.desk import Desk
from tests.factories import Factory
from tests.policy.factories import policy
from tests.reports.history import open_history


@pytest.fixture
async def desk(make: Factory, actor: Actor) -> Desk:
    await open_chart(make.session, actor)
    counter = Counter(await open_history(make), await make.branch(), await make.brand())
    return Desk(counter, actor, await publish(counter, actor, policy()))


async def hear(session: AsyncSession, deliveries: Sequence[Delivery]) -> None:
    actor = system_actor(tenant_of(session))
    for handler in HANDLERS:
        wanted = [delivery for delivery in deliveries if delivery.topic in handler.topics]
        if wanted:
            await handler.hear(session, actor, wanted, AT)


async def delivered(session: AsyncSession) -> list[Delivery]:
    rows = await session.scalars(
        select(OutboxEntry).where(OutboxEntry.tenant_id == tenant_of(session))
    )
    return [
        Delivery(id=row.id, topic=row.topic, payload=row.payload, sent_at=AT, attempt=1)
        for row in rows
    ]


async def counted(session: AsyncSession) -> int:
    orders = await session.scalar(
        select(func.coalesce(func.sum(BranchWork.orders), 0)).where(
            BranchWork.tenant_id == tenant_of(session), BranchWork.span == Span.DAY
        )
    )
    return int(orders or 0)


async def test_a_hand_over_opens_the_claim_and_counts_the_order(session, desk: Desk):
    order = await desk.handed_over(COVERED, LABOUR)

    await hear(session, await delivered(session))

    claim = await find_claim(session, order.id)
    assert claim is not None
    assert claim.amount_minor == 6_000
    assert await counted(session) == 1


async def test_a_second_delivery_changes_nothing(session, actor: Actor, desk: Desk):
    await desk.handed_over(COVERED, LABOUR)
    deliveries = await delivered(session)

    await hear(session, deliveries)
    await hear(session, deliveries)

    assert len(await list_claims(session, actor)) == 1
    assert await counted(session) == 1


async def test_evidence_that_comes_late_completes_the_claim(session, actor: Actor, desk: Desk):
    order = await desk.handed_over(COVERED, LABOUR)
    await hear(session, await delivered(session))
    claim = await find_claim(session, order.id)
    assert claim is not None
    assert [each["evidence"] for each in claim.problems] == ["proof_of_purchase"]
    await desk.prove_purchase(order)
    payload = {"order_id": str(order.id)}
    one = Delivery(
        id=new_id(), topic="repair.evidence_added", payload=payload, sent_at=AT, attempt=1
    )

    await hear(session, [one, one])

    assert (claim.status, claim.problems) == (ClaimStatus.OPEN, [])


async def test_imported_history_is_counted_and_never_claimed(session, actor: Actor, desk: Desk):
    order = await desk.counter.finished(COVERED, origin=Origin.IMPORT, closed_at=AT)
    payload = {"order_ids": [str(order.id)]}

    await hear(
        session,
        [Delivery(id=new_id(), topic="repair.imported", payload=payload, sent_at=AT, attempt=1)],
    )

    assert await list_claims(session, actor) == []


async def test_a_decided_brand_name_moves_imported_orders_to_the_brand(
    session, actor: Actor, desk: Desk, make: Factory
):
    order = await desk.counter.finished(
        COVERED, origin=Origin.IMPORT, closed_at=AT, received_at=AT, brand_id=None
    )
    alias, brand = await find_or_add_alias(session, "Philips"), await make.brand()
    await session.execute(
        update(Device)
        .where(Device.tenant_id == make.tenant_id, Device.id == order.device_id)
        .values(brand_alias_id=alias.id)
    )
    await decide_alias(session, actor, alias.id, brand_id=brand.id, at=AT)

    await hear(session, await delivered(session))

    await session.refresh(order)
    assert order.brand_id == brand.id
    told = await delivered(session)
    assert [one.topic for one in told if one.topic.startswith("repair.")] == [
        "repair.import_changed"
    ]
