"""Entering an act in the list that the company reads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.privacy.tables import AuditRecord
from serviceco.privacy.words import AuditAct
from serviceco.storage.unit_of_work import tenant_of


async def enter(
    session: AsyncSession,
    actor: Actor,
    act: AuditAct,
    *,
    at: datetime,
    customer_id: UUID | None = None,
    **facts: Any,
) -> AuditRecord:
    """Write one act in the current transaction; `facts` are further columns of the record."""
    record = AuditRecord(
        tenant_id=tenant_of(session),
        id=new_id(),
        act=act,
        at=at,
        account_id=actor.account_id,
        actor_kind=actor.kind.value,
        actor_name=actor.name,
        customer_id=customer_id,
        **{"detail": {}} | facts,
    )
    session.add(record)
    await session.flush()
    return record
