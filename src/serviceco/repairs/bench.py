"""Work at the bench and its ends: repair, parts, quality check, declining and cancelling."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.policy.words import Coverage, LineKind, Payer
from serviceco.repairs.coverage import sum_lines, sums_of
from serviceco.repairs.lines import add_diagnosis
from serviceco.repairs.operations import open_step, staff_of, take_step
from serviceco.repairs.queries import get_order, list_lines
from serviceco.repairs.rules import OPEN, find_obstacle
from serviceco.repairs.searching import add_serials
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.undoing import standing
from serviceco.repairs.words import (
    LineStatus,
    Outcome,
    PartFitted,
    RecordMissing,
    SamePerson,
    Step,
    UnknownLine,
    WorkDone,
    WrongRepairStatus,
)
from serviceco.repairs.work_tables import OrderLine, QualityCheck
from serviceco.tenancy.queries import get_staff

WORKED = frozenset(
    {Outcome.REPAIRED, Outcome.ADJUSTED, Outcome.NO_FAULT_FOUND, Outcome.NOT_REPAIRED}
)


async def start_repair(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Begin the repair; the technician becomes the order's owner.

    Raises:
        NotPermitted: the actor does not repair.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order does not stand before its repair.
        InspectionIncomplete: the inspection is not concluded.
        ApprovalNeeded: the customer has a share and has not approved it.
        PaymentDue: the customer's share of a unit that travels is not paid.
    """
    order = await open_step(session, actor, number, Step.START_REPAIR)
    before = standing(order)
    order.owner_staff_id = actor.staff_id or order.owner_staff_id
    await take_step(session, actor, order, Step.START_REPAIR, at=at, **before)
    await session.flush()
    return order


async def wait_for_parts(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Set the order aside until its parts are there.

    Raises:
        Refusal: as `start_repair`.
    """
    order = await open_step(session, actor, number, Step.WAIT_FOR_PARTS)
    await take_step(session, actor, order, Step.WAIT_FOR_PARTS, at=at, **standing(order))
    await session.flush()
    return order


async def complete_repair(
    session: AsyncSession, actor: Actor, number: str, work: WorkDone, *, at: datetime
) -> RepairOrder:
    """Finish the bench work with its record; the device goes to the quality check.

    Every line that is still on the order counts as done, so what was not needed is removed
    before.

    Raises:
        NotPermitted: the actor does not repair, or is not on the staff.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order is not at the bench.
        ApprovalNeeded: a line was added that the customer has not approved.
        RecordMissing: fault, remedy or time is missing; nothing closes without them.
        InvalidInput: an outcome that is none of bench work.
        UnknownLine: serials for a line that is no part of this order.
    """
    order = await open_step(session, actor, number, Step.COMPLETE_REPAIR)
    _check_record(work)
    order.repaired_by_staff_id = staff_of(actor)
    order.outcome = work.outcome
    order.fault_note, order.remedy_note = work.fault_note.strip(), work.remedy_note.strip()
    order.labour_minutes = work.labour_minutes
    lines = await list_lines(session, order.id)
    _note_parts(lines, work.parts)
    serials = [serial for part in work.parts for serial in (part.new_serial, part.old_serial)]
    await add_serials(session, order.id, serials)
    _mark(lines, LineStatus.DONE)
    await take_step(
        session,
        actor,
        order,
        Step.COMPLETE_REPAIR,
        at=at,
        outcome=work.outcome,
        labour_minutes=work.labour_minutes,
        parts=[part.line_id for part in work.parts],
    )
    await session.flush()
    return order


async def check_quality(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    passed: bool,
    note: str = "",
    at: datetime,
) -> RepairOrder:
    """Check a finished repair: it is ready for its customer, or goes back to the bench.

    Raises:
        NotPermitted: the actor does not check quality, or is not on the staff.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order does not wait for its check.
        SamePerson: the actor did the repair.
    """
    step = Step.PASS_QUALITY if passed else Step.FAIL_QUALITY
    order = await open_step(session, actor, number, step)
    checker = staff_of(actor)
    if checker == order.repaired_by_staff_id:
        raise SamePerson("Somebody else than the technician checks the quality.")
    check = QualityCheck(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        passed=passed,
        note=note,
        staff_id=checker,
        checked_at=at,
    )
    session.add(check)
    if not passed:
        _mark(await list_lines(session, order.id), LineStatus.APPROVED)
    await take_step(session, actor, order, step, at=at, check_id=check.id)
    await session.flush()
    return order


async def approve_repair(
    session: AsyncSession, actor: Actor, order: RepairOrder, *, at: datetime, **facts: object
) -> None:
    """Keep the customer's approval of a locked order; `facts` name the quote in the event.

    Raises:
        NotPermitted: the actor does not record approvals.
        WrongRepairStatus: no quote is out.
    """
    await take_step(session, actor, order, Step.APPROVE, at=at, **facts)
    _mark(await list_lines(session, order.id), LineStatus.APPROVED)
    await session.flush()


async def decline_repair(
    session: AsyncSession, actor: Actor, number: str, *, reason: str = "", at: datetime
) -> RepairOrder:
    """Give up the repair at the customer's wish: the device is ready to be collected.

    Raises:
        NotPermitted: the actor does not record the customer's decision.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the repair has begun.
    """
    order = await open_step(session, actor, number, Step.DECLINE)
    await decline_order(session, actor, order, reason=reason, at=at)
    return order


async def decline_order(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    *,
    reason: str = "",
    at: datetime,
    **facts: object,
) -> None:
    """Do what `decline_repair` does to an order that the caller has locked.

    Once the device was inspected, the policy's diagnosis is due, at its price to whoever pays
    for it; every other line is declined. The customer need not say why.
    """
    if obstacle := find_obstacle(order, Step.DECLINE):
        raise obstacle
    if order.diagnosed_at is not None:
        await add_diagnosis(session, actor, order, at=at)
    await _drop(session, order, reason)
    order.outcome = Outcome.DECLINED
    await take_step(session, actor, order, Step.DECLINE, at=at, **facts, **sums_of(order))
    await session.flush()


async def cancel_order(
    session: AsyncSession, actor: Actor, number: str, *, reason: str, at: datetime
) -> RepairOrder:
    """End an order that should not have been, or whose device was taken back at once.

    Raises:
        NotPermitted: the actor does not cancel.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the repair has begun.
        MoneyHeld: the customer has paid.
        RecordMissing: no reason.
    """
    order = await open_step(session, actor, number, Step.CANCEL)
    if not reason.strip():
        raise RecordMissing("Write down the reason.", field="reason")
    await _drop(session, order, reason, keep=frozenset())
    await take_step(session, actor, order, Step.CANCEL, at=at)
    await session.flush()
    return order


async def assign_order(
    session: AsyncSession, actor: Actor, number: str, *, staff_id: UUID, at: datetime
) -> RepairOrder:
    """Make somebody on the staff the owner of an open order.

    Raises:
        NotPermitted: the actor does not assign.
        NotFound: no such order in the actor's scope, or nobody of that id works here.
        WrongRepairStatus: the order has ended.
    """
    actor.require(Permission.ASSIGN_ORDER)
    order = await get_order(session, actor, number, lock=True)
    if order.status not in OPEN:
        raise WrongRepairStatus("The order has ended.", status=order.status.value)
    staff = await get_staff(session, staff_id)
    if not staff.is_active:
        raise NotFound("This person does not work here any more.", field="staff_id")
    before = standing(order)
    order.owner_staff_id = staff_id
    order.version += 1
    await record(session, actor, "repair.assigned", order, at=at, staff_id=staff_id, **before)
    await session.flush()
    return order


def _check_record(work: WorkDone) -> None:
    if work.outcome not in WORKED:
        raise InvalidInput("Say what came of the repair.", field="outcome")
    if not work.fault_note.strip():
        raise RecordMissing("Write down the fault.", field="fault_note")
    if not work.remedy_note.strip():
        raise RecordMissing("Write down the remedy.", field="remedy_note")
    if work.labour_minutes < 1:
        raise RecordMissing("Write down the minutes worked.", field="labour_minutes")


def _note_parts(lines: Sequence[OrderLine], parts: Sequence[PartFitted]) -> None:
    places = {line.id: line for line in lines if line.line is LineKind.PART}
    for part in parts:
        line = places.get(part.line_id)
        if line is None:
            raise UnknownLine("The order has no such part.", field="parts")
        line.new_serial = part.new_serial or None
        line.old_serial = part.old_serial or None


def _mark(lines: Sequence[OrderLine], status: LineStatus) -> None:
    for line in lines:
        if line.status is not LineStatus.DECLINED:
            line.status = status


async def _drop(
    session: AsyncSession,
    order: RepairOrder,
    reason: str,
    *,
    keep: frozenset[LineKind] = frozenset({LineKind.DIAGNOSIS}),
) -> None:
    """Decline the lines but those to keep, and note why nothing was repaired."""
    lines = await list_lines(session, order.id)
    for line in lines:
        line.status = LineStatus.DONE if line.line in keep else LineStatus.DECLINED
    sum_lines(order, lines, Payer.CUSTOMER)
    if all(line.status is LineStatus.DECLINED for line in lines):
        order.coverage = Coverage.DECLINED
    order.remedy_note = reason.strip()
