"""Finding and registering customers, devices and proofs of purchase."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, func, schema, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.customers.rules import first_future_proof, parse_phone
from serviceco.customers.tables import Customer, Device, ProofOfPurchase
from serviceco.customers.words import (
    Brought,
    CustomerGiven,
    InvalidPhone,
    ProofGiven,
    PurchaseInFuture,
    Unit,
)
from serviceco.storage.direct import Direct
from serviceco.storage.unit_of_work import tenant_of

# As plain tables: what is sent once for a known statement needs no unit of work.
_CUSTOMER = cast("schema.Table", Customer.__table__)
_DEVICE = cast("schema.Table", Device.__table__)


async def register_brought(
    session: AsyncSession,
    actor: Actor,
    given: CustomerGiven,
    unit: Unit,
    *,
    country: str,
    language: str,
    at: datetime,
) -> Brought:
    """Find or add the customer and the device that they brought, in one statement.

    A customer is known by phone and name, a device by serial and brand; a device without a serial
    is always a new one. A known device goes over to the customer who brings it. Both stay locked
    until the transaction ends, so that two counters cannot take the same unit in at once.

    Raises:
        NotPermitted: the actor does not take devices in.
        InvalidPhone: the phone is no number of the country, nor an international one.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    phone = parse_phone(given.phone, country)
    if phone is None:
        raise InvalidPhone("This is no valid telephone number.", field="phone")
    tenant_id = tenant_of(session)
    customer = {
        "tenant_id": tenant_id,
        "id": new_id(),
        "name": given.name.strip(),
        "phone": phone,
        "email": given.email,
        "language": given.language or language,
        "created_at": at,
        "version": 1,
        "event_seq": 0,
        "event_hash": b"",
    }
    device = msgspec.structs.asdict(unit) | {
        "tenant_id": tenant_id,
        "id": new_id(),
        "created_at": at,
    }
    values = {f"customer_{name}": value for name, value in customer.items()}
    values |= {f"device_{name}": value for name, value in device.items()}
    ((device_id, customer_id),) = await _bring(tuple(customer), tuple(device)).rows(session, values)
    return Brought(customer_id=customer_id, device_id=device_id, phone=phone)


@lru_cache
def _bring(customer_columns: tuple[str, ...], device_columns: tuple[str, ...]) -> Direct:
    """Return the statement of `register_brought`, built once."""
    customer = _upsert_customer(customer_columns).cte("brought")
    statement = insert(_DEVICE).values(
        {name: bindparam(f"device_{name}") for name in device_columns}
        | {"customer_id": select(customer.c.id).scalar_subquery()}
    )
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "serial", "brand_printed"],
        index_where=Device.serial.is_not(None),
        set_={
            "customer_id": new.customer_id,
            "brand_id": func.coalesce(new.brand_id, Device.brand_id),
            "model_id": func.coalesce(new.model_id, Device.model_id),
            "second_serial": func.coalesce(new.second_serial, Device.second_serial),
            "serial_note": new.serial_note,
        },
    )
    return Direct(statement.returning(_DEVICE.c.id, _DEVICE.c.customer_id))


def _upsert_customer(columns: tuple[str, ...]) -> ReturningInsert[UUID]:
    statement = insert(_CUSTOMER).values({name: bindparam(f"customer_{name}") for name in columns})
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "phone", "name"],
        # As text: a parameter would hide the index from a plan that PostgreSQL keeps.
        index_where=text("phone <> ''"),
        set_={"email": func.coalesce(statement.excluded.email, Customer.email)},
    )
    return statement.returning(Customer.id)


def require_past(proofs: Iterable[ProofGiven], today: date) -> None:
    """Pass silently, or raise `PurchaseInFuture` for a proof dated after the branch's day."""
    if future := first_future_proof(proofs, today):
        raise PurchaseInFuture(
            f"The purchase date {future.dated_on} lies after today.",
            field="dated_on",
            dated_on=future.dated_on,
        )


def proof_rows(
    session: AsyncSession, device_id: UUID, proofs: Iterable[ProofGiven], *, at: datetime
) -> list[ProofOfPurchase]:
    """Return the rows of a device's proofs, not yet written; `require_past` comes before."""
    return [
        ProofOfPurchase(
            tenant_id=tenant_of(session),
            id=new_id(),
            device_id=device_id,
            proof=proof.kind,
            dated_on=proof.dated_on,
            number=proof.number,
            seller=proof.seller,
            channel=proof.channel,
            is_verified=proof.is_verified,
            recorded_at=at,
        )
        for proof in proofs
    ]
