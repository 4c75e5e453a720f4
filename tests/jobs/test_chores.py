"""Cleaning by the clock: what is spent goes, what is not stays, and a stop is heard."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.identity.sign_ins import take_attempt
from serviceco.identity.tables import SignInThrottle
from serviceco.jobs.chores import EVERY, Broom
from serviceco.storage.idempotency import IdempotencyKey, claim_key, keep_answer
from serviceco.storage.outbox import OutboxEntry, send
from serviceco.storage.unit_of_work import global_work, unit_of_work

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)


async def keys_of(engine: AsyncEngine, tenant_id: UUID) -> list[str]:
    async with unit_of_work(engine, tenant_id) as session:
        own = IdempotencyKey.tenant_id == tenant_id
        return list(await session.scalars(select(IdempotencyKey.key).where(own)))


async def leave_keys(engine: AsyncEngine, tenant_id: UUID) -> None:
    async with unit_of_work(engine, tenant_id) as session:
        for key, at in (("old", AT - 2 * DAY), ("fresh", AT - DAY / 2)):
            await claim_key(session, client="c", key=key, request={}, at=at)
            await keep_answer(session, client="c", key=key, answer={})


async def test_keys_and_deliveries_of_every_tenant_go_when_they_are_spent(
    engine: AsyncEngine, auth_engine: AsyncEngine, tenant_id: UUID
) -> None:
    await leave_keys(engine, tenant_id)
    async with unit_of_work(engine, tenant_id) as session:
        ids = [await send(session, "test.kept", {"n": n}, at=AT - 30 * DAY) for n in range(3)]
        for entry_id, done_at in zip(ids, (AT - 8 * DAY, AT - DAY, None), strict=True):
            entry = await session.get_one(OutboxEntry, (tenant_id, entry_id))
            entry.done_at, entry.parked_at = done_at, None if done_at else AT - 20 * DAY
    broom = Broom(app=engine, auth=auth_engine)
    assert await broom.sweep_if_due(asyncio.Event(), at=AT) >= 2
    assert await keys_of(engine, tenant_id) == ["fresh"]
    async with unit_of_work(engine, tenant_id) as session:
        own = (OutboxEntry.tenant_id == tenant_id, OutboxEntry.topic == "test.kept")
        left = set(await session.scalars(select(OutboxEntry.id).where(*own)))
    assert left == set(ids[1:])


async def test_it_cleans_once_an_hour_and_not_after_a_stop(
    engine: AsyncEngine, auth_engine: AsyncEngine, tenant_id: UUID
) -> None:
    broom, go_on, stop = Broom(app=engine, auth=auth_engine), asyncio.Event(), asyncio.Event()
    await broom.sweep_if_due(go_on, at=AT)
    await leave_keys(engine, tenant_id)
    assert await broom.sweep_if_due(go_on, at=AT + EVERY / 2) == 0
    stop.set()
    assert await broom.sweep_if_due(stop, at=AT + EVERY) == 0
    assert len(await keys_of(engine, tenant_id)) == 2
    assert await broom.sweep_if_due(go_on, at=AT + 2 * EVERY) >= 1
    assert await keys_of(engine, tenant_id) == ["fresh"]


async def test_a_key_that_a_request_holds_at_this_moment_is_left_to_it(
    engine: AsyncEngine, auth_engine: AsyncEngine, tenant_id: UUID
) -> None:
    await leave_keys(engine, tenant_id)
    async with unit_of_work(engine, tenant_id) as session:
        await claim_key(session, client="c", key="old", request={}, at=AT)
        await Broom(app=engine, auth=auth_engine).sweep_if_due(asyncio.Event(), at=AT)
    assert sorted(await keys_of(engine, tenant_id)) == ["fresh", "old"]


async def test_old_attempts_to_guess_a_password_go(
    engine: AsyncEngine, auth_engine: AsyncEngine
) -> None:
    long_ago = AT - 60 * DAY
    async with global_work(auth_engine) as session:
        await take_attempt(session, email="long.ago@x.example", address="10.9.9.9", at=long_ago)
    await Broom(app=engine, auth=auth_engine).sweep_if_due(asyncio.Event(), at=AT)
    async with global_work(auth_engine) as session:
        counted = await session.scalars(
            select(SignInThrottle.subject).where(SignInThrottle.last_at <= long_ago)
        )
    assert counted.all() == []
