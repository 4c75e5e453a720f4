"""A customer's way to their order: by the link on the slip, or by order number and telephone."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.order_numbers import is_order_number
from serviceco.core.refusals import NotFound
from serviceco.customers.rules import parse_phone
from serviceco.customers.tables import Customer
from serviceco.edge.authentication import utc_now
from serviceco.identity.links import LinkMint, list_links
from serviceco.identity.sign_ins import forgive_look_up, take_look_up
from serviceco.identity.tables import CustomerLink
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import get_tenant


class CustomerLinks:
    """What the customer's pages call."""

    def __init__(
        self,
        auth_engine: AsyncEngine,
        app_engine: AsyncEngine,
        mint: LinkMint,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep the engines: links are found by `serviceco_auth`, telephones by the application."""
        self._auth = auth_engine
        self._app = app_engine
        self._mint = mint
        self._clock = clock

    async def find(self, *, number: str, phone: str, address: str) -> str:
        """Return the token of the link to the order of that number and telephone.

        Numbers follow each other, so the whole telephone is asked for, and attempts are counted
        by number and by address.

        Raises:
            NotFound: there is none; an unknown number and a wrong telephone read alike.
            TooManyAttempts: the number or the address must wait first.
        """
        at, wanted = self._clock(), "".join(number.split())
        async with global_work(self._auth) as session:
            await take_look_up(session, number=wanted, address=address, at=at)
            links = await list_links(session, wanted, at=at) if is_order_number(wanted) else []
        for link in links:
            if await self._belongs(link, phone):
                async with global_work(self._auth) as session:
                    await forgive_look_up(session, number=wanted, address=address)
                return self._mint.token(link.handle)
        raise NotFound("No repair order with this number and telephone.", field="number")

    async def token(self, tenant_id: UUID, order_id: UUID) -> str | None:
        """Return the token of an order's live link, for its slip; the caller asked who may see it."""
        async with global_work(self._auth) as session:
            link = await session.scalar(
                select(CustomerLink)
                .where(
                    CustomerLink.tenant_id == tenant_id,
                    CustomerLink.order_id == order_id,
                    CustomerLink.revoked_at.is_(None),
                    CustomerLink.expires_at > self._clock(),
                )
                .order_by(CustomerLink.id.desc())
                .limit(1)
            )
        return self._mint.token(link.handle) if link else None

    async def _belongs(self, link: CustomerLink, phone: str) -> bool:
        async with unit_of_work(self._app, link.tenant_id) as session:
            tenant = await get_tenant(session)
            known = await session.scalar(
                select(Customer.phone)
                .join(RepairOrder, RepairOrder.customer_id == Customer.id)
                .where(
                    Customer.tenant_id == link.tenant_id,
                    RepairOrder.tenant_id == link.tenant_id,
                    RepairOrder.id == link.order_id,
                )
            )
            return bool(known) and known == parse_phone(phone, tenant.country)
