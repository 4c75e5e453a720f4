"""Changing imported orders: their source corrected a row, or staff said which brand a name means."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, and_, any_, bindparam, literal, select, update
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.periods import local_day
from serviceco.customers.tables import Device
from serviceco.evidence.operations import record_many
from serviceco.evidence.rules import commitment
from serviceco.exchange.registers import Registers
from serviceco.exchange.rules import has_words, kept_fields, language_of
from serviceco.exchange.tables import ImportedRow
from serviceco.exchange.words import ORDS, Changed
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.tables import CustomerWords, RepairOrder
from serviceco.repairs.words import Origin
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_alias
from serviceco.tenancy.tables import Branch


@dataclass(slots=True)
class Locked:
    """An imported order under lock: where it counts, and the end of its chain."""

    id: UUID
    device_id: UUID
    branch_id: UUID
    received_at: datetime
    zone: str
    event_seq: int
    event_hash: bytes
    __tablename__ = RepairOrder.__tablename__

    @property
    def place(self) -> tuple[UUID, str]:
        """The branch and its day in reports."""
        return self.branch_id, local_day(self.received_at, self.zone).isoformat()


async def correct_orders(
    session: AsyncSession,
    actor: Actor,
    run_id: UUID,
    changes: Sequence[Changed],
    registers: Registers,
    *,
    at: datetime,
) -> None:
    """Bring imported orders in line with their source; each keeps its number and its history.

    Locks the orders. Sends one `repair.import_changed` that names where they counted before.
    """
    if not changes:
        return
    locked = await _lock(session, [change.earlier.order_id for change in changes])
    salts = {order_id: os.urandom(16) for order_id in locked}
    pairs = [(change, locked[change.earlier.order_id]) for change in changes]
    details = [(order, _detail(change, salts[order.id], run_id)) for change, order in pairs]
    await record_many(session, actor, "repair.import_changed", details, at=at)
    await _set_devices(
        session, [(order, registers.device_columns(change.repair)) for change, order in pairs]
    )
    await _set_orders(
        session, [(order, registers.order_columns(change.repair)) for change, order in pairs]
    )
    await renew_search_keys(session, list(locked))
    reworded = [change for change in changes if "problem" in change.columns]
    await _replace_words(session, reworded, salts)
    await _replace_rows(session, run_id, changes)
    await _tell(session, list(locked.values()), at=at)


async def name_brand(session: AsyncSession, actor: Actor, alias_id: UUID, *, at: datetime) -> int:
    """Give imported orders and devices the brand that their printed name means; return how many.

    It is the brand that the alias has now, so decisions may be heard late or in any order, and a
    second delivery changes nothing. Orders taken in at a counter keep the brand they were decided
    under. Locks the orders.

    Raises:
        NotPermitted: the actor does not manage brands.
        NotFound: there is no such alias.
    """
    actor.require(Permission.MANAGE_BRANDS)
    tenant_id, brand_id = tenant_of(session), (await get_alias(session, alias_id)).brand_id
    printed = (
        select(RepairOrder.id)
        .join(Device, and_(Device.tenant_id == tenant_id, Device.id == RepairOrder.device_id))
        .where(
            RepairOrder.tenant_id == tenant_id,
            RepairOrder.origin == Origin.IMPORT,
            RepairOrder.brand_id.is_distinct_from(brand_id),
            Device.brand_alias_id == alias_id,
        )
    )
    locked = list((await _lock(session, (await session.scalars(printed)).all())).values())
    detail = {"alias_id": alias_id, "brand_id": brand_id}
    await record_many(
        session, actor, "repair.brand_named", [(order, detail) for order in locked], at=at
    )
    named = [(order, {"brand_id": brand_id}) for order in locked]
    await _set_devices(session, named)
    await _set_orders(session, named)
    await renew_search_keys(session, [order.id for order in locked])
    await _tell(session, locked, at=at)
    return len(locked)


async def _lock(session: AsyncSession, order_ids: Sequence[UUID]) -> dict[UUID, Locked]:
    tenant_id, order = tenant_of(session), RepairOrder
    found = await session.execute(
        select(
            order.id,
            order.device_id,
            order.branch_id,
            order.received_at,
            Branch.zone,
            order.event_seq,
            order.event_hash,
        )
        .join(Branch, and_(Branch.tenant_id == tenant_id, Branch.id == order.branch_id))
        .where(
            order.tenant_id == tenant_id,
            order.id == any_(literal(list(order_ids), ARRAY(UuidType()))),
        )
        .order_by(order.id)
        .with_for_update(of=order)
    )
    return {row.id: Locked(*row) for row in found}


async def _set_devices(
    session: AsyncSession, columns: Sequence[tuple[Locked, Mapping[str, Any]]]
) -> None:
    rows = [{"key": order.device_id, **values} for order, values in columns]
    await _set_rows(session, Device, rows)


async def _set_orders(
    session: AsyncSession, columns: Sequence[tuple[Locked, Mapping[str, Any]]]
) -> None:
    rows = [
        {
            "key": order.id,
            "event_seq": order.event_seq,
            "event_hash": order.event_hash,
            **values,
        }
        for order, values in columns
    ]
    await _set_rows(session, RepairOrder, rows, version=RepairOrder.version + 1)


async def _set_rows(
    session: AsyncSession,
    kind: type[Device | RepairOrder],
    rows: Sequence[Mapping[str, Any]],
    **computed: Any,
) -> None:
    """Write the same columns of many rows, each named by its `key`, in one round trip."""
    if not rows:
        return
    table = kind.metadata.tables[kind.__tablename__]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "key"}
    statement = (
        update(table)
        .where(table.c.tenant_id == tenant_of(session), table.c.id == bindparam("old_key"))
        .values(**values, **computed)
    )
    given = [
        {("old_key" if name == "key" else f"new_{name}"): value for name, value in row.items()}
        for row in rows
    ]
    await session.execute(statement, given)


async def _replace_words(
    session: AsyncSession, reworded: Sequence[Changed], salts: Mapping[UUID, bytes]
) -> None:
    """Keep the words as their source now has them; the chain holds the commitments to both."""
    tenant_id = tenant_of(session)
    for change in reworded:
        order_id, repair = change.earlier.order_id, change.repair
        values = {
            "words": repair.words,
            "language": language_of(repair.provider, repair.country),
            "salt": salts[order_id],
        }
        await session.execute(
            insert(CustomerWords)
            .values(tenant_id=tenant_id, id=order_id, **values)
            .on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values)
        )


async def _replace_rows(session: AsyncSession, run_id: UUID, changes: Sequence[Changed]) -> None:
    table = ImportedRow.metadata.tables[ImportedRow.__tablename__]
    await session.execute(
        update(table)
        .where(
            table.c.tenant_id == tenant_of(session),
            table.c.source == ORDS,
            table.c.key == bindparam("old_key"),
        )
        .values(fields=bindparam("new_fields"), run_id=run_id),
        [
            {"old_key": change.repair.key, "new_fields": kept_fields(change.repair)}
            for change in changes
        ],
    )


async def _tell(session: AsyncSession, orders: Sequence[Locked], *, at: datetime) -> None:
    if orders:
        payload: dict[str, object] = {
            "order_ids": [order.id for order in orders],
            "was": sorted({order.place for order in orders}),
        }
        await send(session, "repair.import_changed", payload, at=at)


def _detail(change: Changed, salt: bytes, run_id: UUID) -> dict[str, object]:
    repair = change.repair
    reworded = "problem" in change.columns and has_words(repair)
    return {
        "source": ORDS,
        "key": repair.key,
        "run_id": run_id,
        "line": repair.line,
        "columns": change.columns,
        "event_on": repair.event_on,
        "outcome": repair.outcome,
        "words": commitment(salt, repair.words) if reworded else None,
    }
