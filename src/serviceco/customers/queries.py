"""Reads of customers and devices."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.customers.rules import parse_phone
from serviceco.customers.tables import Customer, Device, ProofOfPurchase
from serviceco.storage.unit_of_work import tenant_of


async def find_customers(
    session: AsyncSession, actor: Actor, phone: str, *, country: str
) -> Sequence[Customer]:
    """Return the customers with that telephone number, the newest first, ten at most.

    What is not (yet) a whole valid number finds nobody.

    Raises:
        NotPermitted: the actor may not read customers.
    """
    actor.require(Permission.READ_CUSTOMERS)
    number = parse_phone(phone, country)
    if number is None:
        return []
    query = select(Customer).where(
        Customer.tenant_id == tenant_of(session), Customer.phone == number
    )
    return (await session.scalars(query.order_by(Customer.created_at.desc()).limit(10))).all()


async def find_devices(session: AsyncSession, serial: str) -> Sequence[Device]:
    """Return the devices with that normalised serial: usually one, one per brand at most."""
    query = select(Device).where(Device.tenant_id == tenant_of(session), Device.serial == serial)
    return (await session.scalars(query.order_by(Device.brand_printed))).all()


async def list_proofs(session: AsyncSession, device_id: UUID) -> Sequence[ProofOfPurchase]:
    """Return a device's proofs of purchase in the order in which they were recorded."""
    query = select(ProofOfPurchase).where(
        ProofOfPurchase.tenant_id == tenant_of(session), ProofOfPurchase.device_id == device_id
    )
    return (await session.scalars(query.order_by(ProofOfPurchase.id))).all()
