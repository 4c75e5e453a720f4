"""Keeping the roll-ups: a day is recomputed from its orders, never added to.

So a second delivery changes nothing, entries may come in any order, and what one left out comes
right with the next one for the same day. Two workers take turns by the lock of the branch's row,
which does not stop anybody from taking in devices there. A month is the sum of its days.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Select,
    Subquery,
    and_,
    any_,
    cast,
    delete,
    except_,
    func,
    literal,
    select,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.periods import Period, add_months
from serviceco.repairs.tables import RepairOrder
from serviceco.reports.facts import (
    Place,
    daily_intake,
    daily_work,
    local_date,
    spans_of,
    summed_counts,
)
from serviceco.reports.rules import add_up, month_of, orders_in, pack, places_in, unpack
from serviceco.reports.tables import BranchIntake, BranchWork, RollupApplied
from serviceco.reports.words import TOPICS, Span
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch

_AT_ONCE = 5_000
_ORDERS_AT_ONCE = 100_000
_EVER = Period(date(1900, 1, 1), date(2200, 1, 1))


class Delivered(Protocol):
    """An outbox entry as the worker hands it over."""

    @property
    def id(self) -> UUID:
        """The stable id, the same at every delivery."""

    @property
    def topic(self) -> str:
        """What happened."""

    @property
    def payload(self) -> dict[str, Any]:
        """The orders it happened to."""


async def apply_entries(
    session: AsyncSession, entries: Sequence[Delivered], *, at: datetime
) -> int:
    """Bring the days that these outbox entries touch up to date; return how many were new.

    Entries of other topics and those applied before are passed over. Locks the branches.
    """
    ours = {entry.id: entry for entry in entries if entry.topic in TOPICS}
    if not ours:
        return 0
    applied = await session.scalars(
        insert(RollupApplied)
        .values(
            [
                {"tenant_id": tenant_of(session), "entry_id": entry_id, "applied_at": at}
                for entry_id in ours
            ]
        )
        .on_conflict_do_nothing()
        .returning(RollupApplied.entry_id)
    )
    fresh = [ours[entry_id] for entry_id in applied]
    days = {place for entry in fresh for place in places_in(entry.payload)}
    orders = {order_id for entry in fresh for order_id in orders_in(entry.payload)}
    days |= await _days_of(session, orders)
    await recount(session, days)
    return len(fresh)


async def recount(session: AsyncSession, days: Collection[tuple[UUID, date]]) -> None:
    """Compute these branches' days, and the months around them, from the orders as they are now."""
    if not days:
        return
    branch_ids = {branch_id for branch_id, _ in days}
    await _take_turns(session, branch_ids)
    places = [(branch_id, Period(day, day + timedelta(days=1))) for branch_id, day in days]
    months = {(branch_id, month_of(day)) for branch_id, day in days}
    await _write_days(session, places)
    await _fold_months(
        session, [(branch_id, Period(month, add_months(month, 1))) for branch_id, month in months]
    )


async def rebuild(session: AsyncSession) -> int:
    """Compute all roll-ups of the tenant from scratch; return how many closed orders they hold.

    Locks every branch of the tenant until the transaction ends.
    """
    tenant_id = tenant_of(session)
    branch_ids = (
        await session.scalars(select(Branch.id).where(Branch.tenant_id == tenant_id))
    ).all()
    await _take_turns(session, branch_ids)
    for table in (BranchWork, BranchIntake):
        await session.execute(
            delete(table)
            .where(table.tenant_id == tenant_id)
            .execution_options(synchronize_session=False)
        )
    async for places in _histories(session):
        await _write_days(session, places)
        await _fold_months(session, places)
    counted = select(func.coalesce(func.sum(BranchWork.orders), 0)).where(
        BranchWork.tenant_id == tenant_id, BranchWork.span == Span.MONTH
    )
    return int((await session.execute(counted)).scalar_one())


async def list_stale_days(session: AsyncSession) -> list[tuple[str, date]]:
    """Return branch codes and the days whose roll-ups differ from the orders in anything.

    While entries wait for the worker, their days are among them.
    """
    tenant_id = tenant_of(session)
    stale: set[tuple[str, date]] = set()
    branches = await session.execute(
        select(Branch.id, Branch.code).where(Branch.tenant_id == tenant_id)
    )
    for branch_id, code in branches.all():
        place = (branch_id, _EVER)
        for table, counted in _daily(tenant_id, [place]):
            columns = [table.__table__.c[column.name] for column in counted.selected_columns]
            kept = select(*columns).where(
                table.tenant_id == tenant_id,
                table.span == Span.DAY,
                _inside(table, spans_of([place])),
            )
            for more, less in ((counted, kept), (kept, counted)):
                differing = except_(more, less).subquery()
                days = await session.scalars(select(differing.c.starts_on).distinct())
                stale |= {(code, day) for day in days}
    return sorted(stale)


async def _take_turns(session: AsyncSession, branch_ids: Collection[UUID]) -> None:
    mine = Branch.id == any_(literal(list(branch_ids), ARRAY(UuidType())))
    await session.execute(
        select(Branch.id)
        .where(Branch.tenant_id == tenant_of(session), mine)
        .order_by(Branch.id)
        .with_for_update(key_share=True)
    )


async def _days_of(session: AsyncSession, order_ids: Iterable[UUID]) -> set[tuple[UUID, date]]:
    """Return where and when the orders count, and those that they are a repeat of."""
    tenant_id, left = tenant_of(session), iter(order_ids)
    days: set[tuple[UUID, date]] = set()
    while some := list(islice(left, _AT_ONCE)):
        among = literal(some, ARRAY(UuidType()))
        earlier = select(RepairOrder.repeat_of_id).where(
            RepairOrder.tenant_id == tenant_id, RepairOrder.id == any_(among)
        )
        found = await session.execute(
            select(
                RepairOrder.branch_id,
                local_date(RepairOrder.received_at),
                local_date(RepairOrder.closed_at),
            )
            .join(Branch, and_(Branch.tenant_id == tenant_id, Branch.id == RepairOrder.branch_id))
            .where(
                RepairOrder.tenant_id == tenant_id,
                (RepairOrder.id == any_(among)) | RepairOrder.id.in_(earlier),
            )
        )
        days |= {(row[0], day) for row in found for day in row[1:] if day}
    return days


async def _histories(session: AsyncSession) -> AsyncIterator[list[Place]]:
    """Yield all branches with the months in which they were at work, some 100,000 orders at a time."""
    tenant_id, order = tenant_of(session), RepairOrder
    found = await session.execute(
        select(
            order.branch_id,
            func.min(local_date(order.received_at)),
            func.max(local_date(func.greatest(order.received_at, order.closed_at))),
            func.count(),
        )
        .select_from(order)
        .join(Branch, and_(Branch.tenant_id == tenant_id, Branch.id == order.branch_id))
        .where(order.tenant_id == tenant_id)
        .group_by(order.branch_id)
    )
    places: list[Place] = []
    waiting = 0
    for branch_id, first, last, orders in found.all():
        places.append((branch_id, Period(month_of(first), add_months(month_of(last), 1))))
        waiting += orders
        if waiting > _ORDERS_AT_ONCE:
            yield places
            places, waiting = [], 0
    if places:
        yield places


def _daily(
    tenant_id: UUID, places: Sequence[Place]
) -> tuple[tuple[type[BranchWork | BranchIntake], Select[*tuple[Any, ...]]], ...]:
    return (BranchWork, daily_work(tenant_id, places)), (
        BranchIntake,
        daily_intake(tenant_id, places),
    )


async def _write_days(session: AsyncSession, places: Sequence[Place]) -> None:
    for table, counted in _daily(tenant_of(session), places):
        await _forget(session, table, Span.DAY, places)
        names = [column.name for column in counted.selected_columns]
        await session.execute(insert(table).from_select(names, counted))


async def _fold_months(session: AsyncSession, places: Sequence[Place]) -> None:
    """Sum days into months; `places` are whole months."""
    for table in (BranchWork, BranchIntake):
        await _forget(session, table, Span.MONTH, places)
        spans = spans_of(places)
        month = cast(func.date_trunc("month", table.starts_on), Date).label("starts_on")
        keys = [key for key in table.__table__.primary_key if key.name not in ("span", "starts_on")]
        found = await session.execute(
            select(*keys, month, *summed_counts(table))
            .where(
                table.tenant_id == tenant_of(session),
                table.span == Span.DAY,
                _inside(table, spans),
            )
            .group_by(*keys, month)
        )
        rows = [{**row, "span": Span.MONTH} for row in found.mappings()]
        for row in rows:
            if "turnaround_bins" in row:
                row["turnaround_bins"] = pack(unpack(add_up(row["turnaround_bins"])))
        if rows:
            await session.execute(insert(table), rows)


async def _forget(
    session: AsyncSession,
    table: type[BranchWork | BranchIntake],
    span: Span,
    places: Sequence[Place],
) -> None:
    await session.execute(
        delete(table)
        .where(
            table.tenant_id == tenant_of(session),
            table.span == span,
            _inside(table, spans_of(places)),
        )
        .execution_options(synchronize_session=False)
    )


def _inside(table: type[BranchWork | BranchIntake], spans: Subquery) -> ColumnElement[bool]:
    return and_(
        table.branch_id == spans.c.branch_id,
        table.starts_on >= spans.c.since,
        table.starts_on < spans.c.until,
    )
