"""Erasing a person: the words go, the counts, the books and the chain stay."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.customers.tables import Customer
from serviceco.evidence.operations import record, record_many
from serviceco.identity.links import revoke_links
from serviceco.oversight.operations import project_cases
from serviceco.privacy.holdings import (
    blank,
    linked_tables,
    loose_tables,
    personal_columns,
    rows_about,
    rows_naming,
)
from serviceco.privacy.operations import enter
from serviceco.privacy.photos import drop_photos
from serviceco.privacy.queries import count_holdings, get_customer, list_obstacles
from serviceco.privacy.tables import AuditRecord
from serviceco.privacy.words import AuditAct, Ground
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.work_tables import Photo
from serviceco.storage.base import Table
from serviceco.storage.unit_of_work import tenant_of

# With the words goes what a guess at them could be checked with.
_SALT = "salt"


async def erase_person(
    session: AsyncSession, actor: Actor, customer_id: UUID, *, ground: Ground, at: datetime
) -> AuditRecord:
    """Erase what tells of a customer in every registered column, their photos and their links.

    Orders, lines, claims and books stay and tell of nobody. The chain holds the commitments to
    what was said, and now this act. A second time changes nothing and returns the first record.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        NotFound: the company has no such customer.
        OrderStillOpen: a device of theirs is still here.
        ClaimUnsettled: a brand may still ask for the evidence of a claim.
    """
    customer = await get_customer(session, actor, customer_id, lock=True)
    if customer.erased_at is not None:
        return await _first_record(session, customer_id)
    if obstacles := await list_obstacles(session, customer_id, at=at):
        raise obstacles[0]
    held = {each.table: each.rows for each in await count_holdings(session, customer_id)}
    marks = await _marks_of(session, customer)
    orders = await _orders_of(session, customer_id)
    ids = [order.id for order in orders]
    await drop_photos(session, Photo.order_id.in_(ids), at=at)
    for order_id in ids:
        await revoke_links(session, order_id, at=at)
    told = {"ground": ground}
    await record_many(
        session, actor, "repair.customer_erased", [(order, told) for order in orders], at=at
    )
    await _blank_all(session, customer_id, marks)
    # The words by which orders are found, and the serials that brands are shown, follow at once.
    await renew_search_keys(session, ids)
    await project_cases(session, ids, at=at)
    await session.refresh(customer)
    customer.erased_at = at
    customer.version += 1
    await record(session, actor, "customer.erased", customer, at=at, ground=ground, rows=held)
    return await enter(
        session,
        actor,
        AuditAct.ERASED,
        at=at,
        customer_id=customer_id,
        detail={"ground": ground.value, **held},
    )


async def _first_record(session: AsyncSession, customer_id: UUID) -> AuditRecord:
    query = sa.select(AuditRecord).where(
        AuditRecord.tenant_id == tenant_of(session),
        AuditRecord.customer_id == customer_id,
        AuditRecord.act == AuditAct.ERASED,
    )
    return (await session.scalars(query)).one()


async def _orders_of(session: AsyncSession, customer_id: UUID) -> Sequence[RepairOrder]:
    query = sa.select(RepairOrder).where(
        RepairOrder.tenant_id == tenant_of(session), RepairOrder.customer_id == customer_id
    )
    locked = query.order_by(RepairOrder.id).with_for_update()
    return (await session.scalars(locked.execution_options(populate_existing=True))).all()


async def _marks_of(session: AsyncSession, customer: Customer) -> set[str]:
    """Return the texts by which the person is found where no key leads: all that are theirs."""
    tenant_id = tenant_of(session)
    marks: set[str] = set()
    for name in ("customer", "customer_words", "handover"):
        texts = [c for c in personal_columns()[name] if isinstance(c.type, sa.Text)]
        named = [c for c in texts if c.name != "language"]
        for row in await session.execute(
            sa.select(*named).where(rows_about(name, tenant_id, customer.id))
        ):
            marks |= {text for text in row if text}
    return marks | {customer.phone.removeprefix("+86")} - {""}


async def _blank_all(session: AsyncSession, customer_id: UUID, marks: Iterable[str]) -> None:
    """Blank every personal column: of rows that are the person's, and of those that name them."""
    tenant_id = tenant_of(session)
    linked = [name for name in linked_tables() if name in personal_columns()]
    # The customer last: the ways of the others lead through their rows, not their words.
    for name in sorted(linked, key=lambda name: name == "customer"):
        await _blank(session, name, rows_about(name, tenant_id, customer_id))
    for name in loose_tables():
        await _blank(session, name, rows_naming(name, tenant_id, marks))


async def _blank(session: AsyncSession, name: str, which: sa.ColumnElement[bool]) -> None:
    table = Table.metadata.tables[name]
    values: dict[str, Any] = {c.name: blank(c) for c in personal_columns()[name]}
    if _SALT in table.columns:
        values[_SALT] = b""
    await session.execute(sa.update(table).where(which).values(values))
