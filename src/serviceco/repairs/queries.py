"""Reads of repair orders."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.refusals import NotFound
from serviceco.customers.tables import Device
from serviceco.evidence.tables import Event
from serviceco.repairs.tables import CustomerWords, RepairOrder
from serviceco.repairs.work_tables import CoverageDecision, InspectionResult, OrderLine, Photo
from serviceco.storage.unit_of_work import tenant_of


async def get_order(
    session: AsyncSession, actor: Actor, number: str, *, lock: bool = False
) -> RepairOrder:
    """Return the order with that number; spaces in it do not matter.

    `lock` holds the row until the transaction ends.

    Raises:
        NotFound: no such order in this company, or in a branch out of the actor's scope.
    """
    wanted = "".join(number.split())
    return await _get(session, actor, RepairOrder.number == wanted, lock=lock)


async def get_order_by_id(
    session: AsyncSession, actor: Actor, order_id: UUID, *, lock: bool = False
) -> RepairOrder:
    """Return the order with that id, as `get_order` does."""
    return await _get(session, actor, RepairOrder.id == order_id, lock=lock)


async def list_lines(session: AsyncSession, order_id: UUID) -> Sequence[OrderLine]:
    """Return an order's lines by position."""
    query = select(OrderLine).where(
        OrderLine.tenant_id == tenant_of(session), OrderLine.order_id == order_id
    )
    return (await session.scalars(query.order_by(OrderLine.position))).all()


async def list_decisions(session: AsyncSession, order_id: UUID) -> Sequence[CoverageDecision]:
    """Return all decisions on an order and its lines, the oldest first."""
    query = select(CoverageDecision).where(
        CoverageDecision.tenant_id == tenant_of(session), CoverageDecision.order_id == order_id
    )
    ordered = query.order_by(CoverageDecision.decided_at, CoverageDecision.id)
    return (await session.scalars(ordered)).all()


async def list_results(session: AsyncSession, order_id: UUID) -> Sequence[InspectionResult]:
    """Return the answers given so far, in the order of the standard."""
    query = select(InspectionResult).where(
        InspectionResult.tenant_id == tenant_of(session), InspectionResult.order_id == order_id
    )
    # Answers are written in bulk, past what the session holds of them.
    fresh = query.execution_options(populate_existing=True)
    return (await session.scalars(fresh.order_by(InspectionResult.position))).all()


async def list_photos(session: AsyncSession, order_id: UUID) -> Sequence[Photo]:
    """Return an order's photos in the order in which they were taken."""
    query = select(Photo).where(Photo.tenant_id == tenant_of(session), Photo.order_id == order_id)
    return (await session.scalars(query.order_by(Photo.id))).all()


async def list_acts(session: AsyncSession, order_id: UUID) -> list[tuple[str, datetime]]:
    """Return what was done to an order and when, in the order of its chain."""
    query = select(Event.act, Event.at).where(
        Event.tenant_id == tenant_of(session), Event.subject_id == order_id
    )
    return [(act, at) for act, at in await session.execute(query.order_by(Event.seq))]


async def latest_event(session: AsyncSession, order_id: UUID) -> Event:
    """Return the latest act on an order, who did it included."""
    query = select(Event).where(Event.tenant_id == tenant_of(session), Event.subject_id == order_id)
    return (await session.scalars(query.order_by(Event.seq.desc()).limit(1))).one()


async def find_words(session: AsyncSession, order_id: UUID) -> CustomerWords | None:
    """Return what the customer said, or None once it is erased."""
    query = select(CustomerWords).where(
        CustomerWords.tenant_id == tenant_of(session), CustomerWords.id == order_id
    )
    return await session.scalar(query)


async def _get(
    session: AsyncSession, actor: Actor, which: ColumnElement[bool], *, lock: bool
) -> RepairOrder:
    query = select(RepairOrder).where(RepairOrder.tenant_id == tenant_of(session), which)
    if lock:
        # What the session read before the lock may be old by now.
        query = query.with_for_update().execution_options(populate_existing=True)
    order = await session.scalar(query)
    if order is None or not (actor.sees_branch(order.branch_id) and actor.sees_order(order.id)):
        raise NotFound("There is no such repair order.")
    return order


async def count_orders_by_alias(
    session: AsyncSession, alias_ids: Collection[UUID]
) -> dict[UUID, int]:
    """Return how many orders there are of devices that bear each printed name, where any are."""
    tenant_id = tenant_of(session)
    counted = await session.execute(
        select(Device.brand_alias_id, func.count())
        .join(
            RepairOrder,
            (RepairOrder.device_id == Device.id) & (RepairOrder.tenant_id == tenant_id),
        )
        .where(Device.tenant_id == tenant_id, Device.brand_alias_id.in_(alias_ids))
        .group_by(Device.brand_alias_id)
    )
    return {alias_id: orders for alias_id, orders in counted if alias_id is not None}
