"""Reading closed orders with all on which their decisions rested, in batches, the latest first."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, cast, func, literal, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from serviceco.core.canonical import canonical_json
from serviceco.customers.tables import Device
from serviceco.policy.words import LineKind, Payer
from serviceco.repairs.queries import list_decisions, list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, Origin, RepairStatus
from serviceco.repairs.work_tables import CoverageDecision, OrderLine
from serviceco.reports.replaying import DecidedLine, PastLine, PastOrder
from serviceco.storage.unit_of_work import tenant_of

UNKNOWN = UUID(int=0)


def select_past(
    tenant_id: UUID, brand_id: UUID, currency: str, *, below: UUID | None = None, most: int
) -> Select[*tuple[Any, ...]]:
    """Select ids of a brand's closed orders that a policy decided, the latest first."""
    orders = select(RepairOrder.id).where(
        RepairOrder.tenant_id == tenant_id,
        RepairOrder.brand_id == brand_id,
        RepairOrder.currency == currency,
        RepairOrder.policy_version_id.is_not(None),
        RepairOrder.origin == Origin.COUNTER,
        RepairOrder.closed_at.is_not(None),
        RepairOrder.status != RepairStatus.CANCELLED,
    )
    if below is not None:
        orders = orders.where(RepairOrder.id < below)
    return orders.order_by(RepairOrder.id.desc()).limit(most)


async def past_orders(session: AsyncSession, order_ids: Sequence[UUID]) -> list[PastOrder]:
    """Return orders with their lines and the facts of each, in the order of the ids."""
    tenant_id = tenant_of(session)
    lines = await _lines(session, order_ids)
    alone = [order_id for order_id in order_ids if not _has_live(lines[order_id])]
    visits = await _visits(session, alone)
    rows = await session.execute(
        select(
            RepairOrder.id,
            RepairOrder.branch_id,
            func.coalesce(Device.model_id, UNKNOWN),
            RepairOrder.coverage,
        )
        .join(Device, Device.id == RepairOrder.device_id)
        .where(
            RepairOrder.tenant_id == tenant_id,
            Device.tenant_id == tenant_id,
            _among(RepairOrder.id, order_ids),
        )
        .order_by(RepairOrder.id.desc())
    )
    return [
        PastOrder(order_id, branch_id, model_id, coverage, lines[order_id], visits.get(order_id))
        for order_id, branch_id, model_id, coverage in rows.all()
    ]


async def past_lines(session: AsyncSession, order_id: UUID) -> list[DecidedLine]:
    """Return the lines of an order that were decided; the visit as a whole if it has none."""
    kept = await list_decisions(session, order_id)
    by_id = {decision.id: decision for decision in kept}
    lines = [
        DecidedLine(line.line, line.code, line.names, _past(line, decision), decision.decision)
        for line in await list_lines(session, order_id)
        if (decision := by_id.get(line.decision_id or UNKNOWN)) is not None
    ]
    visits = [decision for decision in kept if decision.line_id is None]
    if lines or not visits:
        return lines
    nothing = OrderLine(
        line=LineKind.LABOUR, code="", quantity=0, amount_minor=0, payer=visits[-1].payer
    )
    return [DecidedLine(None, "", {}, _past(nothing, visits[-1]), visits[-1].decision)]


def _past(line: OrderLine, decision: CoverageDecision) -> PastLine:
    return PastLine(
        line.line,
        line.code,
        line.repair_level,
        line.quantity,
        line.amount_minor,
        line.payer,
        line.status is LineStatus.DECLINED,
        canonical_json(decision.facts).decode(),
    )


def _has_live(lines: Sequence[PastLine]) -> bool:
    return any(not line.is_declined for line in lines)


async def _lines(
    session: AsyncSession, order_ids: Collection[UUID]
) -> defaultdict[UUID, list[PastLine]]:
    tenant_id = tenant_of(session)
    rows = await session.execute(
        select(
            OrderLine.order_id,
            OrderLine.line,
            OrderLine.code,
            OrderLine.repair_level,
            OrderLine.quantity,
            OrderLine.amount_minor,
            OrderLine.payer,
            OrderLine.status == LineStatus.DECLINED,
            cast(CoverageDecision.facts, Text),
        )
        .outerjoin(
            CoverageDecision,
            (CoverageDecision.tenant_id == tenant_id)
            & (CoverageDecision.id == OrderLine.decision_id),
        )
        .where(OrderLine.tenant_id == tenant_id, _among(OrderLine.order_id, order_ids))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    lines: defaultdict[UUID, list[PastLine]] = defaultdict(list)
    for row in rows.all():
        lines[row[0]].append(PastLine(*row[1:]))
    return lines


async def _visits(
    session: AsyncSession, order_ids: Collection[UUID]
) -> dict[UUID, tuple[Payer, str]]:
    """Return the last decision on the visit as a whole of each order."""
    if not order_ids:
        return {}
    rows = await session.execute(
        select(
            CoverageDecision.order_id, CoverageDecision.payer, cast(CoverageDecision.facts, Text)
        )
        .where(
            CoverageDecision.tenant_id == tenant_of(session),
            CoverageDecision.line_id.is_(None),
            _among(CoverageDecision.order_id, order_ids),
        )
        .ext(distinct_on(CoverageDecision.order_id))
        .order_by(CoverageDecision.order_id, CoverageDecision.decided_at.desc())
    )
    return {order_id: (payer, facts) for order_id, payer, facts in rows.all()}


def _among(column: InstrumentedAttribute[UUID], ids: Collection[UUID]) -> ColumnElement[bool]:
    return column == any_(literal(list(ids), ARRAY(UuidType())))
