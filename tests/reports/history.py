"""Orders as they lie in the database after their work, for reports to count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from serviceco.catalogue.operations import register_category
from serviceco.core.ids import new_id
from serviceco.customers.tables import Device
from serviceco.policy.words import Coverage
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Origin, Outcome, RepairStatus, ServiceMode
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Branch, Brand
from tests.factories import Factory


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox entry as the worker hands it over."""

    id: UUID
    topic: str
    payload: dict[str, Any]


def handed_over(*orders: RepairOrder) -> list[Delivery]:
    """What the worker delivers after these orders left the branch."""
    return [
        Delivery(new_id(), "repair.handed_over", {"order_id": str(order.id)}) for order in orders
    ]


@dataclass
class History:
    """Writes devices and orders in the test's transaction."""

    make: Factory
    category_id: UUID

    async def order(
        self,
        branch: Branch,
        *,
        closed_at: datetime | None,
        brand: Brand | None = None,
        hours: float | None = 24,
        coverage: Coverage = Coverage.IN_WARRANTY,
        outcome: Outcome | None = Outcome.REPAIRED,
        repeats: RepairOrder | None = None,
        received_at: datetime | None = None,
        **columns: Any,
    ) -> RepairOrder:
        """An order ready `hours` after it was received, and closed then; None is not recorded."""
        received_at = received_at or _before(closed_at, hours)
        order = {
            "number": f"{next(self.make.numbers):012d}",
            "branch_id": branch.id,
            "device_id": repeats.device_id if repeats else await self.device(),
            "brand_id": brand.id if brand else None,
            "category_id": self.category_id,
            "origin": Origin.COUNTER,
            "mode": ServiceMode.CARRY_IN,
            "status": RepairStatus.CLOSED if closed_at else RepairStatus.RECEIVED,
            "coverage": coverage,
            "outcome": outcome,
            "symptom_codes": [],
            "condition_codes": [],
            "accessories": [],
            "repeat_of_id": repeats.id if repeats else None,
            "received_at": received_at,
            "ready_at": received_at + timedelta(hours=hours) if hours is not None else None,
            "closed_at": closed_at,
            "currency": "CNY",
        } | columns
        return await self.make.save(
            RepairOrder(tenant_id=self.make.tenant_id, id=new_id(), **order)
        )

    async def device(self) -> UUID:
        """A device without a serial number."""
        device = Device(
            tenant_id=self.make.tenant_id,
            id=new_id(),
            category_id=self.category_id,
            brand_printed="星河",
            created_at=datetime.fromisoformat("2026-01-01T00:00:00Z"),
        )
        return (await self.make.save(device)).id


def _before(closed_at: datetime | None, hours: float | None) -> datetime:
    if closed_at is None:
        raise ValueError("an open order needs received_at")
    return closed_at - timedelta(hours=hours or 0)


async def open_history(make: Factory) -> History:
    """A history whose devices are of one category."""
    async with global_work(make.admin_engine) as session:
        clerk = system_actor(make.tenant_id)
        category_id = await register_category(session, clerk, "reported", names={})
    return History(make, category_id)
