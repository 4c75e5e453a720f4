"""A shop floor behind the pages: a counter, a bench and a quality check over the real API."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.files import PhotoDoor
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.ledger.operations import open_chart
from serviceco.storage.files import Files
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import permissions_of, system_actor
from serviceco.tenancy.words import Role
from tests.factories import Factory, tenant_row
from tests.repairs.shop import IMEI, Shop, open_shop
from tests.web.company import Office
from tests.web.house import COOKIE, app_of

CREW = {
    "clerk": Role.FRONT_DESK,
    "technician": Role.TECHNICIAN,
    "inspector": Role.QUALITY_INSPECTOR,
    "manager": Role.BRANCH_MANAGER,
}
INTAKE = {
    "serial": IMEI,
    "brand": "",
    "model": "XH-A5",
    "category": "phone",
    "phone": "138 1234 5678",
    "name": "陈晓明",
    "symptom_codes": "display",
    "words": "昨天摔了一下,屏幕黑了",
    "proof": "INVOICE",
    "dated_on": "20260302",
    "accessories": "charger",
    "promised": "3",
}


class FloorOffice(Office):
    """The office with a place for pictures."""

    def __init__(self, owner_url: str, engine: AsyncEngine, folder: Path) -> None:
        super().__init__(owner_url, engine)
        self.engine, self.folder = engine, folder
        self.photos = PhotoDoor(engine, Files(folder))

    async def add(self, actor: Actor, number: str, *, slot: str, content: bytes) -> UUID:
        return await self.photos.add(actor, number, slot=slot, content=content)

    async def read(self, actor: Actor, photo_id: UUID) -> tuple[str, bytes]:
        return await self.photos.read(actor, photo_id)


@dataclass
class Floor:
    """One branch of one company, with a browser for each of the crew."""

    office: FloorOffice
    shop: Shop
    clients: dict[str, httpx.AsyncClient]

    @property
    def intake(self) -> str:
        return f"/b/{self.shop.branch.code}/intake"

    async def read(self, who: str, path: str) -> httpx.Response:
        return await self.clients[who].get(path)

    async def send(
        self,
        who: str,
        path: str,
        values: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, Any] | None = None,
        region: str = "",
    ) -> httpx.Response:
        """Send a form as a browser without scripts does, or as htmx does for a region."""
        headers = {"hx-request": "true", "hx-target": region} if region else {}
        token = (await self.clients[who].get("/me/token")).text
        sent = {"_csrf": token, "_idem": new_id().hex} | dict(values or {})
        return await self.clients[who].post(path, data=sent, files=files, headers=headers)

    async def receive(self, **values: Any) -> str:
        """Take a phone in at the counter and return the number of its order."""
        answer = await self.send("clerk", self.intake, self.form(**values))
        assert answer.status_code == 303, faults_in(answer.text)
        location: str = answer.headers["location"]
        return location.removeprefix("/orders/")[:12]

    def form(self, **values: Any) -> dict[str, Any]:
        """What the clerk types for a phone in warranty."""
        return INTAKE | {"brand": self.shop.brand.code} | values


def faults_in(page: str) -> dict[str, str]:
    """Return the sentences beside the fields of a page, by field."""
    found = re.findall(r'id="e-([^"]+)">(?:<svg.*?</svg>)?([^<]+)<', page, re.DOTALL)
    return {name: sentence.strip() for name, sentence in found}


@asynccontextmanager
async def open_floor(
    owner_url: str, engine: AsyncEngine, admin_engine: AsyncEngine, folder: Path
) -> AsyncIterator[Floor]:
    """Open the shop for one test; its rows are committed, as those of other companies are."""
    tenant_id = new_id()
    async with global_work(admin_engine) as session:
        session.add(tenant_row(tenant_id))
    office = FloorOffice(owner_url, engine, folder)
    async with unit_of_work(engine, tenant_id) as session:
        shop = await open_shop(Factory(session, tenant_id, admin_engine))
        await open_chart(session, system_actor(tenant_id))
        for who, role in CREW.items():
            office.actors[who] = await _employ(shop, who, role)
    app = httpx.ASGITransport(app=app_of(office))
    clients = {
        who: httpx.AsyncClient(
            transport=app, base_url="http://shop.test", cookies={COOKIE: who, "language": "zh-Hans"}
        )
        for who in CREW
    }
    yield Floor(office, shop, clients)
    for client in clients.values():
        await client.aclose()
    await office.pool.close()


async def _employ(shop: Shop, who: str, role: Role) -> Actor:
    """Somebody on the staff who needs no sign-in."""
    staff = await shop.make.staff(name=who)
    return Actor(
        kind=ActorKind.SYSTEM,
        account_id=new_id(),
        tenant_id=shop.make.tenant_id,
        staff_id=staff.id,
        name=who,
        roles=frozenset({role.value}),
        permissions=permissions_of([role]),
        branch_ids=frozenset({shop.branch.id}),
        token_hash=who.encode(),
        language="zh-Hans",
    )
