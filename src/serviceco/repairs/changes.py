"""Which orders changed lately: what a process that keeps pages fresh asks, again and again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, and_, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.ids import first_id_of
from serviceco.evidence.tables import Event
from serviceco.repairs.tables import RepairOrder

MOST_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event of an order, by ids alone; `event_id` tells a change that was seen before."""

    event_id: UUID
    tenant_id: UUID
    branch_id: UUID
    order_id: UUID


async def find_changes(
    relay: AsyncEngine, tenant_ids: Collection[UUID], *, since: datetime
) -> list[Change]:
    """Return what was recorded of orders since an instant, in these companies, the latest first.

    Ids of events begin with the instant at which they were made, which is before their
    transaction commits: whoever must miss nothing asks again for the same stretch of time. At
    most `MOST_AT_ONCE` changes come. Imported history is nobody's news. Runs as
    `serviceco_relay`, which reads across companies, and ids alone.
    """
    statement = (
        select(Event.id, Event.tenant_id, RepairOrder.branch_id, Event.subject_id)
        .join(
            RepairOrder,
            and_(RepairOrder.tenant_id == Event.tenant_id, RepairOrder.id == Event.subject_id),
        )
        .where(
            Event.tenant_id == any_(bindparam("tenants", list(tenant_ids), ARRAY(Uuid()))),
            Event.id >= first_id_of(since),
            RepairOrder.imported_from.is_(None),
        )
        .order_by(Event.id.desc())
        .limit(MOST_AT_ONCE)
    )
    async with relay.connect() as connection:
        return [
            Change(event_id=event_id, tenant_id=tenant_id, branch_id=branch_id, order_id=order_id)
            for event_id, tenant_id, branch_id, order_id in await connection.execute(statement)
        ]
