"""Messages to a real receiver: signed, tried again, given up, stopped, and never lost."""

import asyncio
import base64
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.ids import new_id
from serviceco.exchange import endpoints
from serviceco.exchange.deliveries import address_entries
from serviceco.exchange.rules.webhooks import FAILING_FOR, MOST_ATTEMPTS, PAUSES, new_secret
from serviceco.exchange.webhook_tables import WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    CallFailure,
    DeliveryStatus,
    EndpointGiven,
    EndpointStatus,
    WebhookCall,
)
from serviceco.jobs.calls import MOST_ANSWER_BYTES, Caller
from serviceco.jobs.courier import MOST_CALLS_OF_ONE, Courier
from serviceco.jobs.worker import Worker, deliver_due
from serviceco.storage.outbox import send
from serviceco.storage.relay import LEASE, Delivery
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.jobs.receiver import HUGE_BYTES, Receiver, receiving

QUICK = 3.0
PATIENT = 8.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


class Shop:
    """A company with one webhook, a worker and a courier beside it; its clock goes on by hand."""

    def __init__(self, engine: AsyncEngine, relay: AsyncEngine, tenant_id: UUID) -> None:
        self.engine, self.tenant_id = engine, tenant_id
        self.actor = system_actor(tenant_id)
        self.now = datetime.now(UTC)
        self.worker = Worker(app=engine, relay=relay, clock=lambda: self.now)
        self.courier = Courier(
            app=engine,
            relay=relay,
            caller=Caller(also_loopback=True, call_seconds=QUICK),
            clock=lambda: self.now,
        )
        self.secret = new_secret(secrets.token_bytes(32))
        self.endpoint_id = UUID(int=0)

    async def listen(self, url: str, *kinds: str) -> None:
        given = EndpointGiven(url=url, kinds=kinds or ["repair.received"])
        async with unit_of_work(self.engine, self.tenant_id) as session:
            made = await endpoints.create_endpoint(
                session, self.actor, given, secret=self.secret, at=self.now
            )
            self.endpoint_id = made.id

    async def happen(self, topic: str = "repair.received", **facts: object) -> UUID:
        async with unit_of_work(self.engine, self.tenant_id) as session:
            payload = {"order_id": str(new_id()), "number": "261122000016"} | facts
            return await send(session, topic, payload, at=self.now)

    async def go_on(self, later: timedelta = timedelta(0)) -> None:
        """Deliver the outbox, then send what is due, until nothing is."""
        self.now += later
        while await deliver_due(self.worker):
            pass
        while await self.courier.send_due():
            await self.courier.finished()

    async def deliveries(self) -> list[WebhookDelivery]:
        async with unit_of_work(self.engine, self.tenant_id) as session:
            rows = await session.scalars(
                select(WebhookDelivery)
                .where(WebhookDelivery.tenant_id == self.tenant_id)
                .order_by(WebhookDelivery.id)
            )
            return list(rows)

    async def endpoint(self) -> WebhookEndpoint:
        async with unit_of_work(self.engine, self.tenant_id) as session:
            row = await session.scalar(
                select(WebhookEndpoint).where(
                    WebhookEndpoint.tenant_id == self.tenant_id,
                    WebhookEndpoint.id == self.endpoint_id,
                )
            )
            assert row is not None
            return row

    async def do(self, verb, *arguments: object, **facts: object) -> None:
        async with unit_of_work(self.engine, self.tenant_id) as session:
            await verb(session, self.actor, *arguments, **facts, at=self.now)


@pytest.fixture
async def shop(engine, relay_engine, tenant_id, receiver) -> AsyncIterator[Shop]:
    shop = Shop(engine, relay_engine, tenant_id)
    await shop.listen(f"{receiver.url}/hooks")
    receiver.secrets = [shop.secret]
    yield shop
    # What is left would be due for the couriers of other tests.
    if (await shop.endpoint()).status is not EndpointStatus.REMOVED:
        await shop.do(endpoints.remove_endpoint, shop.endpoint_id)


async def test_a_message_is_signed_small_and_says_where_the_rest_is_read(shop, receiver):
    branch_less = await shop.happen(customer="王芳", brand_id=None)
    await shop.go_on()
    [message], [id_] = receiver.got, receiver.ids
    assert receiver.forged == 0
    assert id_ == f"msg_{branch_less.hex}"
    assert message["type"] == "repair.received"
    assert message["version"] == 1
    assert message["data"]["link"] == "/orders/261122000016"
    assert message["data"]["graphql"] == {"order": {"number": "261122000016"}}
    assert "王芳" not in str(message)
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.response_code, delivery.answer) == (
        DeliveryStatus.DELIVERED,
        200,
        "thanks",
    )
    assert (await shop.endpoint()).last_success_at == shop.now


async def test_only_what_was_asked_for_is_told_and_imported_history_never(shop, receiver):
    for topic in ("repair.handed_over", "repair.imported", "repair.import_changed"):
        await shop.happen(topic)
    await shop.go_on()
    assert receiver.got == []
    assert await shop.deliveries() == []


async def test_a_failure_is_tried_again_later_and_with_the_same_id(shop, receiver):
    receiver.plan.extend([500, 503, 200])
    await shop.happen()
    await shop.go_on()
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 1)
    assert (delivery.failure, delivery.response_code) == (CallFailure.STATUS, 500)
    assert 0.8 * PAUSES[0] <= delivery.due_at - shop.now <= 1.2 * PAUSES[0]
    await shop.go_on(0.5 * PAUSES[0])
    assert len(receiver.got) == 1
    await shop.go_on(PAUSES[0])
    await shop.go_on(1.2 * PAUSES[1])
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 3)
    assert len(set(receiver.ids)) == 1
    assert receiver.forged == 0
    assert (await shop.endpoint()).failing_since is None


async def test_what_always_fails_is_given_up_and_the_endpoint_pauses_itself(shop, receiver):
    receiver.plan.extend([500] * 2 * MOST_ATTEMPTS)
    await shop.happen()
    await shop.go_on()
    for pause in PAUSES:
        await shop.go_on(1.2 * pause)
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, MOST_ATTEMPTS)
    endpoint = await shop.endpoint()
    assert endpoint.status is EndpointStatus.FAILING
    assert shop.now - FAILING_FOR >= endpoint.failing_since

    await shop.happen()
    await shop.go_on()
    assert [one.status for one in await shop.deliveries()] == [
        DeliveryStatus.FAILED,
        DeliveryStatus.HELD,
    ]
    receiver.plan.clear()
    await shop.do(endpoints.resume_endpoint, shop.endpoint_id)
    await shop.do(endpoints.replay_failed, shop.endpoint_id, since=shop.now - timedelta(days=9))
    await shop.go_on()
    assert {one.status for one in await shop.deliveries()} == {DeliveryStatus.DELIVERED}


async def test_gone_stops_the_endpoint_at_once(shop, receiver):
    receiver.plan.append(410)
    await shop.happen()
    await shop.go_on()
    await shop.happen()
    await shop.go_on(timedelta(days=1))
    assert len(receiver.got) == 1
    assert (await shop.endpoint()).status is EndpointStatus.GONE
    assert [one.status for one in await shop.deliveries()] == [DeliveryStatus.FAILED]


async def test_a_redirect_is_a_failure_and_is_not_followed(shop, receiver):
    receiver.plan.append("redirect")
    await shop.happen()
    await shop.go_on()
    assert receiver.paths == ["/hooks"]
    assert [one.failure for one in await shop.deliveries()] == [CallFailure.REDIRECTED]


async def test_a_huge_answer_is_not_read_to_its_end(shop, receiver):
    receiver.plan.append("huge")
    await shop.happen()
    await shop.go_on()
    [delivery] = await shop.deliveries()
    assert delivery.status is DeliveryStatus.DELIVERED
    assert len(delivery.answer) == MOST_ANSWER_BYTES
    assert receiver.sent_bytes < HUGE_BYTES / 2


async def test_a_slow_endpoint_times_out_and_holds_up_no_other(shop, receiver):
    # Long enough for a busy machine to do the rest while the slow calls are still under way.
    shop.courier.caller = Caller(also_loopback=True, call_seconds=PATIENT)
    receiver.plan.extend(["slow"] * 2 * MOST_CALLS_OF_ONE)
    for _ in range(2 * MOST_CALLS_OF_ONE):
        await shop.happen()
    while await deliver_due(shop.worker):
        pass
    assert await shop.courier.send_due() == MOST_CALLS_OF_ONE
    # Its places are taken, so nothing more of it is even looked at.
    assert await shop.courier.send_due() == 0
    with receiving() as other:
        await shop.listen(other.url)
        await shop.happen()
        while await deliver_due(shop.worker):
            pass
        assert await shop.courier.send_due() == 1
        await asyncio.to_thread(other.arrived.wait, 5)
        assert len(other.got) == 1
        await shop.courier.finished()
        late = [one for one in await shop.deliveries() if one.failure is CallFailure.TIMEOUT]
        assert len(late) == MOST_CALLS_OF_ONE
        assert {one.response_code for one in late} == {None}
        assert all(one.duration_ms >= PATIENT * 1_000 for one in late)
        await shop.do(endpoints.remove_endpoint, shop.endpoint_id)


async def test_two_secrets_sign_while_they_overlap(shop, receiver):
    fresh = new_secret(secrets.token_bytes(24))
    await shop.do(endpoints.rotate_secret, shop.endpoint_id, secret=fresh)
    receiver.secrets = [shop.secret, fresh]
    await shop.happen()
    await shop.go_on()
    assert receiver.forged == 0
    shop.now += timedelta(hours=25)
    await shop.happen()
    receiver.secrets = [fresh]
    await shop.go_on()
    assert (receiver.signatures, receiver.forged) == ([2, 1], 0)


async def test_secrets_are_sealed_at_rest(shop):
    endpoint = await shop.endpoint()
    assert shop.secret not in endpoint.secret
    assert base64.b64decode(shop.secret.removeprefix("whsec_")) not in endpoint.secret.encode()


async def test_a_secret_sealed_under_another_password_stops_its_endpoint_alone(
    shop, receiver, engine
):
    async with unit_of_work(engine, shop.tenant_id) as session:
        row = await endpoints.get_endpoint(session, shop.endpoint_id)
        row.secret = "e30.e30.e30.e30.e30"
    await shop.happen()
    await shop.go_on()
    assert receiver.got == []
    assert (await shop.endpoint()).status is EndpointStatus.FAILING


async def test_a_paused_endpoint_is_told_afterwards_and_only_when_asked(shop, receiver):
    await shop.do(endpoints.pause_endpoint, shop.endpoint_id)
    await shop.happen()
    await shop.go_on()
    await shop.do(endpoints.resume_endpoint, shop.endpoint_id)
    await shop.go_on()
    assert receiver.got == []
    await shop.do(endpoints.replay_failed, shop.endpoint_id, since=shop.now - timedelta(hours=1))
    await shop.go_on()
    assert len(receiver.got) == 1


async def test_a_test_message_arrives(shop, receiver):
    await shop.do(endpoints.send_test, shop.endpoint_id)
    await shop.go_on()
    assert [message["type"] for message in receiver.got] == ["webhook.test"]


async def test_one_message_is_replayed_under_its_id(shop, receiver):
    await shop.happen()
    await shop.go_on()
    [delivery] = await shop.deliveries()
    await shop.do(endpoints.replay_delivery, delivery.id)
    await shop.go_on()
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


async def test_an_entry_that_is_heard_twice_is_sent_once(shop, receiver, engine):
    entry = await shop.happen()
    await shop.go_on()
    again = Delivery(id=entry, topic="repair.received", payload={}, sent_at=shop.now, attempt=2)
    async with unit_of_work(engine, shop.tenant_id) as session:
        await address_entries(session, [again], at=shop.now)
    await shop.go_on()
    assert len(receiver.got) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_without_leave_no_call_goes_to_this_machine(receiver, host):
    port = receiver.url.rpartition(":")[2]
    outcome = await Caller().post(_call(f"http://{host}:{port}/"))
    assert outcome.failure is CallFailure.ADDRESS_REFUSED
    assert receiver.got == []


async def test_a_name_that_leads_nowhere_is_a_failure():
    outcome = await Caller().post(_call("https://no-such-name.invalid/"))
    assert outcome.failure is CallFailure.UNRESOLVED


async def test_a_name_that_leads_inside_is_refused_even_beside_a_public_address(monkeypatch):
    async def resolved(_host: str, _port: int):
        return [ip_address("8.8.8.8"), ip_address("10.0.0.1")]

    monkeypatch.setattr("serviceco.jobs.calls._resolved", resolved)
    outcome = await Caller().post(_call("https://rebinding.example/"))
    assert outcome.failure is CallFailure.ADDRESS_REFUSED


def _call(url: str) -> WebhookCall:
    ids = {"tenant_id": new_id(), "delivery_id": new_id(), "endpoint_id": new_id()}
    return WebhookCall(url=url, headers={}, body=b"{}", attempt=1, **ids)


async def test_a_courier_killed_in_the_middle_of_a_call_loses_nothing(shop, receiver, owner_url):
    receiver.plan.append("slow")
    await shop.happen()
    while await deliver_due(shop.worker):
        pass
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.doomed_courier", owner_url
    )
    assert await asyncio.to_thread(receiver.arrived.wait, 60)
    process.kill()
    await process.wait()
    receiver.released.set()
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 1)

    shop.now = datetime.now(UTC) + LEASE
    await shop.go_on()
    [delivery] = await shop.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.DELIVERED, 2)
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
