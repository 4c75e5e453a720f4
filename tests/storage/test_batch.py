from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.storage.batch import adopt, insert_together
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
