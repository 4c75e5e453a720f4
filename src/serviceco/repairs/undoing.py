"""Taking the latest act on an order back, as long as nothing has come of it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.evidence.operations import record
from serviceco.repairs.news import tell_change
from serviceco.repairs.queries import get_order, latest_event
from serviceco.repairs.rules import UNDOABLE, UNDONE
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import NothingToUndo, RepairStatus

UNDO_WITHIN = timedelta(hours=24)


async def undo_latest(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Put an order back to where it stood before its latest act, which the actor did.

    Both stay in the log. Only assigning, starting and waiting can be taken back: nobody outside
    was told anything, and no money, line or finding hangs on them.

    Raises:
        NotFound: no such order in the actor's scope.
        NothingToUndo: the latest act is another kind, somebody else's, or of the day before.
        NotPermitted: the actor may not do any more what is to be taken back.
    """
    order = await get_order(session, actor, number, lock=True)
    latest = await latest_event(session, order.id)
    permission = UNDOABLE.get(latest.act)
    former = latest.detail.get("was_status")
    is_own = latest.actor_account_id == actor.account_id
    if permission is None or former is None or not is_own or at - latest.at > UNDO_WITHIN:
        raise NothingToUndo("There is nothing of yours to undo on this order.")
    actor.require(permission)
    before, owner = order.status, latest.detail.get("was_owner")
    order.status = RepairStatus(former)
    order.owner_staff_id = UUID(owner) if owner else None
    order.version += 1
    await record(session, actor, UNDONE, order, at=at, undone=latest.act)
    if order.status is not before:
        await tell_change(session, order, at=at)
    await session.flush()
    return order


def standing(order: RepairOrder) -> dict[str, object]:
    """Return what an undo needs to know of an order, for the event of the act that changes it."""
    return {"was_status": order.status, "was_owner": order.owner_staff_id}
