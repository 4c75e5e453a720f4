"""A company with one branch under contract, served as a whole, and the people who come to it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.app import build
from serviceco.billing.quotes import send_quote
from serviceco.core.ids import new_id
from serviceco.edge.customer_links import CustomerLinks
from serviceco.identity.links import LinkMint
from serviceco.ledger.operations import open_chart
from serviceco.repairs.tables import RepairOrder
from serviceco.settings import Environment, Settings
from serviceco.storage.engines import derived_key
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.words import Role
from tests.factories import Factory, tenant_row
from tests.fronts.application import lived
from tests.identity.people import PASSWORD, person
from tests.repairs.shop import Shop, labour, open_shop, part


@dataclass
class Shopfront:
    """The served company. `now` is the moment at which its orders come in."""

    shop: Shop
    engine: AsyncEngine
    auth_engine: AsyncEngine
    links: CustomerLinks
    application: Any
    now: datetime

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Shop]:
        """Give the shop inside a unit of work that is committed."""
        async with unit_of_work(self.engine, self.shop.make.tenant_id) as session:
            yield self.within(session)

    def within(self, session: AsyncSession) -> Shop:
        make = Factory(session, self.shop.make.tenant_id, self.shop.make.admin_engine)
        make.numbers = self.shop.make.numbers
        return replace(self.shop, session=session, make=make)

    async def received(self, **changes: Any) -> RepairOrder:
        async with self.at_work() as shop:
            return await shop.received(at=self.now, **changes)

    async def quoted(self) -> RepairOrder:
        """An order whose customer was asked to pay."""
        async with self.at_work() as shop:
            order = await shop.diagnosed(part("D-1"), labour(2), bought=None, at=self.now)
            await send_quote(shop.session, shop.actor, order.number, at=self.now)
            return order

    async def token(self, order: RepairOrder) -> str:
        token = await self.links.token(order.tenant_id, order.id)
        assert token is not None
        return token

    def visitor(self) -> httpx.AsyncClient:
        """Somebody's browser, signed in to nothing."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application),
            base_url="http://serviceco.test",
            headers={"accept-language": "zh-CN"},
        )

    async def signed_in(self, *roles: Role) -> httpx.AsyncClient:
        """The browser of somebody of the company with these roles."""
        joined = await person(self.auth_engine, self.shop.make.tenant_id, roles=roles)
        client = self.visitor()
        sent = {"email": joined.email, "password": PASSWORD}
        assert (await send(client, "/sign-in", "/sign-in", sent)).status_code == 303
        return client


async def send(
    client: httpx.AsyncClient, page: str, path: str, values: dict[str, str], *, idem: str = ""
) -> httpx.Response:
    """Send a form of a page as a browser without scripts does."""
    text = (await client.get(page)).text
    token = re.search(r'name="_csrf" value="([^"]+)"', text)
    assert token, text
    form = {"_csrf": token[1], "_idem": idem or new_id().hex} | values
    return await client.post(path, data=form)


@asynccontextmanager
async def open_shopfront(
    owner_url: str,
    engine: AsyncEngine,
    auth_engine: AsyncEngine,
    admin_engine: AsyncEngine,
    folder: Path,
) -> AsyncIterator[Shopfront]:
    tenant_id = new_id()
    async with global_work(admin_engine) as session:
        session.add(tenant_row(tenant_id))
    async with unit_of_work(engine, tenant_id) as session:
        shop = await open_shop(Factory(session, tenant_id, admin_engine))
        await open_chart(session, system_actor(tenant_id))
    application = build(Settings(environment=Environment.DEVELOPMENT), owner_url, folder)
    links = links_of(auth_engine, engine, owner_url)
    async with lived(application):
        yield Shopfront(shop, engine, auth_engine, links, application, datetime.now(UTC))


def links_of(auth_engine: AsyncEngine, engine: AsyncEngine, owner_url: str) -> CustomerLinks:
    """The links of a served database, made with the key that its server derives."""
    mint = LinkMint(derived_key(owner_url, "customer links"))
    return CustomerLinks(auth_engine, engine, mint)
