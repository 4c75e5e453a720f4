"""Builds valid rows; a test states only the columns it is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.tables import Branch, Brand, Contract, ContractBranch, Staff, Tenant

Row = TypeVar("Row")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def tenant_row(tenant_id: UUID, *, slug: str = "", zone: str = "Asia/Shanghai") -> Tenant:
    """A company in Shanghai, not yet saved."""
    return Tenant(
        id=tenant_id,
        slug=slug or f"t-{tenant_id.hex}",
        name="Test company",
        currency="CNY",
        zone=zone,
        language="zh-Hans",
        country="CN",
        created_at=NOON,
    )


@dataclass
class Factory:
    """One per test, bound to the test's tenant and transaction; brands are global and stay."""

    session: AsyncSession
    tenant_id: UUID
    admin_engine: AsyncEngine
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def actor(
        self,
        *,
        permissions: Iterable[Permission] = frozenset(Permission),
        branches: Iterable[Branch] | None = None,
        staff: Staff | None = None,
        kind: ActorKind = ActorKind.STAFF,
    ) -> Actor:
        """Somebody of the tenant; `branches` None is every branch."""
        return Actor(
            kind=kind,
            account_id=new_id(),
            tenant_id=self.tenant_id,
            staff_id=staff.id if staff else None,
            name=staff.name if staff else "王芳",
            permissions=frozenset(permissions),
            branch_ids=None if branches is None else frozenset(branch.id for branch in branches),
        )

    async def branch(self, *, code: str = "", zone: str = "Asia/Shanghai") -> Branch:
        """A branch of the tenant."""
        code = code or f"b{next(self.numbers)}"
        row = Branch(
            tenant_id=self.tenant_id, id=new_id(), code=code, name=code, zone=zone, opened_at=NOON
        )
        return await self.save(row)

    async def staff(self, *, name: str = "李工") -> Staff:
        """A person on the tenant's staff."""
        code = f"s{next(self.numbers)}"
        return await self.save(
            Staff(tenant_id=self.tenant_id, id=new_id(), code=code, name=name, account_id=None)
        )

    async def brand(self, *, name: str = "星河") -> Brand:
        """A brand of its own code, committed: brands belong to no tenant."""
        brand_id = new_id()
        brand = Brand(id=brand_id, code=f"brand-{brand_id.hex}", name=name, names={"zh-Hans": name})
        async with global_work(self.admin_engine) as session:
            session.add(brand)
        return brand

    async def contract(
        self,
        *,
        brand: Brand | None = None,
        branches: Iterable[Branch] = (),
        since: date = date(2026, 1, 1),
        until: date | None = None,
        repair_level: int = 3,
    ) -> Contract:
        """A contract with a brand that authorises the branches."""
        brand = brand or await self.brand()
        contract = await self.save(
            Contract(
                tenant_id=self.tenant_id,
                id=new_id(),
                number=f"C-{next(self.numbers)}",
                brand_id=brand.id,
                since=since,
                until=until,
            )
        )
        for branch in branches:
            await self.save(
                ContractBranch(
                    tenant_id=self.tenant_id,
                    contract_id=contract.id,
                    branch_id=branch.id,
                    repair_level=repair_level,
                )
            )
        return contract

    async def save(self, row: Row) -> Row:
        """Write a row in the test's transaction."""
        self.session.add(row)
        await self.session.flush()
        return row
