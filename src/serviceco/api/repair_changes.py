"""Orders that change, as subscriptions tell them."""

from uuid import UUID

from serviceco.api.mutations import Call
from serviceco.api.repairs import RepairOrderType
from serviceco.api.subscriptions import subscription
from serviceco.core.actor import Permission
from serviceco.tenancy.queries import get_branch


@subscription(
    RepairOrderType,
    needs=Permission.READ_ORDERS,
    description=(
        "Each order of a branch whenever something was done to it, as it stands then: received,"
        " inspected, paid, handed over. Every change comes at least once, and several at once may"
        " come as one. Subscribe first and then read the board, and nothing is missed; after the"
        " error FELL_BEHIND do both anew. Imported history is not told."
    ),
)
async def order_changed(call: Call, branch_id: UUID) -> UUID:
    """Watch the orders of a branch in the actor's scope."""
    call.actor.require(Permission.READ_ORDERS)
    call.actor.require_branch(branch_id)
    branch = await get_branch(call.session, branch_id)
    return branch.id


SUBSCRIPTIONS = (order_changed,)
