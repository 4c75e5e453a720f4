"""Two people, or two workers, at the same order at the same moment."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.queries import list_payments
from serviceco.billing.words import AmountNotDue, PaymentMethod
from serviceco.claims.operations import open_claim
from serviceco.claims.reconciliation import list_unexplained
from serviceco.core.actor import Actor
from serviceco.core.refusals import Refusal
from serviceco.ledger.operations import open_chart
from serviceco.repairs.words import WrongRepairStatus
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.billing.counter import AT, COVERED, LABOUR, Counter, publish
from tests.factories import Factory
from tests.policy.factories import policy
from tests.reports.history import open_history


class AtOnce:
    """A committed order that waits for payment and hand-over, and verbs run on it in pairs."""

    def __init__(self, engine: AsyncEngine, actor: Actor, order_id: UUID, number: str) -> None:
        self.engine = engine
        self.actor = actor
        self.order_id = order_id
        self.number = number

    async def once(self, verb, subject, **given):
        async with unit_of_work(self.engine, self.actor.tenant) as session:
            return await verb(session, self.actor, subject, **given, at=AT)

    async def twice(self, verb, subject, **given) -> list[object]:
        """Run the verb in two transactions at once; a refusal is an outcome like another."""
        pair = (self.once(verb, subject, **given) for _ in range(2))
        outcomes = await asyncio.gather(*pair, return_exceptions=True)
        faults = [one for one in outcomes if isinstance(one, BaseException)]
        assert all(isinstance(fault, Refusal) for fault in faults), faults
        return list(outcomes)


@pytest.fixture
async def at_once(engine: AsyncEngine, admin_engine: AsyncEngine, tenant_id: UUID) -> AtOnce:
    actor = system_actor(tenant_id)
    async with unit_of_work(engine, tenant_id) as session:
        make = Factory(session, tenant_id, admin_engine)
        await open_chart(session, actor)
        counter = Counter(await open_history(make), await make.branch(), await make.brand())
        version = await publish(counter, actor, policy())
        order = await counter.finished(COVERED, LABOUR, policy_version_id=version.id)
        return AtOnce(engine, actor, order.id, order.number)


PAYMENT = {"amount_minor": 8_000, "method": PaymentMethod.CASH}


async def test_two_clerks_take_one_payment(at_once: AtOnce):
    outcomes = await at_once.twice(take_payment, at_once.number, **PAYMENT)

    assert [type(one) for one in outcomes if isinstance(one, Refusal)] == [AmountNotDue]
    async with unit_of_work(at_once.engine, at_once.actor.tenant) as session:
        assert len(await list_payments(session, at_once.order_id)) == 1


async def test_two_clerks_hand_one_device_over(at_once: AtOnce):
    await at_once.once(take_payment, at_once.number, **PAYMENT)

    outcomes = await at_once.twice(hand_over, at_once.number, accessories=[])

    assert [type(one) for one in outcomes if isinstance(one, Refusal)] == [WrongRepairStatus]
    async with unit_of_work(at_once.engine, at_once.actor.tenant) as session:
        assert await list_unexplained(session) == []


async def test_two_workers_open_one_claim(at_once: AtOnce):
    await at_once.once(take_payment, at_once.number, **PAYMENT)
    await at_once.once(hand_over, at_once.number, accessories=[])

    first, second = await at_once.twice(open_claim, at_once.order_id)

    assert first.id == second.id  # type: ignore[attr-defined]  # both are claims
