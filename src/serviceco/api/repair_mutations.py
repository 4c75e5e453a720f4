"""What staff can do to a repair order, in GraphQL."""

from uuid import UUID

from serviceco.api.mutations import Call, mutation
from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.repair_inputs import (
    AnswerInput,
    IntakeInput,
    LineInput,
    ProofInput,
    WorkInput,
)
from serviceco.api.repairs import RepairOrderType
from serviceco.api.versions import versioned
from serviceco.core.actor import Permission
from serviceco.repairs import bench, inspection, lines, undoing
from serviceco.repairs.drafts import end_draft
from serviceco.repairs.intake import receive_device as take_in


@mutation(
    RepairOrderType, needs=Permission.RECEIVE_DEVICE, description="Take a device in at a branch."
)
async def receive_device(call: Call, intake: IntakeInput, draft_id: UUID | None = None) -> UUID:
    """Take a device in; the draft that it was typed into is gone with it."""
    order = await take_in(call.session, call.actor, intake.given(), at=call.at)
    if draft_id is not None:
        await end_draft(call.session, order.branch_id, draft_id)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.RECEIVE_DEVICE,
    description="Add a proof of purchase; the coverage of all lines is decided anew.",
)
async def add_proof(call: Call, number: str, proof: ProofInput) -> UUID:
    """Add a proof of purchase."""
    order = await lines.add_proof(call.session, call.actor, number, proof.given(), at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.INSPECT_DEVICE,
    description="Begin the inspection; it is yours.",
)
async def start_inspection(call: Call, number: str) -> UUID:
    """Begin the inspection."""
    order = await inspection.start_inspection(call.session, call.actor, number, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.INSPECT_DEVICE,
    description="Answer steps of the inspection standard; a later answer replaces an earlier one.",
)
async def answer_steps(call: Call, number: str, answers: list[AnswerInput]) -> UUID:
    """Answer steps of the standard."""
    order = await inspection.answer_steps(
        call.session, call.actor, number, [answer.given() for answer in answers], at=call.at
    )
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.INSPECT_DEVICE,
    description="Conclude the inspection: every required step has its answer.",
)
async def conclude_inspection(call: Call, number: str) -> UUID:
    """Conclude the inspection."""
    order = await inspection.conclude_inspection(call.session, call.actor, number, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.QUOTE,
    description="Propose a line; who pays for it is decided and explained at once.",
)
async def propose_line(call: Call, number: str, line: LineInput) -> UUID:
    """Propose a line."""
    order = await lines.propose_line(call.session, call.actor, number, line.given(), at=call.at)
    return order.id


@mutation(RepairOrderType, needs=Permission.QUOTE, description="Take a proposed line away.")
async def remove_line(call: Call, number: str, line_id: UUID) -> UUID:
    """Take a line away."""
    order = await lines.remove_line(call.session, call.actor, number, line_id, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.QUOTE,
    description="Decide the coverage of all lines anew, on the facts as they are now.",
)
async def decide_coverage(call: Call, number: str) -> UUID:
    """Decide all lines anew."""
    order = await lines.decide_lines(call.session, call.actor, number, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.REPAIR,
    description="Begin the repair, once what the customer pays is approved.",
)
async def start_repair(call: Call, number: str) -> UUID:
    """Begin the repair."""
    order = await bench.start_repair(call.session, call.actor, number, at=call.at)
    return order.id


@mutation(RepairOrderType, needs=Permission.REPAIR, description="Wait for parts.")
async def wait_for_parts(call: Call, number: str) -> UUID:
    """Wait for parts."""
    order = await bench.wait_for_parts(call.session, call.actor, number, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.REPAIR,
    description="Record the work done; fault and remedy are obligatory.",
)
async def complete_repair(call: Call, number: str, work: WorkInput) -> UUID:
    """Record the work done."""
    order = await bench.complete_repair(call.session, call.actor, number, work.given(), at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.CHECK_QUALITY,
    description="Pass or fail a repair that another person did.",
)
async def check_quality(call: Call, number: str, passed: bool, note: str = "") -> UUID:  # noqa: FBT001 - GraphQL arguments have names
    """Pass or fail a repair."""
    order = await bench.check_quality(
        call.session, call.actor, number, passed=passed, note=note, at=call.at
    )
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.APPROVE_QUOTE,
    description="The customer does not want the repair: the device goes back as it is.",
)
async def decline_repair(call: Call, number: str, reason: str) -> UUID:
    """Give the device back unrepaired."""
    order = await bench.decline_repair(call.session, call.actor, number, reason=reason, at=call.at)
    return order.id


@mutation(
    RepairOrderType,
    needs=Permission.CANCEL_ORDER,
    description="Cancel an order that was taken in by mistake.",
)
async def cancel_order(call: Call, number: str, reason: str) -> UUID:
    """Cancel an order."""
    order = await bench.cancel_order(call.session, call.actor, number, reason=reason, at=call.at)
    return order.id


@mutation(RepairOrderType, needs=Permission.ASSIGN_ORDER, description="Give an order to a person.")
async def assign_order(call: Call, number: str, staff_id: UUID) -> UUID:
    """Give an order to a person."""
    order = await bench.assign_order(
        call.session, call.actor, number, staff_id=staff_id, at=call.at
    )
    return order.id


@mutation(
    RepairOrderType,
    needs=Access(Permission.READ_ORDERS, OWN_PEOPLE),
    description="Take back your latest act on an order, if it assigned, started or made it wait.",
)
async def undo_latest(call: Call, number: str) -> UUID:
    """Take the latest act back."""
    order = await undoing.undo_latest(call.session, call.actor, number, at=call.at)
    return order.id


MUTATIONS = (
    receive_device,
    *map(
        versioned,
        (
            add_proof,
            start_inspection,
            answer_steps,
            conclude_inspection,
            propose_line,
            remove_line,
            decide_coverage,
            start_repair,
            wait_for_parts,
            complete_repair,
            check_quality,
            decline_repair,
            cancel_order,
            assign_order,
            undo_latest,
        ),
    ),
)
