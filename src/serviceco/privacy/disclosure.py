"""Showing a masked customer to staff who say why: limited, recorded, and seen by the company."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.evidence.operations import record
from serviceco.privacy.operations import enter
from serviceco.privacy.rules import LONGEST_REASON, MOST_REVEALS_AN_HOUR, REVEALS_WITHIN
from serviceco.privacy.tables import AuditRecord
from serviceco.privacy.words import AuditAct, ReasonMissing, TooManyReveals
from serviceco.repairs.queries import get_order
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Staff


async def reveal_customer(
    session: AsyncSession, actor: Actor, number: str, *, reason: str, at: datetime
) -> AuditRecord:
    """Enter that the actor sees name and telephone of an order's customer, and why.

    Raises:
        NotPermitted: the actor reads no orders, or is not on the staff of the company.
        NotFound: no such order in the actor's scope, or it has no customer.
        ReasonMissing: no reason.
        InvalidInput: a reason longer than any that is read.
        TooManyReveals: more than `MOST_REVEALS_AN_HOUR` within the last hour.
    """
    actor.require(Permission.READ_ORDERS)
    if actor.kind not in {ActorKind.STAFF, ActorKind.SYSTEM}:
        raise NotPermitted("Only staff of the company see whom a device belongs to.")
    order = await get_order(session, actor, number, lock=True)
    if order.customer_id is None:
        raise NotFound("The customer of this order is not known.")
    why = reason.strip()
    if not why:
        raise ReasonMissing("Say why you need to know.", field="reason")
    if len(why) > LONGEST_REASON:
        raise InvalidInput(f"Up to {LONGEST_REASON} letters.", field="reason")
    await _require_few(session, actor, at=at)
    await record(session, actor, "customer.revealed", order, at=at)
    return await enter(
        session,
        actor,
        AuditAct.REVEALED,
        at=at,
        customer_id=order.customer_id,
        order_id=order.id,
        order_number=order.number,
        reason=why,
    )


async def _require_few(session: AsyncSession, actor: Actor, *, at: datetime) -> None:
    """Count under the lock of the person's own row, so that two at once cannot both be the last."""
    await _lock(session, actor.staff_id)
    seen = await session.scalar(
        select(func.count()).where(
            AuditRecord.tenant_id == tenant_of(session),
            AuditRecord.account_id == actor.account_id,
            AuditRecord.at > at - REVEALS_WITHIN,
            AuditRecord.act == AuditAct.REVEALED,
        )
    )
    if (seen or 0) >= MOST_REVEALS_AN_HOUR:
        raise TooManyReveals(
            f"You have looked at {MOST_REVEALS_AN_HOUR} customers within an hour.",
            most=MOST_REVEALS_AN_HOUR,
        )


async def _lock(session: AsyncSession, staff_id: UUID | None) -> None:
    await session.execute(
        select(Staff.id)
        .where(Staff.tenant_id == tenant_of(session), Staff.id == staff_id)
        .with_for_update()
    )
