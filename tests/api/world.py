"""Two companies with committed rows, and the actors that read them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

import serviceco.policy.tables  # noqa: F401 - the orders refer to its tables
from serviceco.catalogue.tables import Category
from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.customers.tables import Customer, Device
from serviceco.policy.words import Coverage, LineKind, Payer
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, Origin, RepairStatus, ServiceMode
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.base import Table
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Branch
from tests.factories import NOON, tenant_row

STATUSES = (RepairStatus.RECEIVED, RepairStatus.REPAIRING, RepairStatus.CLOSED)


@dataclass
class Company:
    """One company: two branches, five customers, twelve orders with lines; all committed."""

    tenant_id: UUID
    branches: list[Branch] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    orders: list[RepairOrder] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)

    def actor(self, **changes: Any) -> Actor:
        """The system in this company, which needs no sign-in; or somebody else by `changes`."""
        system = Actor(
            kind=ActorKind.SYSTEM,
            account_id=new_id(),
            tenant_id=self.tenant_id,
            name="王芳",
            permissions=frozenset(Permission),
        )
        return replace(system, **changes)

    def without(self, *missing: Permission) -> Actor:
        """Somebody who lacks some permissions."""
        return self.actor(permissions=frozenset(Permission) - set(missing))

    def rows(self) -> Iterator[Table]:
        """All rows, those first that others refer to."""
        yield from self.branches
        yield from self.customers
        yield from self.devices
        yield from self.orders
        yield from self.lines


async def found_company(
    engine: AsyncEngine, admin_engine: AsyncEngine, name: str, *, orders: int = 12
) -> Company:
    """Make a company whose texts all hold its name."""
    company = Company(new_id())
    category = Category(
        id=new_id(), code=f"phone-{name}-{new_id().hex}", names={"en": "Phone"}, ords_id=None
    )
    async with global_work(admin_engine) as session:
        session.add(tenant_row(company.tenant_id))
        session.add(category)
    _people(company, category, name)
    for number in range(orders):
        _order(company, number)
    async with unit_of_work(engine, company.tenant_id) as session:
        for row in company.rows():
            session.add(row)
            await session.flush()
        await renew_search_keys(session, [order.id for order in company.orders])
    return company


def _people(company: Company, category: Category, name: str) -> None:
    own = {"tenant_id": company.tenant_id}
    for number in range(2):
        company.branches.append(
            Branch(
                **own,
                id=new_id(),
                code=f"b{number}",
                name=f"{name} {number}店",
                zone="Asia/Shanghai",
                opened_at=NOON,
            )
        )
    for number in range(5):
        company.customers.append(
            Customer(
                **own,
                id=new_id(),
                name=f'{name} "{number}" 王芳\\',
                phone=f"+86138{number:08}",
                email=None if number % 2 else f"{number}@example.test",
                language="zh-Hans",
                created_at=NOON,
            )
        )
        company.devices.append(
            Device(
                **own,
                id=new_id(),
                category_id=category.id,
                customer_id=company.customers[-1].id,
                brand_printed=name,
                serial=f"{name}-{number}" if number else None,
                created_at=NOON,
            )
        )


def _order(company: Company, number: int) -> None:
    own = {"tenant_id": company.tenant_id}
    status = STATUSES[number % 3]
    # Every other instant is shared by two orders, so that pages must look at the id too.
    received_at = NOON - timedelta(hours=number // 2, microseconds=120_000 * (number % 3 == 0))
    order = RepairOrder(
        **own,
        id=new_id(),
        number=f"{number:04}",
        branch_id=company.branches[number % 2].id,
        customer_id=None if number == 7 else company.customers[number % 5].id,
        device_id=company.devices[number % 5].id,
        category_id=company.devices[0].category_id,
        origin=Origin.COUNTER,
        mode=ServiceMode.CARRY_IN,
        status=status,
        coverage=Coverage.UNDECIDED,
        symptom_codes=[],
        condition_codes=[],
        accessories=["充电器", 'a "box"'] if number % 2 else [],
        received_at=received_at,
        closed_at=NOON if status is RepairStatus.CLOSED else None,
        currency="CNY",
        customer_minor=(1 << 53) + number,
    )
    company.orders.append(order)
    company.lines.extend(_line(order, position) for position in range(1, number % 4 + 1))


def _line(order: RepairOrder, position: int) -> OrderLine:
    return OrderLine(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        position=position,
        line=LineKind.PART if position % 2 else LineKind.LABOUR,
        code=f"code-{position}",
        names={"en": "Part"},
        quantity=position,
        price_minor=400,
        amount_minor=400 * position,
        currency="CNY",
        payer=Payer.CUSTOMER,
        status=LineStatus.PROPOSED,
    )
