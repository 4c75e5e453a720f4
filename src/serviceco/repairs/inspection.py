"""Inspecting a device against the standard that its order is pinned to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, Refusal
from serviceco.evidence.operations import record
from serviceco.policy.words import InspectionStep, StepKind
from serviceco.repairs.coverage import decide_anew, read_standard, sums_of
from serviceco.repairs.news import tell_change
from serviceco.repairs.operations import open_step, take_step
from serviceco.repairs.queries import get_order, list_photos, list_results
from serviceco.repairs.rules import judge, missing_steps
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.undoing import standing
from serviceco.repairs.words import (
    Answer,
    InspectionIncomplete,
    Judged,
    RepairStatus,
    Step,
    StepOutcome,
    UnknownStep,
    WrongRepairStatus,
)
from serviceco.repairs.work_tables import InspectionResult, Photo

# Answers that a photo step cannot give without its photo; none means that it passes.
_SEEN = frozenset({None, StepOutcome.PASS, StepOutcome.FAIL})


async def start_inspection(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Put a device on the bench; the inspector becomes the order's owner.

    Raises:
        NotPermitted: the actor does not inspect.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the inspection has begun already.
    """
    order = await open_step(session, actor, number, Step.START_INSPECTION)
    before = standing(order)
    order.owner_staff_id = actor.staff_id or order.owner_staff_id
    await take_step(session, actor, order, Step.START_INSPECTION, at=at, **before)
    await session.flush()
    return order


async def answer_steps(
    session: AsyncSession, actor: Actor, number: str, answers: Sequence[Answer], *, at: datetime
) -> RepairOrder:
    """Answer steps of the standard, and decide anew by what they find.

    A second answer to a step replaces the first, in the same call too, so a repeat changes
    nothing. Answering again
    after the conclusion opens the inspection again.

    Raises:
        NotPermitted: the actor does not inspect.
        NotFound: no such order in the actor's scope, or no such photo of it.
        WrongRepairStatus: the device is not being inspected.
        UnknownStep: the standard has no such step.
        InvalidInput: an answer that its step does not understand; `field` is the step's code.
    """
    actor.require(Permission.INSPECT_DEVICE)
    order = await get_order(session, actor, number, lock=True)
    if order.status is not RepairStatus.INSPECTING:
        raise WrongRepairStatus("The device is not being inspected.", status=order.status.value)
    standard = await read_standard(session, order)
    photos = await list_photos(session, order.id)
    # One row cannot be written twice by one statement.
    last = {answer.step_code: answer for answer in answers}.values()
    rows = [_result(order, actor, standard, photos, answer, at=at) for answer in last]
    if not rows:
        return order
    await _write(session, rows)
    order.diagnosed_at = None
    found = {row["step_code"]: row["finding_code"] or row["outcome"] for row in rows}
    await record(session, actor, "repair.steps_answered", order, at=at, answers=found)
    await decide_anew(session, actor, order, at=at)
    await tell_change(session, order, at=at)
    await session.flush()
    return order


async def conclude_inspection(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Close the inspection: every required step is answered, and the findings stand.

    Raises:
        NotPermitted: the actor does not inspect.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the device is not being inspected.
        InspectionIncomplete: a required step is open; `facts["missing"]` lists their codes.
    """
    order = await open_step(session, actor, number, Step.CONCLUDE_INSPECTION)
    results = await list_results(session, order.id)
    missing = missing_steps(
        await read_standard(session, order),
        answered={result.step_code for result in results},
        slots={photo.slot for photo in await list_photos(session, order.id)}
        | {result.step_code for result in results if result.photo_id},
    )
    if missing:
        raise InspectionIncomplete(
            f"Steps of the standard are not answered: {', '.join(missing)}.", missing=missing
        )
    findings = sorted({result.finding_code for result in results if result.finding_code})
    await take_step(
        session,
        actor,
        order,
        Step.CONCLUDE_INSPECTION,
        at=at,
        findings=findings,
        **sums_of(order),
    )
    await session.flush()
    return order


def _result(
    order: RepairOrder,
    actor: Actor,
    standard: Sequence[InspectionStep],
    photos: Sequence[Photo],
    answer: Answer,
    *,
    at: datetime,
) -> dict[str, object]:
    """Return the columns of an answer held against its step."""
    position = _position(standard, answer.step_code)
    _require_photo(standard[position], photos, answer)
    judged = judge(standard[position], answer)
    if isinstance(judged, Refusal):
        raise judged
    return _columns(order, actor, position, answer, judged) | {"answered_at": at}


def _require_photo(step: InspectionStep, photos: Sequence[Photo], answer: Answer) -> None:
    if answer.photo_id and answer.photo_id not in {photo.id for photo in photos}:
        raise NotFound("There is no such photo of this order.", field=step.code)
    is_shown = answer.photo_id or any(photo.slot == step.code for photo in photos)
    if step.kind is StepKind.PHOTO and not is_shown and answer.outcome in _SEEN:
        raise InvalidInput(f"Take the photo of {step.code} first.", field=step.code)


def _position(standard: Sequence[InspectionStep], code: str) -> int:
    for position, step in enumerate(standard):
        if step.code == code:
            return position
    raise UnknownStep(f"The standard has no step {code}.", field=code)


def _columns(
    order: RepairOrder, actor: Actor, position: int, answer: Answer, judged: Judged
) -> dict[str, object]:
    return {
        "tenant_id": order.tenant_id,
        "id": new_id(),
        "order_id": order.id,
        "step_code": answer.step_code,
        "position": position,
        "outcome": judged.outcome,
        "reading": judged.reading,
        "unit": judged.unit,
        "finding_code": judged.finding_code,
        "photo_id": answer.photo_id,
        "note": answer.note,
        "staff_id": actor.staff_id,
    }


async def _write(session: AsyncSession, rows: list[dict[str, object]]) -> None:
    """Insert the answers in one statement, each in place of an earlier answer to its step."""
    key = ("tenant_id", "order_id", "step_code")
    statement = insert(InspectionResult).values(rows)
    kept = {name: statement.excluded[name] for name in rows[0] if name not in {*key, "id"}}
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=kept))
