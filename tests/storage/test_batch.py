from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.storage.batch import Alike, adopt, insert_many, insert_together
from serviceco.storage.outbox import OutboxEntry, compose_entry
from serviceco.tenancy.tables import Branch, Staff
from tests.factories import NOON, Factory
from tests.statements import counted


async def test_rows_of_several_tables_go_out_in_one_statement(
    session: AsyncSession, make: Factory
) -> None:
    await make.branch()  # the transaction has begun and names its tenant
    staff = Staff(tenant_id=make.tenant_id, id=new_id(), code="s9", name="李工")
    entries = [compose_entry(session, f"topic.{n}", {"n": n}, at=NOON) for n in (1, 2)]
    with counted() as sent:
        await insert_together(session, [*entries, staff])

    assert len(sent) == 1
    query = select(OutboxEntry.topic, OutboxEntry.attempts).where(
        OutboxEntry.tenant_id == make.tenant_id
    )
    written = {(topic, attempts) for topic, attempts in await session.execute(query)}
    assert written == {("topic.1", 0), ("topic.2", 0)}
    assert await session.get(Staff, (make.tenant_id, staff.id)) is not None


async def test_rows_that_are_alike_go_out_with_the_others(
    session: AsyncSession, make: Factory
) -> None:
    await make.branch()
    staff = Staff(tenant_id=make.tenant_id, id=new_id(), code="s9", name="李工")
    differing = [{"id": new_id(), "topic": f"topic.{n}", "attempts": n} for n in (1, 2)]
    shared = {
        "tenant_id": make.tenant_id,
        "payload": {"n": [1]},
        "created_at": NOON,
        "due_at": NOON,
    }
    with counted() as sent:
        await insert_together(session, [staff, Alike(OutboxEntry, differing, shared)])

    assert len(sent) == 1
    query = select(OutboxEntry.topic, OutboxEntry.attempts, OutboxEntry.payload).where(
        OutboxEntry.tenant_id == make.tenant_id
    )
    written = sorted(tuple(row) for row in await session.execute(query))
    assert written == [("topic.1", 1, {"n": [1]}), ("topic.2", 2, {"n": [1]})]


async def test_an_adopted_row_changes_like_one_that_was_read(
    session: AsyncSession, make: Factory
) -> None:
    branch = Branch(
        tenant_id=make.tenant_id, id=new_id(), code="b9", name="b9", zone="UTC", opened_at=NOON
    )
    await insert_together(session, [branch])
    adopt(session, branch)
    assert (branch.address, branch.imported_as) == ("", None)

    branch.address = "人民路 1 号"
    await session.flush()
    query = select(Branch.address).where(Branch.tenant_id == make.tenant_id, Branch.id == branch.id)
    assert await session.scalar(query) == "人民路 1 号"


async def test_many_rows_of_one_table_go_out_in_one_statement(
    session: AsyncSession, make: Factory
) -> None:
    await make.branch()  # the transaction has begun and names its tenant
    rows = [
        {"id": new_id(), "topic": f"topic.{n}", "payload": {"n": [n, None]}, "failed": failed}
        for n, failed in ((1, None), (2, "boom"))
    ]
    with counted() as sent:
        await insert_many(
            session, OutboxEntry, rows, tenant_id=make.tenant_id, created_at=NOON, due_at=NOON
        )

    assert len(sent) == 1
    query = (
        select(OutboxEntry)
        .where(OutboxEntry.tenant_id == make.tenant_id)
        .order_by(OutboxEntry.topic)
    )
    written = [
        (entry.topic, entry.payload, entry.failed, entry.attempts, entry.created_at)
        for entry in await session.scalars(query)
    ]
    assert written == [
        ("topic.1", {"n": [1, None]}, None, 0, NOON),
        ("topic.2", {"n": [2, None]}, "boom", 0, NOON),
    ]


async def test_no_rows_send_no_statement(session: AsyncSession, make: Factory) -> None:
    with counted() as sent:
        await insert_many(session, OutboxEntry, [], tenant_id=make.tenant_id)
    assert sent == []
