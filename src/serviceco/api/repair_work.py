"""What is found, decided and done on an order, in GraphQL."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.plan.fields import column, money, to_one
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.scalars import Money
from serviceco.api.plan.types import planned
from serviceco.api.policy import PolicyVersionType
from serviceco.api.tenancy import StaffType
from serviceco.core.actor import Permission
from serviceco.policy.words import LineKind, Payer
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, StepOutcome
from serviceco.repairs.work_tables import (
    CoverageDecision,
    InspectionResult,
    OrderLine,
    Photo,
    QualityCheck,
)

strawberry.enum(Payer, description="Who bears the cost of a line.")
strawberry.enum(LineKind, description="What a line is for.")
strawberry.enum(LineStatus, description="How far a line has come.")
strawberry.enum(StepOutcome, description="The answer to one step of an inspection standard.")


@planned(
    Photo,
    description="A picture of the device in a named slot.",
    needs=Permission.READ_ORDERS,
    within=(Photo.order_id, RepairOrder),
)
class PhotoType(Node):
    """GraphQL face of a photo."""

    id: UUID = column(Photo.id, "Its id.")
    slot: str = column(Photo.slot, "What it shows.")
    sha256: str = column(Photo.sha256, "Hash of the file, hexadecimal; part of its address.")
    media_type: str = column(Photo.media_type, "Media type of the file.")
    size_bytes: int = column(Photo.size_bytes, "Size of the file.")
    width: int = column(Photo.width, "Pixels across.")
    height: int = column(Photo.height, "Pixels down.")
    taken_at: datetime = column(Photo.taken_at, "When it was taken.")


@planned(
    InspectionResult,
    description="The answer to one step of the inspection standard.",
    needs=Permission.READ_ORDERS,
    within=(InspectionResult.order_id, RepairOrder),
)
class InspectionResultType(Node):
    """GraphQL face of an inspection result."""

    id: UUID = column(InspectionResult.id, "Its id.")
    step_code: str = column(InspectionResult.step_code, "The step of the standard.")
    position: int = column(InspectionResult.position, "Its place in the standard.")
    outcome: StepOutcome = column(InspectionResult.outcome, "Pass, fail or not applicable.")
    reading: str | None = column(InspectionResult.reading, "Measured value, decimal text.")
    unit: str | None = column(InspectionResult.unit, "Unit of the reading.")
    finding_code: str | None = column(InspectionResult.finding_code, "The finding of a failure.")
    note: str = column(InspectionResult.note, "Remark; may be empty.")
    answered_at: datetime = column(InspectionResult.answered_at, "When it was answered.")
    photo: PhotoType | None = to_one(InspectionResult.photo_id, "Its photo, if it has one.")


@planned(
    CoverageDecision,
    description="Who pays and why; immutable.",
    needs=Permission.READ_ORDERS,
    within=(CoverageDecision.order_id, RepairOrder),
)
class CoverageDecisionType(Node):
    """GraphQL face of a coverage decision."""

    id: UUID = column(CoverageDecision.id, "Its id.")
    line_id: UUID | None = column(
        CoverageDecision.line_id, "The line decided; null for the visit as a whole."
    )
    payer: Payer = column(CoverageDecision.payer, "Who pays.")
    law_codes: list[str] = column(CoverageDecision.law_codes, "Laws applied as a floor.")
    facts: JSON = column(CoverageDecision.facts, "The facts that were decided on.")
    decision: JSON = column(
        CoverageDecision.decision, "Reasons with clauses, missing evidence, and the trace."
    )
    decided_at: datetime = column(CoverageDecision.decided_at, "When.")
    policy_version: PolicyVersionType = to_one(
        CoverageDecision.policy_version_id, "The policy version that decided."
    )


@planned(
    OrderLine,
    description="One line of an order.",
    needs=Permission.READ_ORDERS,
    within=(OrderLine.order_id, RepairOrder),
)
class OrderLineType(Node):
    """GraphQL face of an order line."""

    id: UUID = column(OrderLine.id, "Its id.")
    position: int = column(OrderLine.position, "Its place, from 1.")
    line: LineKind = column(OrderLine.line, "What it is for.")
    code: str = column(OrderLine.code, "Part number, or labour code.")
    names: JSON = column(OrderLine.names, "Description per language.")
    component: str | None = column(OrderLine.component, "The component that it concerns.")
    repair_level: int | None = column(OrderLine.repair_level, "Repair level of labour.")
    quantity: int = column(OrderLine.quantity, "How many.")
    price: Money = money(OrderLine.price_minor, OrderLine.currency, "Price of one, to the payer.")
    amount: Money = money(OrderLine.amount_minor, OrderLine.currency, "Quantity times price.")
    payer: Payer = column(OrderLine.payer, "Who pays.")
    status: LineStatus = column(OrderLine.status, "How far it has come.")
    labour_minutes: int | None = column(OrderLine.labour_minutes, "Minutes worked.")
    new_serial: str | None = column(OrderLine.new_serial, "Serial of the part that went in.")
    old_serial: str | None = column(OrderLine.old_serial, "Serial of the part that came out.")
    decision: CoverageDecisionType | None = to_one(
        OrderLine.decision_id, "The decision in force on this line."
    )


@planned(
    QualityCheck,
    description="A check of a finished repair by another person.",
    needs=Permission.READ_ORDERS,
    within=(QualityCheck.order_id, RepairOrder),
)
class QualityCheckType(Node):
    """GraphQL face of a quality check."""

    id: UUID = column(QualityCheck.id, "Its id.")
    passed: bool = column(QualityCheck.passed, "Whether the repair passed.")
    note: str = column(QualityCheck.note, "Remark; may be empty.")
    checked_at: datetime = column(QualityCheck.checked_at, "When.")
    staff: StaffType = to_one(QualityCheck.staff_id, "Who checked.")
