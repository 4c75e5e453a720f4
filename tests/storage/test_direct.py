"""Statements that go straight to the driver keep what SQLAlchemy's own way promises."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, bindparam, event, insert, literal, select, text
from sqlalchemy.exc import DBAPIError

from serviceco.core.ids import new_id
from serviceco.repairs.words import RepairStatus
from serviceco.storage.base import enum_column
from serviceco.storage.direct import Direct
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import unit_of_work

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENTRIES = OutboxEntry.metadata.tables[OutboxEntry.__tablename__]
COLUMNS = [column.name for column in ENTRIES.columns]


async def test_values_go_and_come_as_their_types_have_them(engine, tenant_id):
    asked = Direct(
        select(
            bindparam("words", type_=JSON()),
            bindparam("status", type_=enum_column(RepairStatus)),
            bindparam("at", NOON),
            literal(7),
        )
    )
    values = {"words": {"a": [1, "二"]}, "status": RepairStatus.RECEIVED}
    async with unit_of_work(engine, tenant_id) as session:
        [row] = await asked.rows(session, values)
        assert row == ({"a": [1, "二"]}, RepairStatus.RECEIVED, NOON, 7)
        [row] = await asked.rows(session, {"words": None, "status": None})
        assert row == (None, None, NOON, 7)


async def test_they_are_part_of_the_sessions_transaction(engine, tenant_id):
    written = Direct(
        insert(ENTRIES).values({name: bindparam(name) for name in COLUMNS}).returning(ENTRIES.c.id)
    )
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"tenant_id": tenant_id, "id": new_id(), "topic": "test", "payload": {"n": 1}}
    row |= {"created_at": NOON, "due_at": NOON, "attempts": 0}
    async with unit_of_work(engine, tenant_id) as session:
        assert await written.rows(session, row) == [(row["id"],)]
        found = await session.get(OutboxEntry, (tenant_id, row["id"]))
        assert found is not None
        assert found.payload == {"n": 1}
        await session.rollback()
    async with unit_of_work(engine, tenant_id) as session:
        assert await session.get(OutboxEntry, (tenant_id, row["id"])) is None


async def test_what_the_database_refuses_is_the_same_error(engine, tenant_id):
    broken = Direct(select(text("1 / 0")))
    with pytest.raises(DBAPIError) as refused:
        async with unit_of_work(engine, tenant_id) as session:
            await broken.rows(session, {})
    assert getattr(refused.value.orig, "sqlstate", None) == "22012"
    async with unit_of_work(engine, tenant_id) as session:
        assert await Direct(select(literal(1))).rows(session, {}) == [(1,)]


async def test_whoever_listens_to_statements_hears_and_may_change_them(engine, tenant_id):
    heard: list[str] = []

    def hear(_connection, _cursor, sql, values, _context, _many):
        heard.append(sql)
        return sql.replace("1 AS", "2 AS"), values

    event.listen(engine.sync_engine, "before_cursor_execute", hear, retval=True)
    try:
        async with unit_of_work(engine, tenant_id) as session:
            assert await Direct(select(text("1 AS one"))).rows(session, {}) == [(2,)]
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", hear)
    assert heard[-1].startswith("SELECT 1 AS one")


def test_a_column_that_only_sqlalchemy_would_fill_in_is_refused():
    with pytest.raises(TypeError, match="attempts"):
        Direct(insert(ENTRIES).values({n: bindparam(n) for n in COLUMNS if n != "attempts"}))
