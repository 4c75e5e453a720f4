"""Publishing, and reading what is in force, on the real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.policy import queries
from serviceco.policy.operations import publish_law, publish_policy
from serviceco.policy.queries import effective_policy, pinned_policy
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import (
    CategoryCover,
    NoPolicyInForce,
    Payer,
    Policy,
    PolicyVersionTaken,
    document_of,
)
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.tables import Brand
from tests.factories import Factory
from tests.policy import factories as words

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)


@pytest.fixture
async def brand(make: Factory) -> Brand:
    return await make.brand()


@pytest.fixture
def pack(brand: Brand) -> Policy:
    return words.policy(brand=brand.code, code=f"code-{brand.code}")


async def test_a_published_policy_answers_from_its_date_on(session, actor, brand, pack):
    version = await publish_policy(session, actor, pack, at=AT)
    found = await effective_policy(session, brand.id, date(2026, 1, 1))
    assert (found.version_id, found.policy) == (version.id, pack)
    assert found.compiled.pinned.sha256 == version.sha256
    with pytest.raises(NoPolicyInForce):
        await effective_policy(session, brand.id, date(2025, 12, 31))


async def test_the_newest_version_in_force_answers_and_the_old_stays_pinned(
    session, actor, brand, pack
):
    old = await publish_policy(session, actor, pack, at=AT)
    later = replace(pack, version="2026.2", effective_from=date(2026, 7, 1))
    new = await publish_policy(session, actor, later, at=AT)
    assert (await effective_policy(session, brand.id, date(2026, 6, 30))).version_id == old.id
    assert (await effective_policy(session, brand.id, date(2026, 7, 1))).version_id == new.id
    assert (await pinned_policy(session, old.id, date(2026, 7, 1))).policy == pack


async def test_publishing_the_same_again_changes_nothing(session, actor, pack):
    first = await publish_policy(session, actor, pack, at=AT)
    again = await publish_policy(session, actor, pack, at=AT)
    assert again.id == first.id
    events = select(func.count()).where(
        Event.tenant_id == actor.tenant_id, Event.subject_id == first.id
    )
    assert await session.scalar(events) == 1


async def test_a_changed_pack_under_an_old_version_is_refused(session, actor, pack):
    await publish_policy(session, actor, pack, at=AT)
    with pytest.raises(PolicyVersionTaken):
        await publish_policy(session, actor, replace(pack, guarantee=None), at=AT)


async def test_only_who_may_publish_publishes(session, make, pack):
    clerk = make.actor(permissions={Permission.READ_POLICY})
    with pytest.raises(NotPermitted):
        await publish_policy(session, clerk, pack, at=AT)


async def test_a_policy_of_an_unknown_brand_is_not_published(session, actor):
    with pytest.raises(NotFound):
        await publish_policy(session, actor, words.policy(brand="nobody"), at=AT)


async def test_an_unknown_version_is_not_found(session):
    with pytest.raises(NotFound):
        await pinned_policy(session, new_id(), date(2026, 1, 1))


async def test_a_published_version_cannot_be_changed(session, actor, pack):
    version = await publish_policy(session, actor, pack, at=AT)
    change = (
        update(PolicyVersion)
        .where(PolicyVersion.tenant_id == actor.tenant_id, PolicyVersion.id == version.id)
        .values(sha256="0")
    )
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(change)


async def test_a_document_that_differs_from_its_hash_is_a_fault(session, make, brand, pack):
    altered = document_of(pack) | {"version": "2026.1b"}
    await make.save(
        PolicyVersion(
            tenant_id=make.tenant_id,
            id=new_id(),
            brand_id=brand.id,
            code=pack.code,
            version=pack.version,
            effective_from=pack.effective_from,
            sha256="f" * 64,
            document=altered,
            published_at=AT,
            published_by=new_id(),
        )
    )
    with pytest.raises(ValueError, match="altered"):
        await effective_policy(session, brand.id, date(2026, 2, 1))


@pytest.fixture
async def operator_session(admin_engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    async with global_work(admin_engine) as session:
        yield session


def _operator(make: Factory) -> Actor:
    return make.actor(kind=ActorKind.SYSTEM)


async def test_the_law_of_the_day_is_the_floor(session, make, actor, brand, admin_engine):
    code = f"law-{brand.code}"
    law = words.law(code=code, version="2001")
    stricter = replace(
        law,
        version="2026-06",
        in_force_from=date(2026, 6, 1),
        coverage={"phone": CategoryCover(whole=words.term(rule="L-1", labour=36, part=36))},
    )
    async with global_work(admin_engine) as operator:
        for version in (law, stricter):
            await publish_law(operator, _operator(make), version)
    pack = words.policy(
        brand=brand.code, code=brand.code, coverage={"phone": words.cover(law=code)}
    )
    await publish_policy(session, actor, pack, at=AT)
    line = words.facts(date(2027, 9, 1))
    before = await effective_policy(session, brand.id, date(2026, 5, 31))
    after = await effective_policy(session, brand.id, date(2026, 6, 1))
    assert before.decide(line).payer is Payer.CUSTOMER
    lifted = after.decide(line)
    assert lifted.floor is not None
    assert (lifted.payer, lifted.floor.version) == (Payer.BRAND, "2026-06")


async def test_a_law_is_published_once_and_by_the_operator(operator_session, make):
    law = words.law(code=f"law-{new_id().hex}")
    first = await publish_law(operator_session, _operator(make), law)
    assert (await publish_law(operator_session, _operator(make), law)).id == first.id
    with pytest.raises(PolicyVersionTaken):
        await publish_law(operator_session, _operator(make), replace(law, permits=()))
    with pytest.raises(NotPermitted):
        await publish_law(operator_session, make.actor(), law)


async def test_a_compiled_version_costs_one_statement(session, actor, engine, brand, pack):
    await publish_policy(session, actor, pack, at=AT)
    first = await effective_policy(session, brand.id, date(2026, 2, 1))
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    try:
        again = await effective_policy(session, brand.id, date(2026, 2, 1))
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", count)
    assert len(statements) == 1
    assert "document" not in statements[0]
    assert again.compiled is first.compiled


async def test_the_shelf_of_compiled_versions_is_bounded(session, actor, brand, pack, monkeypatch):
    monkeypatch.setattr(queries, "SHELF_SIZE", 2)
    monkeypatch.setattr(queries, "_policies", type(queries._policies)())
    for month in (1, 2, 3):
        version = replace(pack, version=f"2026.{month}", effective_from=date(2026, month, 1))
        await publish_policy(session, actor, version, at=AT)
        await effective_policy(session, brand.id, date(2026, month, 15))
    assert len(queries._policies) == 2
    assert (await effective_policy(session, brand.id, date(2026, 1, 15))).policy.version == "2026.1"
