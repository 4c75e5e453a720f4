"""Which step may follow which, and who may take it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from serviceco.core.actor import Permission
from serviceco.core.refusals import Refusal
from serviceco.repairs.words import (
    ApprovalNeeded,
    InspectionIncomplete,
    MoneyHeld,
    PaymentDue,
    RepairStatus,
    ServiceMode,
    Step,
    WrongRepairStatus,
)

_S = RepairStatus
OPEN = frozenset(RepairStatus) - {_S.CLOSED, _S.CANCELLED}
# Where lines may still be proposed, removed and decided anew.
LINES_OPEN = frozenset({_S.INSPECTING, _S.QUOTING, _S.WAITING_PARTS, _S.REPAIRING})
_BEFORE_REPAIR = frozenset({_S.RECEIVED, _S.INSPECTING, _S.QUOTING, _S.WAITING_PARTS})


class Standing(Protocol):
    """The facts of an order that decide which steps are open."""

    status: RepairStatus
    mode: ServiceMode
    diagnosed_at: datetime | None
    approved_at: datetime | None
    released_at: datetime | None
    customer_minor: int
    paid_minor: int


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the state machine.

    `act` is the event, `moment` the column that keeps when it happened. `bench` steps need the
    concluded inspection, the customer's approval of their share and, where the device or the
    technician travels, its payment.
    """

    permission: Permission
    sources: frozenset[RepairStatus]
    target: RepairStatus
    act: str
    moment: str | None = None
    bench: bool = False


TRANSITIONS: dict[Step, Transition] = {
    Step.START_INSPECTION: Transition(
        Permission.INSPECT_DEVICE,
        frozenset({_S.RECEIVED}),
        _S.INSPECTING,
        "repair.inspection_started",
    ),
    Step.CONCLUDE_INSPECTION: Transition(
        Permission.INSPECT_DEVICE,
        frozenset({_S.INSPECTING}),
        _S.INSPECTING,
        "repair.diagnosed",
        moment="diagnosed_at",
    ),
    Step.SEND_QUOTE: Transition(Permission.QUOTE, LINES_OPEN, _S.QUOTING, "repair.quoted"),
    Step.APPROVE: Transition(
        Permission.APPROVE_QUOTE,
        frozenset({_S.QUOTING}),
        _S.QUOTING,
        "repair.approved",
        moment="approved_at",
    ),
    Step.DECLINE: Transition(
        Permission.APPROVE_QUOTE, _BEFORE_REPAIR, _S.READY, "repair.declined", moment="ready_at"
    ),
    Step.WAIT_FOR_PARTS: Transition(
        Permission.REPAIR,
        frozenset({_S.INSPECTING, _S.QUOTING, _S.REPAIRING}),
        _S.WAITING_PARTS,
        "repair.parts_awaited",
        bench=True,
    ),
    Step.START_REPAIR: Transition(
        Permission.REPAIR,
        frozenset({_S.INSPECTING, _S.QUOTING, _S.WAITING_PARTS}),
        _S.REPAIRING,
        "repair.started",
        bench=True,
    ),
    Step.COMPLETE_REPAIR: Transition(
        Permission.REPAIR,
        frozenset({_S.REPAIRING}),
        _S.QC,
        "repair.completed",
        moment="repaired_at",
        bench=True,
    ),
    Step.PASS_QUALITY: Transition(
        Permission.CHECK_QUALITY,
        frozenset({_S.QC}),
        _S.READY,
        "repair.quality_passed",
        moment="ready_at",
    ),
    Step.FAIL_QUALITY: Transition(
        Permission.CHECK_QUALITY, frozenset({_S.QC}), _S.REPAIRING, "repair.quality_failed"
    ),
    Step.HAND_OVER: Transition(
        Permission.HAND_OVER,
        frozenset({_S.READY}),
        _S.CLOSED,
        "repair.handed_over",
        moment="closed_at",
    ),
    Step.CANCEL: Transition(
        Permission.CANCEL_ORDER, _BEFORE_REPAIR, _S.CANCELLED, "repair.cancelled", "closed_at"
    ),
}


_ENDS_OF_WAITING = frozenset(
    transition.act
    for transition in TRANSITIONS.values()
    if RepairStatus.WAITING_PARTS in transition.sources
)


UNDONE = "repair.undone"
# What can be taken back while it is the latest act, by the permission to do it again.
UNDOABLE = {
    "repair.assigned": Permission.ASSIGN_ORDER,
    **{
        TRANSITIONS[step].act: TRANSITIONS[step].permission
        for step in (Step.START_INSPECTION, Step.WAIT_FOR_PARTS, Step.START_REPAIR)
    },
}


def find_obstacle(order: Standing, step: Step) -> Refusal | None:
    """Return why the step cannot be taken from where the order stands, or None."""
    transition = TRANSITIONS[step]
    if order.status not in transition.sources:
        verb = step.value.replace("_", " ")
        return WrongRepairStatus(
            f"An order that is {order.status.value} does not let you {verb}.",
            status=order.status.value,
            step=step.value,
        )
    if step is Step.CANCEL and order.paid_minor:
        return MoneyHeld("The customer has paid for this order; decline the repair instead.")
    if transition.bench or step is Step.SEND_QUOTE:
        return _obstacle_on_the_way(order, transition)
    return None


def _obstacle_on_the_way(order: Standing, transition: Transition) -> Refusal | None:
    if order.diagnosed_at is None:
        return InspectionIncomplete("Conclude the inspection first.")
    if not transition.bench or order.customer_minor == 0:
        return None
    if order.approved_at is None:
        return ApprovalNeeded("The customer has not approved their share yet.")
    if order.mode is not ServiceMode.CARRY_IN and order.released_at is None:
        # Payment before parts are shipped or a technician is sent: the customer's share only.
        return PaymentDue("The customer's share must be paid before anything is sent.")
    return None


def open_steps(order: Standing, permissions: frozenset[Permission]) -> list[Step]:
    """Return the steps that somebody with these permissions may take now, in the table's order."""
    return [
        step
        for step, transition in TRANSITIONS.items()
        if transition.permission in permissions and find_obstacle(order, step) is None
    ]


def next_step(order: Standing, permissions: frozenset[Permission]) -> Step | None:
    """Return the one step that brings the order on, or None if it is somebody else's turn."""
    step = _forward(order)
    if step is None or TRANSITIONS[step].permission not in permissions:
        return None
    return step if find_obstacle(order, step) is None else None


def _forward(order: Standing) -> Step | None:
    must_ask = order.customer_minor > 0 and order.approved_at is None
    forward = {
        _S.RECEIVED: Step.START_INSPECTION,
        _S.INSPECTING: Step.SEND_QUOTE if must_ask else Step.START_REPAIR,
        _S.QUOTING: Step.APPROVE if must_ask else Step.START_REPAIR,
        _S.WAITING_PARTS: Step.START_REPAIR,
        _S.REPAIRING: Step.COMPLETE_REPAIR,
        _S.QC: Step.PASS_QUALITY,
        _S.READY: Step.HAND_OVER,
    }
    if order.status is _S.INSPECTING and order.diagnosed_at is None:
        return Step.CONCLUDE_INSPECTION
    return forward.get(order.status)


def days_waiting_for_parts(acts: Iterable[tuple[str, datetime]], until: datetime) -> int:
    """Return the whole days that an order waited for parts, by its events in order.

    A wait ends with the step that led out of it, or is still on at `until`. What was undone
    neither begins nor ends one.
    """
    waited, since = timedelta(0), None
    for act, at in _standing(acts):
        if act == TRANSITIONS[Step.WAIT_FOR_PARTS].act:
            since = at
        elif since is not None and act in _ENDS_OF_WAITING:
            waited, since = waited + (at - since), None
    return (waited + (until - since if since else timedelta(0))).days


def _standing(acts: Iterable[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    """Leave out what was undone: always the act before."""
    standing: list[tuple[str, datetime]] = []
    for act, at in acts:
        if act != UNDONE:
            standing.append((act, at))
        elif standing:
            standing.pop()
    return standing
