"""Closing a branch, which its open orders forbid."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.evidence.operations import record
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import OpenOrdersRemain
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch
from serviceco.tenancy.tables import Branch


async def close_branch(
    session: AsyncSession, actor: Actor, branch_id: UUID, *, at: datetime
) -> Branch:
    """Let a branch take nothing in any more; `reopen_branch` undoes it. Again does nothing.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        NotFound: the tenant has no such branch in the actor's scope.
        OpenOrdersRemain: devices are still there.
    """
    actor.require(Permission.MANAGE_TENANT)
    actor.require_branch(branch_id)
    branch = await get_branch(session, branch_id, lock=True)
    if branch.closed_at is not None:
        return branch
    open_orders = await session.scalar(
        select(func.count()).where(
            RepairOrder.tenant_id == tenant_of(session),
            RepairOrder.branch_id == branch_id,
            RepairOrder.closed_at.is_(None),
        )
    )
    if open_orders:
        raise OpenOrdersRemain(
            f"{open_orders} orders are still open at this branch.", count=open_orders
        )
    branch.closed_at = at
    await record(session, actor, "branch.closed", branch, at=at)
    await session.flush()
    return branch
