"""Taking the customer's link of an order back, and making a new one."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.evidence.operations import record
from serviceco.identity.links import new_link, revoke_links
from serviceco.repairs.queries import get_order
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import WrongRepairStatus
from serviceco.storage.batch import insert_row


async def revoke_customer_link(
    session: AsyncSession, actor: Actor, number: str, *, renewed: bool = False, at: datetime
) -> RepairOrder:
    """End every link of an order at once; `renewed` makes a new one for a slip printed anew.

    Raises:
        NotPermitted: the actor does not take devices in.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: a new link to an order that has ended.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    order = await get_order(session, actor, number, lock=True)
    if renewed and order.closed_at is not None:
        raise WrongRepairStatus("The order has ended.", status=order.status.value)
    await revoke_links(session, order.id, at=at)
    if renewed:
        await insert_row(session, new_link(session, order.id, order.number, at=at))
    act = "customer_link.renewed" if renewed else "customer_link.revoked"
    await record(session, actor, act, order, at=at)
    return order
