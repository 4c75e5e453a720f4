"""A brand's systems are told of its own cases and claims, by a real receiver's account."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.exchange import endpoints
from serviceco.exchange.rules.webhooks import PAUSES, new_secret
from serviceco.exchange.webhook_tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    BRAND_KINDS,
    DeliveryStatus,
    EndpointGiven,
    EndpointStatus,
)
from serviceco.jobs import worker as working
from serviceco.jobs.calls import Caller
from serviceco.jobs.chores import Broom
from serviceco.jobs.courier import Courier
from serviceco.jobs.worker import Worker, deliver_due
from serviceco.policy.words import Coverage
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.outbox import OutboxEntry, send
from serviceco.storage.relay import LEASE
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import brand_operator
from serviceco.tenancy.tables import Brand, Contract
from tests.jobs.receiver import Receiver, receiving
from tests.web.company import Company, found_company


class Maker:
    """A brand with systems that are told, of work that a company does in its name."""

    def __init__(self, engine: AsyncEngine, relay: AsyncEngine, company: Company) -> None:
        self.engine, self.company = engine, company
        assert company.brand is not None
        self.brand: Brand = company.brand
        self.contract: Contract | None = None
        self.now = datetime.now(UTC)
        self.worker = Worker(app=engine, relay=relay, clock=lambda: self.now)
        self.courier = Courier(
            app=engine, relay=relay, caller=Caller(also_loopback=True), clock=lambda: self.now
        )

    async def listen(self, receiver: Receiver, actor: Actor | None = None) -> WebhookEndpoint:
        actor, secret = actor or brand_operator(self.brand.id), new_secret(secrets.token_bytes(32))
        receiver.secrets = [secret]
        given = EndpointGiven(url=f"{receiver.url}/hooks", kinds=BRAND_KINDS)
        async with unit_of_work(self.engine, actor.home) as session:
            return await endpoints.create_endpoint(
                session, actor, given, secret=secret, at=self.now
            )

    async def order(self, **facts: object) -> RepairOrder:
        """An order under the company's contract with the brand."""
        if self.contract is None:
            async with self.company.at_work() as history:
                self.contract = await history.make.contract(
                    brand=self.brand, branches=self.company.branches
                )
        given: dict[str, Any] = {"brand_id": self.brand.id, "contract_id": self.contract.id}
        coverage = {"coverage": Coverage.UNDECIDED}
        return await self.company.order(**given | coverage | facts)

    async def happen(self, order: RepairOrder, topic: str = "repair.received") -> UUID:
        async with unit_of_work(self.engine, self.company.tenant_id) as session:
            payload: dict[str, object] = {
                "order_id": str(order.id),
                "number": order.number,
                "customer": "王芳",
            }
            return await send(session, topic, payload, at=self.now)

    async def go_on(self, later: timedelta = timedelta(0)) -> None:
        self.now += later
        while await deliver_due(self.worker):
            pass
        while await self.courier.send_due():
            await self.courier.finished()

    async def rows(self, table: Any, owner_id: UUID | None = None) -> list[Any]:
        owner_id = owner_id or self.brand.id
        async with unit_of_work(self.engine, owner_id) as session:
            mine = select(table).where(table.tenant_id == owner_id)
            return list(await session.scalars(mine.order_by(table.id)))

    async def do(self, verb: Any, *arguments: object, **facts: object) -> None:
        actor = brand_operator(self.brand.id)
        async with unit_of_work(self.engine, actor.home) as session:
            await verb(session, actor, *arguments, **facts, at=self.now)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
async def maker(
    engine: AsyncEngine, relay_engine: AsyncEngine, admin_engine: AsyncEngine
) -> AsyncIterator[Maker]:
    maker = Maker(engine, relay_engine, await found_company(engine, admin_engine))
    yield maker
    # What is left would be due for the couriers of other tests.
    for row in await maker.rows(WebhookEndpoint):
        if row.status is not EndpointStatus.REMOVED:
            await maker.do(endpoints.remove_endpoint, row.id)


async def test_a_brand_is_told_of_its_case_and_nothing_of_a_customer(maker, receiver):
    await maker.listen(receiver)
    order = await maker.order()
    entry = await maker.happen(order)
    await maker.go_on()
    [message] = receiver.got
    company = message["data"]["company"]
    assert (receiver.forged, receiver.ids) == (0, [f"msg_{entry.hex}"])
    assert message["type"] == "repair.received"
    assert message["data"].keys() == {
        "brand",
        "branchCode",
        "caseId",
        "company",
        "contractNumber",
        "graphql",
        "link",
        "number",
    }
    assert message["data"]["graphql"] == {"brandCase": {"company": company, "number": order.number}}
    place = f"/brand/{maker.brand.code}/repairs/{company}/{order.number}"
    assert message["data"]["link"] == place
    assert "王芳" not in str(message)


async def test_what_is_none_of_the_brands_is_told_to_nobody(maker, receiver, admin_engine):
    await maker.listen(receiver)
    async with global_work(admin_engine) as session:
        other = Brand(id=new_id(), code=f"other-{new_id().hex[-8:]}", name="Other", names={})
        session.add(other)
    paid = await maker.order(coverage=Coverage.PAID)
    for order in (
        paid,
        await maker.order(brand_id=other.id),
        await maker.order(contract_id=None),
    ):
        await maker.happen(order)
    await maker.happen(await maker.order(), "repair.quoted")
    await maker.go_on()
    assert receiver.got == []
    assert await maker.rows(WebhookDelivery) == []


async def test_another_brand_and_the_company_hear_nothing_of_it(
    maker, receiver, engine, relay_engine, admin_engine
):
    other = Maker(engine, relay_engine, await found_company(engine, admin_engine))
    with receiving() as elsewhere:
        beside = await other.listen(elsewhere)
        await maker.listen(receiver)
        await maker.happen(await maker.order())
        await maker.go_on()
        assert (len(receiver.got), elsewhere.got) == (1, [])
        assert await maker.rows(WebhookDelivery, maker.company.tenant_id) == []
        await other.do(endpoints.remove_endpoint, beside.id)


async def test_a_company_is_told_in_its_own_words_beside_its_brand(maker, receiver):
    with receiving() as of_company:
        actor = maker.company.actor()
        beside = await maker.listen(of_company, actor)
        await maker.listen(receiver)
        order = await maker.order()
        await maker.happen(order)
        await maker.go_on()
        assert [one["data"]["link"] for one in of_company.got] == [f"/orders/{order.number}"]
        assert receiver.got[0]["data"]["link"].startswith("/brand/")
        async with unit_of_work(maker.engine, actor.home) as session:
            await endpoints.remove_endpoint(session, actor, beside.id, at=maker.now)


async def test_a_worker_that_dies_before_the_brand_is_told_tells_it_later_and_once(
    maker, receiver, monkeypatch
):
    await maker.listen(receiver)
    await maker.happen(await maker.order())

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(working, "address_entries", dies)
        with pytest.raises(KeyboardInterrupt):
            await deliver_due(maker.worker)
    assert await maker.rows(WebhookDelivery) == []
    await maker.go_on(LEASE + timedelta(seconds=1))
    assert len(receiver.got) == 1


async def test_news_that_is_heard_twice_is_told_once(maker, receiver, monkeypatch):
    await maker.listen(receiver)
    await maker.happen(await maker.order())

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(working, "_settle", dies)
        with pytest.raises(KeyboardInterrupt):
            await deliver_due(maker.worker)
    assert len(await maker.rows(WebhookDelivery)) == 1
    await maker.go_on(LEASE + timedelta(seconds=1))
    assert len(receiver.got) == 1
    assert len(await maker.rows(WebhookDelivery)) == 1
    entries = await maker.rows(OutboxEntry, maker.company.tenant_id)
    assert [(one.attempts, one.failed, one.done_at is None) for one in entries] == [
        (2, None, False)
    ]


async def test_a_brands_endpoint_that_is_gone_is_told_no_more(maker, receiver):
    endpoint = await maker.listen(receiver)
    receiver.plan.append(410)
    await maker.happen(await maker.order())
    await maker.go_on()
    await maker.happen(await maker.order())
    await maker.go_on(timedelta(days=1))
    [row] = await maker.rows(WebhookEndpoint)
    assert (row.id, row.status, len(receiver.got)) == (endpoint.id, EndpointStatus.GONE, 1)


async def test_a_brand_rotates_its_secret_and_replays_a_message(maker, receiver):
    endpoint = await maker.listen(receiver)
    fresh = new_secret(secrets.token_bytes(32))
    await maker.do(endpoints.rotate_secret, endpoint.id, secret=fresh)
    receiver.secrets.append(fresh)
    await maker.happen(await maker.order())
    await maker.go_on()
    [delivery] = await maker.rows(WebhookDelivery)
    await maker.do(endpoints.replay_delivery, delivery.id)
    await maker.go_on()
    assert (receiver.forged, receiver.signatures) == (0, [2, 2])
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


async def test_every_attempt_is_kept_for_thirty_days(maker, receiver, auth_engine):
    await maker.listen(receiver)
    receiver.plan.extend([500, "redirect"])
    await maker.happen(await maker.order())
    await maker.go_on()
    for pause in PAUSES[:2]:
        await maker.go_on(1.2 * pause)
    attempts = await maker.rows(WebhookAttempt)
    assert [(one.attempt, one.response_code) for one in attempts] == [(1, 500), (2, 307), (3, 200)]
    assert [str(one.failure) for one in attempts] == ["status", "redirected", "None"]
    assert attempts[-1].answer == "thanks"
    assert [one.tried_at for one in attempts] == sorted({one.tried_at for one in attempts})
    [delivery] = await maker.rows(WebhookDelivery)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 3)

    await _swept(maker, auth_engine, delivery.created_at + timedelta(days=30))
    assert len(await maker.rows(WebhookAttempt)) == 3
    await _swept(maker, auth_engine, delivery.created_at + timedelta(days=30, seconds=1))
    assert (await maker.rows(WebhookDelivery), await maker.rows(WebhookAttempt)) == ([], [])


async def _swept(maker: Maker, auth: AsyncEngine, at: datetime) -> None:
    await Broom(app=maker.engine, auth=auth).sweep_if_due(asyncio.Event(), at=at)
