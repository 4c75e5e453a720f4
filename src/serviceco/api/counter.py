"""What the counter and the bench ask before anything is saved, in GraphQL."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed
from serviceco.api.repair_inputs import DeviceInput, ProofInput
from serviceco.catalogue.rules import classify_scan
from serviceco.catalogue.words import ScanKind, ScanProblem
from serviceco.core.actor import Permission
from serviceco.policy.words import Coverage, InspectionStep, StepKind, Texts, document_of
from serviceco.repairs import intake
from serviceco.repairs.coverage import read_standard
from serviceco.repairs.queries import get_order

strawberry.enum(ScanKind, description="What a scanned text is.")
strawberry.enum(ScanProblem, description="Why a scanned text was not understood.")
strawberry.enum(StepKind, description="How a step of an inspection standard is answered.")


@strawberry.type(description="What a scanned or typed text is.")
class Scan:
    """GraphQL face of a scan."""

    kind: ScanKind = strawberry.field(description="Order, IMEI, serial, model, or unknown.")
    code: str = strawberry.field(description="The text, normalised.")
    problem: ScanProblem | None = strawberry.field(description="Why it was not understood.")


@strawberry.type(description="What the policy would say of a device, and what is known of it.")
class CoveragePreview:
    """GraphQL face of a preview."""

    coverage: Coverage = strawberry.field(description="What the visit would come to.")
    decision: JSON | None = strawberry.field(
        description="Reasons with clauses, missing evidence and trace; null without a policy."
    )
    model_code: str | None = strawberry.field(description="The model that the serial shows.")
    open_order_number: str | None = strawberry.field(
        description="The order in which this device is already here."
    )
    repeat_of_number: str | None = strawberry.field(
        description="The visit of the last 90 days of which this would be a repeat."
    )
    repeat_days: int | None = strawberry.field(description="Days since that visit.")


@strawberry.type(description="A text in the three languages.")
class Text:
    """GraphQL face of a text."""

    zh_hans: str = strawberry.field(description="Simplified Chinese.")
    zh_hant: str = strawberry.field(description="Traditional Chinese, as used in Taiwan.")
    en: str = strawberry.field(description="English.")

    @classmethod
    def of(cls, texts: Texts) -> "Text":
        """Copy the room's word."""
        return cls(zh_hans=texts.zh_hans, zh_hant=texts.zh_hant, en=texts.en)


@strawberry.type(description="One step of the inspection standard pinned by an order.")
class StandardStep:
    """GraphQL face of a step."""

    code: str = strawberry.field(description="Its code.")
    title: Text = strawberry.field(description="What is to be done.")
    kind: StepKind = strawberry.field(description="How it is answered.")
    is_required: bool = strawberry.field(description="Whether it must be answered.")
    unit: str = strawberry.field(description="Unit of its reading; empty without one.")
    at_least: str | None = strawberry.field(description="Lower limit, decimal text.")
    at_most: str | None = strawberry.field(description="Upper limit, decimal text.")
    findings: list[str] = strawberry.field(description="Findings that a failure may be.")

    @classmethod
    def of(cls, step: InspectionStep) -> "StandardStep":
        """Copy the room's word."""
        return cls(
            code=step.code,
            title=Text.of(step.title),
            kind=step.kind,
            is_required=step.required,
            unit=step.unit,
            at_least=_decimal(step.at_least),
            at_most=_decimal(step.at_most),
            findings=list(step.finds),
        )


@computed("What a scanned or typed text is.", needs=Permission.READ_ORDERS)
async def scan(call: Call, text: str) -> Scan:
    """Classify a scan."""
    found = classify_scan(text)
    return Scan(kind=found.kind, code=found.code, problem=found.problem)


@computed("What the policy would say, before the device is taken in.", needs=Permission.READ_ORDERS)
async def coverage_preview(
    call: Call, branch_id: UUID, device: DeviceInput, proofs: list[ProofInput]
) -> CoveragePreview:
    """Preview the coverage of a device."""
    seen = await intake.preview_coverage(
        call.session,
        call.actor,
        branch_id,
        device.given(),
        proofs=tuple(proof.given() for proof in proofs),
        at=call.at,
    )
    return CoveragePreview(
        coverage=seen.coverage,
        decision=None if seen.decision is None else JSON(document_of(seen.decision)),
        model_code=seen.model_code,
        open_order_number=seen.open_order_number,
        repeat_of_number=seen.repeat_of_number,
        repeat_days=seen.repeat_days,
    )


@computed("The inspection standard pinned by an order.", needs=Permission.READ_ORDERS)
async def inspection_standard(call: Call, number: str) -> list[StandardStep]:
    """List the steps of the standard."""
    order = await get_order(call.session, call.actor, number)
    return [StandardStep.of(step) for step in await read_standard(call.session, order)]


def _decimal(limit: Decimal | None) -> str | None:
    return None if limit is None else str(limit)


COMPUTED = (scan, coverage_preview, inspection_standard)
