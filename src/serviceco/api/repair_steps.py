"""What may be done with an order next, and by whom: the state machine's answer, in GraphQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import strawberry

from serviceco.api.plan.fields import column, in_python
from serviceco.api.plan.types import extends
from serviceco.api.repairs import RepairOrderType
from serviceco.core.actor import Actor
from serviceco.repairs.rules import LINES_OPEN, next_step, open_steps
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import RepairStatus, ServiceMode, Step

strawberry.enum(Step, name="RepairStep", description="A step that staff take with an order.")

_STANDING = (
    RepairOrder.status,
    RepairOrder.mode,
    RepairOrder.diagnosed_at,
    RepairOrder.approved_at,
    RepairOrder.released_at,
    RepairOrder.customer_minor,
    RepairOrder.paid_minor,
)


@dataclass(slots=True)
class Standing:
    """Where an order stands, read back from the JSON values of `_STANDING`."""

    status: RepairStatus
    mode: ServiceMode
    diagnosed_at: datetime | None
    approved_at: datetime | None
    released_at: datetime | None
    customer_minor: int
    paid_minor: int

    @classmethod
    def of(cls, values: Sequence[object]) -> Self:
        """Read the values, in the order of `_STANDING`."""
        status, mode, *moments, customer_minor, paid_minor = (
            None if value is None else str(value) for value in values
        )
        diagnosed, approved, released = (
            None if moment is None else datetime.fromisoformat(moment) for moment in moments
        )
        return cls(
            RepairStatus(str(status).lower()),
            ServiceMode(str(mode).lower()),
            diagnosed,
            approved,
            released,
            int(customer_minor or 0),
            int(paid_minor or 0),
        )


def _open(actor: Actor, *values: object) -> list[str]:
    return [step.name for step in open_steps(Standing.of(values), actor.permissions)]


def _next(actor: Actor, *values: object) -> str | None:
    step = next_step(Standing.of(values), actor.permissions)
    return None if step is None else step.name


@extends(RepairOrderType)
class RepairOrderSteps:
    """The steps of an order."""

    open_steps: list[Step] = in_python(
        *_STANDING, fill=_open, description="Every step that you may take now."
    )
    next_step: Step | None = in_python(
        *_STANDING,
        fill=_next,
        description="The step that brings the order on; null if it is somebody else's turn.",
    )
    are_lines_open: bool = column(
        RepairOrder.status.in_(sorted(LINES_OPEN)), "Whether lines may be proposed and removed."
    )
    are_proofs_open: bool = column(
        RepairOrder.status.in_(sorted(LINES_OPEN | {RepairStatus.RECEIVED})),
        "Whether a proof of purchase may still be added.",
    )
