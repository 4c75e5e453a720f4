"""Telling a person everything that is held about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.evidence.operations import record
from serviceco.evidence.tables import Event
from serviceco.privacy.holdings import (
    is_shown,
    linked_tables,
    loose_tables,
    personal_columns,
    rows_about,
    rows_naming,
)
from serviceco.privacy.operations import enter
from serviceco.privacy.queries import count_holdings, get_customer
from serviceco.privacy.rules import EXPORT_LASTS
from serviceco.privacy.tables import AuditRecord
from serviceco.privacy.words import AlreadyErased, AuditAct, ExportExpired
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.base import Table
from serviceco.storage.unit_of_work import tenant_of


async def export_person(
    session: AsyncSession, actor: Actor, customer_id: UUID, *, at: datetime
) -> AuditRecord:
    """Enter that everything about a person is taken out; `read_export` gives it for some minutes.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        NotFound: the company has no such customer.
        AlreadyErased: nothing is left to tell.
    """
    customer = await get_customer(session, actor, customer_id, lock=True)
    if customer.erased_at is not None:
        raise AlreadyErased("This person was erased.")
    held = {holding.table: holding.rows for holding in await count_holdings(session, customer_id)}
    await record(session, actor, "customer.exported", customer, at=at, rows=held)
    return await enter(
        session, actor, AuditAct.EXPORTED, at=at, customer_id=customer_id, detail=held
    )


async def read_export(
    session: AsyncSession, actor: Actor, export_id: UUID, *, at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return every row about the person of an export, by table, the oldest first.

    Times are ISO 8601, amounts in minor units. Events are those of the person and their orders.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        ExportExpired: somebody else's export, one older than some minutes, or none.
    """
    actor.require(Permission.MANAGE_PRIVACY)
    entered = await session.scalar(
        select(AuditRecord).where(
            AuditRecord.tenant_id == tenant_of(session),
            AuditRecord.id == export_id,
            AuditRecord.act == AuditAct.EXPORTED,
            AuditRecord.account_id == actor.account_id,
            AuditRecord.at > at - EXPORT_LASTS,
        )
    )
    if entered is None or entered.customer_id is None:
        raise ExportExpired("This export is over. Make a new one.")
    return await everything_about(session, entered.customer_id)


async def everything_about(
    session: AsyncSession, customer_id: UUID
) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table; the actor's right was asked before."""
    tenant_id = tenant_of(session)
    found = {
        name: await _rows(session, name, rows_about(name, tenant_id, customer_id))
        for name in linked_tables()
    }
    marks = [str(row[name]) for row in found["customer"] for name in ("phone", "email", "name")]
    for name in loose_tables():
        found[name] = await _rows(session, name, rows_naming(name, tenant_id, marks), loose=True)
    found["event"] = await _events(session, customer_id)
    return {name: rows for name, rows in found.items() if rows}


async def _rows(
    session: AsyncSession, name: str, which: ColumnElement[bool], *, loose: bool = False
) -> list[dict[str, Any]]:
    table = Table.metadata.tables[name]
    shown = personal_columns()[name] if loose else [c for c in table.columns if is_shown(c)]
    pairs = [part for column in shown for part in (column.name, column)]
    one = func.jsonb_build_object(*pairs, type_=JSONB)
    first = next(c for c in table.primary_key.columns if c.name != "tenant_id")
    query = select(func.jsonb_agg(aggregate_order_by(one, first), type_=JSONB)).where(which)
    return await session.scalar(query.select_from(table)) or []


async def _events(session: AsyncSession, customer_id: UUID) -> list[dict[str, Any]]:
    tenant_id = tenant_of(session)
    orders = select(RepairOrder.id).where(
        RepairOrder.tenant_id == tenant_id, RepairOrder.customer_id == customer_id
    )
    query = select(Event.at, Event.act, Event.subject_kind, Event.subject_id, Event.detail).where(
        Event.tenant_id == tenant_id,
        (Event.subject_id == customer_id) | Event.subject_id.in_(orders),
    )
    rows = await session.execute(query.order_by(Event.at, Event.id))
    return [
        {"at": at.isoformat(), "act": act, "subject": kind, "id": str(subject), "detail": detail}
        for at, act, kind, subject, detail in rows
    ]
