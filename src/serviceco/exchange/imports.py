"""Importing history in batches, each one unit of work. Imported history does not act.

A batch is safe to repeat: what is there already and has not changed is left alone. So the same
file once more completes an import that was interrupted.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound
from serviceco.customers.tables import Device
from serviceco.evidence.operations import record_many
from serviceco.evidence.rules import commitment
from serviceco.exchange.corrections import correct_orders
from serviceco.exchange.packs import OrdsFile
from serviceco.exchange.queries import find_earlier
from serviceco.exchange.registers import (
    Registers,
    categories_by_number,
    fill_registers,
    lock_days,
    take_numbers,
)
from serviceco.exchange.rules import Report, has_words, kept_fields, language_of, sort_out
from serviceco.exchange.tables import ImportedRow, ImportRun
from serviceco.exchange.words import ORDS, Repair, Sorted
from serviceco.policy.words import Coverage
from serviceco.repairs.rules import SearchFacts
from serviceco.repairs.searching import write_search_keys
from serviceco.repairs.tables import CustomerWords, RepairOrder
from serviceco.repairs.words import Origin, RepairStatus, ServiceMode
from serviceco.storage.batch import insert_many
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of

# Who pays is not recorded in the standard, nor when the device was ready or who brought it; what
# is not recorded stays undecided or empty.
_CLOSED_HISTORY = {
    "origin": Origin.IMPORT,
    "mode": ServiceMode.CARRY_IN,
    "status": RepairStatus.CLOSED,
    "coverage": Coverage.UNDECIDED,
    "symptom_codes": [],
    "condition_codes": [],
    "accessories": [],
}


@dataclass(slots=True)
class Draft:
    """An order about to be written, with the end of its chain."""

    repair: Repair
    number: str
    id: UUID = field(default_factory=new_id)
    device_id: UUID = field(default_factory=new_id)
    salt: bytes = field(default_factory=lambda: os.urandom(16))
    event_seq: int = 0
    event_hash: bytes = b""
    __tablename__ = RepairOrder.__tablename__


async def open_run(
    session: AsyncSession, actor: Actor, source: OrdsFile, *, at: datetime
) -> ImportRun:
    """Begin an import of a file that was found whole.

    Raises:
        NotPermitted: the actor may not import history.
        CategoriesMissing: the register of categories is not filled.
    """
    actor.require(Permission.IMPORT_HISTORY)
    await categories_by_number(session)
    run = ImportRun(
        tenant_id=tenant_of(session),
        id=new_id(),
        source=ORDS,
        file_name=source.path.name,
        sha256=source.sha256,
        started_at=at,
        started_by=actor.account_id,
        imported=0,
        unchanged=0,
        changed=0,
        rejected=0,
        report={},
    )
    session.add(run)
    await session.flush()
    return run


async def preview_batch(session: AsyncSession, actor: Actor, repairs: Sequence[Repair]) -> Sorted:
    """Tell what an import of these rows would do; write nothing.

    Raises:
        NotPermitted: the actor may not import history.
        CategoriesMissing: the register of categories is not filled.
    """
    actor.require(Permission.IMPORT_HISTORY)
    await categories_by_number(session)
    return sort_out(repairs, await find_earlier(session, [repair.key for repair in repairs]))


async def import_batch(
    session: AsyncSession, actor: Actor, run_id: UUID, repairs: Sequence[Repair], *, at: datetime
) -> Sorted:
    """Import rows that are new, and correct those that their source has changed since.

    Locks the order sequences of the rows' days. Sends one `repair.imported` for all new orders.

    Raises:
        NotPermitted: the actor may not import history.
        CategoriesMissing: the register of categories is not filled.
    """
    actor.require(Permission.IMPORT_HISTORY)
    await lock_days(session, {repair.event_on for repair in repairs})
    batch = sort_out(repairs, await find_earlier(session, [repair.key for repair in repairs]))
    stale = [changed.repair for changed in batch.changed]
    if batch.new or stale:
        registers = await fill_registers(session, [*batch.new, *stale])
        await _add_orders(session, actor, run_id, batch.new, registers, at=at)
        await correct_orders(session, actor, run_id, batch.changed, registers, at=at)
    return batch


async def close_run(
    session: AsyncSession, actor: Actor, run_id: UUID, report: Report, *, at: datetime
) -> ImportRun:
    """End an import and keep its report.

    Raises:
        NotPermitted: the actor may not import history.
        NotFound: there is no such run.
    """
    actor.require(Permission.IMPORT_HISTORY)
    run = await session.scalar(
        select(ImportRun)
        .where(ImportRun.tenant_id == tenant_of(session), ImportRun.id == run_id)
        .with_for_update()
    )
    if run is None:
        raise NotFound("There is no such import.")
    run.imported, run.unchanged = report.imported, report.unchanged
    run.changed, run.rejected = report.changed, report.rejected
    run.report = report.document()
    run.finished_at = at
    await session.flush()
    return run


async def _add_orders(
    session: AsyncSession,
    actor: Actor,
    run_id: UUID,
    repairs: Sequence[Repair],
    registers: Registers,
    *,
    at: datetime,
) -> None:
    if not repairs:
        return
    numbers = await take_numbers(session, Counter(repair.event_on for repair in repairs))
    drafts = [Draft(repair, numbers[repair.event_on].pop(0)) for repair in repairs]
    details = [(draft, _detail(draft, run_id)) for draft in drafts]
    await record_many(session, actor, "repair.imported", details, at=at)
    tenant_id = tenant_of(session)
    devices = [_device(draft, registers) for draft in drafts]
    await insert_many(session, Device, devices, tenant_id=tenant_id, created_at=at)
    orders = [_order(draft, registers) for draft in drafts]
    everywhere = {**_CLOSED_HISTORY, "currency": registers.currency, "imported_from": ORDS}
    await insert_many(session, RepairOrder, orders, tenant_id=tenant_id, **everywhere)
    words = [_words(draft) for draft in drafts if has_words(draft.repair)]
    await insert_many(session, CustomerWords, words, tenant_id=tenant_id)
    rows = [_row(draft) for draft in drafts]
    await insert_many(session, ImportedRow, rows, tenant_id=tenant_id, source=ORDS, run_id=run_id)
    order_ids = [draft.id for draft in drafts]
    await write_search_keys(
        session, {draft.id: _search_facts(draft, registers) for draft in drafts}
    )
    await send(session, "repair.imported", {"run_id": run_id, "order_ids": order_ids}, at=at)


def _device(draft: Draft, registers: Registers) -> dict[str, Any]:
    return {"id": draft.device_id, **registers.device_columns(draft.repair)}


def _order(draft: Draft, registers: Registers) -> dict[str, Any]:
    return {
        "id": draft.id,
        "number": draft.number,
        "device_id": draft.device_id,
        "imported_as": draft.repair.key,
        "event_seq": draft.event_seq,
        "event_hash": draft.event_hash,
        **registers.order_columns(draft.repair),
    }


def _search_facts(draft: Draft, registers: Registers) -> SearchFacts:
    # Read back, they would be joined for a company that the planner has no statistics of yet.
    return SearchFacts(number=draft.number, products=registers.products_of(draft.repair))


def _words(draft: Draft) -> dict[str, Any]:
    repair = draft.repair
    language = language_of(repair.provider, repair.country)
    return {"id": draft.id, "words": repair.words, "language": language, "salt": draft.salt}


def _row(draft: Draft) -> dict[str, Any]:
    repair = draft.repair
    return {"key": repair.key, "order_id": draft.id, "fields": kept_fields(repair)}


def _detail(draft: Draft, run_id: UUID) -> dict[str, object]:
    repair = draft.repair
    said = commitment(draft.salt, repair.words) if has_words(repair) else None
    return {
        "source": ORDS,
        "key": repair.key,
        "run_id": run_id,
        "line": repair.line,
        "number": draft.number,
        "event_on": repair.event_on,
        "outcome": repair.outcome,
        "words": said,
    }
