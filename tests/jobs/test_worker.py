"""Delivery at least once, one effect, poison set aside, and workers that share or die."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.refusals import NotFound
from serviceco.jobs.handlers import Handler
from serviceco.jobs.worker import Worker, deliver_due, run
from serviceco.storage.engines import open_engine
from serviceco.storage.outbox import OutboxEntry, send
from serviceco.storage.relay import (
    LEASE,
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    Delivery,
    list_parked,
    pause_after,
    resume_parked,
)
from serviceco.storage.unit_of_work import unit_of_work
from tests.jobs.ears import EFFECT, TOPIC, ear, leave_one_effect

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
async def sent(engine: AsyncEngine, tenant_id: UUID) -> list[UUID]:
    """Three entries of one company, committed."""
    async with unit_of_work(engine, tenant_id) as session:
        return sorted([await send(session, TOPIC, {"n": n}, at=AT) for n in range(3)])


@pytest.fixture
async def make_worker(engine: AsyncEngine, relay_engine: AsyncEngine):
    def make(*handlers: Handler, at: datetime = AT) -> Worker:
        return Worker(app=engine, relay=relay_engine, handlers=handlers, clock=lambda: at)

    return make


async def rows(engine: AsyncEngine, tenant_id: UUID, topic: str = TOPIC) -> Sequence[OutboxEntry]:
    async with unit_of_work(engine, tenant_id) as session:
        found = await session.scalars(
            select(OutboxEntry)
            .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.topic == topic)
            .order_by(OutboxEntry.id)
        )
        return found.all()


async def effects(engine: AsyncEngine, tenant_id: UUID) -> list[str]:
    return sorted(row.payload["of"] for row in await rows(engine, tenant_id, EFFECT))


def poison(entry_id: UUID, error: Exception):
    async def hear(session, actor, deliveries, at):
        if entry_id in {delivery.id for delivery in deliveries}:
            raise error
        await leave_one_effect(session, actor, deliveries, at)

    return hear


async def test_an_entry_leaves_with_its_transaction_or_not_at_all(engine, tenant_id):
    async def fail_after_sending() -> None:
        async with unit_of_work(engine, tenant_id) as session:
            await send(session, TOPIC, {}, at=AT)
            raise NotFound("The act failed after it.")

    with pytest.raises(NotFound):
        await fail_after_sending()

    assert await rows(engine, tenant_id) == []


async def test_each_entry_is_heard_and_done_once(engine, tenant_id, sent, make_worker):
    worker = make_worker(ear())

    while await deliver_due(worker):
        pass

    assert await effects(engine, tenant_id) == [str(entry) for entry in sent]
    assert {row.done_at for row in await rows(engine, tenant_id)} == {AT}


async def test_an_entry_that_is_not_due_yet_waits(engine, tenant_id, make_worker):
    async with unit_of_work(engine, tenant_id) as session:
        await send(session, TOPIC, {}, at=AT, due_at=AT + timedelta(seconds=30))

    await deliver_due(make_worker(ear()))
    assert await effects(engine, tenant_id) == []
    await deliver_due(make_worker(ear(), at=AT + timedelta(seconds=30)))
    assert len(await effects(engine, tenant_id)) == 1


async def test_a_topic_that_nobody_hears_is_done(engine, tenant_id, sent, make_worker):
    await deliver_due(make_worker())

    assert all(row.done_at == AT for row in await rows(engine, tenant_id))


async def test_a_batch_goes_in_one_unit_of_work(sent, tenant_id, make_worker):
    heard: list[int] = []

    async def count(_session, actor, deliveries, _at):
        if actor.tenant_id == tenant_id:
            heard.append(len(deliveries))

    await deliver_due(make_worker(ear(count, most=2)))

    assert heard == [2, 1]


async def test_one_poison_entry_spoils_no_other_of_its_batch(engine, tenant_id, sent, make_worker):
    bad = sent[1]
    await deliver_due(make_worker(ear(poison(bad, RuntimeError("torn page")), most=1_000)))

    assert await effects(engine, tenant_id) == [str(sent[0]), str(sent[2])]
    left = [row for row in await rows(engine, tenant_id) if row.done_at is None]
    assert [(row.id, row.failed, row.due_at, row.parked_at) for row in left] == [
        (bad, "ear: RuntimeError: torn page", AT + pause_after(1), None)
    ]


async def test_a_fault_is_retried_with_longer_pauses_and_then_parked(
    engine, tenant_id, sent, make_worker
):
    hear = poison(sent[0], RuntimeError("always"))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        await deliver_due(make_worker(ear(hear), at=AT + attempt * LONGEST_PAUSE))

    async with unit_of_work(engine, tenant_id) as session:
        parked = await list_parked(session)
        assert [(row.id, row.attempts) for row in parked] == [(sent[0], MOST_ATTEMPTS)]

    later = AT + 100 * LONGEST_PAUSE
    await deliver_due(make_worker(ear(), at=later))
    assert str(sent[0]) not in await effects(engine, tenant_id)

    async with unit_of_work(engine, tenant_id) as session:
        assert await resume_parked(session, at=later) == 1
    await deliver_due(make_worker(ear(), at=later))
    assert str(sent[0]) in await effects(engine, tenant_id)


async def test_a_refusal_is_final(engine, tenant_id, sent, make_worker):
    await deliver_due(make_worker(ear(poison(sent[2], NotFound("There is no such order.")))))

    async with unit_of_work(engine, tenant_id) as session:
        parked = await list_parked(session)
        assert [row.failed for row in parked] == ["ear: NotFound: There is no such order."]


async def test_an_ear_that_hangs_is_given_up_and_heard_again(engine, relay_engine, tenant_id, sent):
    async def hang(_session, actor, _deliveries, _at):
        if actor.tenant_id == tenant_id:
            await asyncio.Event().wait()

    patience = timedelta(milliseconds=20)
    worker = Worker(
        app=engine,
        relay=relay_engine,
        handlers=(ear(hang),),
        patience=patience,
        clock=lambda: AT,
    )
    await deliver_due(worker)

    left = await rows(engine, tenant_id)
    assert {(row.failed, row.due_at) for row in left} == {
        ("ear: TimeoutError: ", AT + pause_after(1))
    }


async def test_a_failing_ear_does_not_keep_another_from_hearing(
    engine, tenant_id, sent, make_worker
):
    deaf = ear(poison(sent[0], RuntimeError("deaf")), name="deaf")
    await deliver_due(make_worker(deaf, ear()))

    assert set(await effects(engine, tenant_id)) == {str(entry) for entry in sent}


async def test_pauses_double_and_end_at_an_hour():
    pauses = [pause_after(attempt) for attempt in (1, 2, 3, 30)]

    assert pauses == [
        timedelta(seconds=5),
        timedelta(seconds=10),
        timedelta(seconds=20),
        LONGEST_PAUSE,
    ]


async def test_two_workers_at_once_never_share_an_entry(engine, tenant_id, make_worker):
    async with unit_of_work(engine, tenant_id) as session:
        for n in range(60):
            await send(session, TOPIC, {"n": n}, at=AT)
    heard: list[UUID] = []

    async def listen(session, actor, deliveries: Sequence[Delivery], _at):
        await session.execute(select(1))
        heard.extend(each.id for each in deliveries if actor.tenant_id == tenant_id)

    workers = [make_worker(ear(listen)) for _ in range(2)]
    await asyncio.gather(*(deliver_due(worker) for worker in workers))

    assert len(heard) == len(set(heard)) == 60


@pytest.fixture
async def killed_worker(owner_url: str, sent) -> None:
    """A worker process was killed with -9 between the commit of one ear and that of the next."""
    doomed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.jobs.doomed_worker",
        owner_url,
        stdout=asyncio.subprocess.PIPE,
    )
    assert doomed.stdout is not None
    try:
        line = await asyncio.wait_for(doomed.stdout.readline(), 30)
        assert line == b"reached\n"
    finally:
        doomed.kill()
        await doomed.wait()


@pytest.mark.usefixtures("killed_worker")
async def test_after_kill_9_every_entry_is_delivered_again_with_one_effect(
    engine, tenant_id, sent, make_worker
):
    now = datetime.now(UTC)
    assert len(await effects(engine, tenant_id)) == 3
    assert {row.done_at for row in await rows(engine, tenant_id)} == {None}

    await deliver_due(make_worker(ear(), at=now))
    assert {row.done_at for row in await rows(engine, tenant_id)} == {None}, "the lease still runs"

    await deliver_due(make_worker(ear(), at=now + LEASE))
    assert len(await effects(engine, tenant_id)) == 3
    assert {row.attempts for row in await rows(engine, tenant_id)} == {2}
    assert None not in {row.done_at for row in await rows(engine, tenant_id)}


async def test_the_loop_works_until_it_is_told_to_stop(engine, relay_engine, tenant_id, sent):
    stop, heard = asyncio.Event(), 0

    async def count(_session, actor, deliveries, _at):
        nonlocal heard
        heard += len(deliveries) if actor.tenant_id == tenant_id else 0
        if heard == len(sent):
            stop.set()

    worker = Worker(app=engine, relay=relay_engine, handlers=(ear(count),))
    await asyncio.wait_for(run(worker, stop, pause_seconds=0.01), 30)

    assert all(row.done_at for row in await rows(engine, tenant_id))


async def test_a_lost_database_does_not_end_the_worker(engine):
    nowhere = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    stop, asked = asyncio.Event(), asyncio.Event()

    def clock() -> datetime:
        asked.set()
        return AT

    running = asyncio.create_task(run(Worker(app=engine, relay=nowhere, clock=clock), stop))
    await asked.wait()
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 30)
    await nowhere.dispose()


async def test_the_relay_reads_ids_and_instants_of_the_outbox_and_nothing_else(relay_engine):
    async with relay_engine.connect() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.scalar(select(func.count(OutboxEntry.payload)))
