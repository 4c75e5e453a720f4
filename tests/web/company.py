"""A whole company behind the pages: the real API over the real database, and who works there."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.documents import Documents
from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.catalogues import refusal_sentence
from serviceco.core.ids import new_id
from serviceco.core.order_numbers import order_number
from serviceco.core.places import project_folder
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import RepairStatus
from serviceco.storage.engines import Role, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Branch, Brand, Staff
from serviceco.web.documents import ApiDocuments
from tests.factories import NOON, Factory, tenant_row
from tests.reports.history import History, open_history
from tests.web.house import House, clerk

SCHEMA = service_schema()
DOCUMENTS = Documents.read(project_folder("graphql") / "operations")


@dataclass
class Company:
    """Two branches, one brand and one technician; rows are written in units of work of their own."""

    engine: AsyncEngine
    admin_engine: AsyncEngine
    tenant_id: UUID
    branches: list[Branch] = field(default_factory=list)
    brand: Brand | None = None
    technician: Staff | None = None
    sequence: int = 0

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[History]:
        """Give the writer of orders inside a unit of work that is committed."""
        async with unit_of_work(self.engine, self.tenant_id) as session:
            yield await open_history(Factory(session, self.tenant_id, self.admin_engine))

    async def order(
        self, *, branch: int = 0, received_at: datetime | None = None, **columns: Any
    ) -> RepairOrder:
        """An order of a branch, open unless it says otherwise; oldest last."""
        self.sequence += 1
        received_at = received_at or NOON - timedelta(hours=self.sequence)
        facts: dict[str, Any] = {
            "number": order_number(NOON.date(), self.sequence),
            "status": RepairStatus.RECEIVED,
            "closed_at": None,
            "hours": None,
            "outcome": None,
        }
        async with self.at_work() as history:
            return await history.order(
                self.branches[branch], received_at=received_at, **facts | columns
            )

    def actor(
        self, permissions: Iterable[Permission] = frozenset(Permission), **facts: Any
    ) -> Actor:
        """Somebody who needs no sign-in and may do everything, unless it says otherwise."""
        given = {"kind": ActorKind.SYSTEM, "tenant_id": self.tenant_id, "account_id": new_id()}
        return clerk(**given | {"permissions": frozenset(permissions)} | facts)


async def found_company(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    """Open a company with the branches `sh01` and `sh02`."""
    company = Company(engine, admin_engine, new_id())
    async with global_work(admin_engine) as session:
        session.add(tenant_row(company.tenant_id))
    async with company.at_work() as history:
        make = history.make
        company.branches = [await make.branch(code=code) for code in ("sh01", "sh02")]
        company.brand = await make.brand(name="Xinghe")
        company.technician = await make.staff(name="李工")
    return company


class Office(House):
    """The company's own house: documents run in the real API, in the language of the actor."""

    def __init__(
        self, owner_url: str, engine: AsyncEngine, auth_engine: AsyncEngine | None = None
    ) -> None:
        """Open the doors; `close` gives the connections back."""
        super().__init__(actors={})
        self.pool = ReadPool(role_url(owner_url, Role.APP), size=2)
        self.brand_pool = ReadPool(role_url(owner_url, Role.BRAND), size=2)
        self.documents = ApiDocuments(
            Api(
                SCHEMA,
                engine=engine,
                auth_engine=auth_engine,
                pool=self.pool,
                brand_pool=self.brand_pool,
                say=_in_words,
            ),
            DOCUMENTS,
        )

    async def run(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """Ask the real API."""
        return await self.documents(actor, document, variables)


def _in_words(refusal: Any, language: str) -> str:
    return refusal_sentence(language, refusal)
