"""Events in GraphQL."""

from datetime import datetime
from uuid import UUID

from strawberry.scalars import JSON

from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column
from serviceco.api.plan.types import planned
from serviceco.core.actor import Permission
from serviceco.evidence.tables import Event


@planned(Event, description="One recorded act; never changed.", needs=Permission.READ_ORDERS)
class EventType:
    """GraphQL face of an event."""

    id: UUID = column(Event.id, "Its id.")
    seq: int = column(Event.seq, "Its place in the chain of its subject, from 1.")
    act: str = column(Event.act, "What was done, such as `repair.received`.")
    actor_name: str = column(Event.actor_name, "Who did it.")
    at: datetime = column(Event.at, "When.")
    detail: JSON = column(
        Event.detail,
        "Coded facts, amounts too; personal data stand as commitments only.",
        needs=Access(Permission.READ_ORDERS, OWN_PEOPLE),
    )
