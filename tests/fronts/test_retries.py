"""A thousand keys, each sent several times at once, and a server killed while it writes: one effect each."""

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.billing.tables import Payment
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.evidence.tables import Event
from serviceco.ledger.operations import open_chart
from serviceco.ledger.tables import Entry, Posting
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.idempotency import IdempotencyKey
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.factories import NOON, Factory, tenant_row
from tests.machines import machine_key
from tests.repairs.shop import open_shop
from tests.served import Served, serving

INTAKES, PAYMENTS, TIMES, AT_ONCE = 600, 400, 2, 8
DUE = 4_000
SCOPES = (Permission.RECEIVE_DEVICE, Permission.TAKE_PAYMENT, Permission.READ_ORDERS)
RECEIVE = """mutation ($intake: IntakeInput!) {
    receiveDevice(intake: $intake) { ... on RepairOrder { number } ... on Refusal { code } } }"""
PAY = """mutation ($number: String!, $amount: Int64!) {
    takePayment(number: $number, amountMinor: $amount, method: CASH) {
        ... on Payment { id } ... on Refusal { code } } }"""
Answers = dict[str, set[str]]


@dataclass
class Client:
    """A program that sends requests under keys, and sends them again until each is answered."""

    credential: str
    requests: Mapping[str, dict[str, Any]]
    answers: Answers = field(default_factory=dict)

    async def send(self, served: Served, keys: Sequence[str], *, killed_after: int = 0) -> None:
        """Send each key once, several at a time; kill the server in the middle if told to."""
        waiting = iter(keys)
        headers = {"authorization": f"Bearer {self.credential}"}
        async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=120) as http:

            async def work() -> None:
                for key in waiting:
                    if await self._sent(http, key) and killed_after == len(self.answers):
                        served.process.kill()

            await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    async def _sent(self, http: httpx.AsyncClient, key: str) -> bool:
        try:
            answer = await http.post(
                "/graphql", json=self.requests[key], headers={"idempotency-key": key}
            )
        except httpx.TransportError:
            return False
        assert answer.status_code == 200, answer.text
        self.answers.setdefault(key, set()).add(answer.text)
        return True


@dataclass
class House:
    """A company with a counter, and the servers before its database."""

    engine: AsyncEngine
    owner_url: str
    folder: Path
    tenant_id: UUID
    branch_id: UUID
    credential: str

    @contextmanager
    def served(self) -> Iterator[Served]:
        with serving(self.owner_url, self.folder, ENVIRONMENT="production") as served:
            yield served

    async def survive(self, requests: Mapping[str, dict[str, Any]]) -> Answers:
        """Send every key `TIMES` times until the server is killed midway, then all keys again."""
        client = Client(self.credential, requests)
        shuffled = [key for key in requests for _ in range(TIMES)]
        random.Random(11).shuffle(shuffled)  # noqa: S311 - an order, not a secret
        with self.served() as served:
            await client.send(served, shuffled, killed_after=len(requests) // 2)
        assert served.process.returncode == -9
        assert 0 < len(client.answers) < len(requests), "the kill came too early or too late"
        with self.served() as served:
            await client.send(served, list(requests))
        return client.answers

    async def count(self, table: Any, *where: Any) -> int:
        async with unit_of_work(self.engine, self.tenant_id) as session:
            counted = select(func.count()).select_from(table)
            own = counted.where(table.tenant_id == self.tenant_id, *where)
            return await session.scalar(own) or 0


@pytest.fixture
async def house(owner_url, engine, auth_engine, admin_engine, tmp_path) -> House:
    tenant_id = new_id()
    async with global_work(admin_engine) as session:
        session.add(tenant_row(tenant_id))
    async with unit_of_work(engine, tenant_id) as session:
        shop = await open_shop(Factory(session, tenant_id, admin_engine))
        await open_chart(session, system_actor(tenant_id))
    credential = await machine_key(auth_engine, tenant_id, *SCOPES, Permission.ADHOC_DOCUMENTS)
    return House(engine, owner_url, tmp_path, tenant_id, shop.branch.id, credential)


def intake(house: House, number: int) -> dict[str, Any]:
    """A laptop without a serial, of somebody else each time."""
    given = {
        "branchId": str(house.branch_id),
        "device": {"category": "laptop", "brandPrinted": "Acme"},
        "customer": {"phone": f"+8613800{number:06}", "name": "陈晓明"},
        "words": "开不了机",
    }
    return {"query": RECEIVE, "variables": {"intake": given}}


def payment(number: str) -> dict[str, Any]:
    return {"query": PAY, "variables": {"number": number, "amount": str(DUE)}}


async def owe(house: House) -> None:
    """Let every customer owe an amount to which they agreed."""
    async with unit_of_work(house.engine, house.tenant_id) as session:
        mine = update(RepairOrder).where(RepairOrder.tenant_id == house.tenant_id)
        await session.execute(mine.values(customer_minor=DUE, approved_at=NOON))


async def numbers(house: House) -> list[str]:
    async with unit_of_work(house.engine, house.tenant_id) as session:
        mine = RepairOrder.tenant_id == house.tenant_id
        return list(await session.scalars(select(RepairOrder.number).where(mine)))


async def test_every_key_has_exactly_one_effect_though_the_server_is_killed(house):
    requests = {f"intake {number}": intake(house, number) for number in range(INTAKES)}
    answers = await house.survive(requests)
    assert [key for key in requests if len(answers[key]) != 1] == []
    received = await numbers(house)
    assert sorted(next(iter(answer)) for answer in answers.values()) == sorted(
        f'{{"data":{{"receiveDevice":{{"number":"{number}"}}}}}}' for number in received
    )
    assert await house.count(RepairOrder) == INTAKES
    assert await house.count(Event, Event.act == "repair.received") == INTAKES
    assert await house.count(OutboxEntry, OutboxEntry.topic == "repair.received") == INTAKES

    await owe(house)
    requests = {f"payment {number}": payment(number) for number in received[:PAYMENTS]}
    answers = await house.survive(requests)
    assert [key for key in requests if len(answers[key]) != 1] == []
    assert not any("code" in answer for key in requests for answer in answers[key])
    assert await house.count(Payment) == PAYMENTS
    assert await house.count(Entry) == PAYMENTS
    assert await house.count(Posting) == 2 * PAYMENTS
    assert await house.count(Event, Event.act == "payment.taken") == PAYMENTS
    assert await house.count(IdempotencyKey) == INTAKES + PAYMENTS
