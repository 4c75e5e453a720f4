"""What the counter and the bench ask before anything is saved, in GraphQL."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed
from serviceco.api.plan.scalars import Int64, Money
from serviceco.api.repair_inputs import DeviceInput, ProofInput
from serviceco.catalogue.rules import classify_scan
from serviceco.catalogue.words import ScanKind, ScanProblem
from serviceco.core.actor import Permission
from serviceco.policy.queries import pinned_policy
from serviceco.policy.words import Coverage, InspectionStep, StepKind, Texts, document_of
from serviceco.repairs import intake
from serviceco.repairs.coverage import read_prices, read_standard
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


@strawberry.type(description="Something that a failed step may have found.")
class StepFinding:
    """GraphQL face of a finding."""

    code: str = strawberry.field(description="Its code.")
    title: Text = strawberry.field(description="What it is called.")


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
    findings: list[StepFinding] = strawberry.field(description="Findings that a failure may be.")

    @classmethod
    def of(cls, step: InspectionStep, titles: Mapping[str, Texts]) -> "StandardStep":
        """Copy the room's word; `titles` are those of the policy's findings."""
        return cls(
            code=step.code,
            title=Text.of(step.title),
            kind=step.kind,
            is_required=step.required,
            unit=step.unit,
            at_least=_decimal(step.at_least),
            at_most=_decimal(step.at_most),
            findings=[StepFinding(code=code, title=Text.of(titles[code])) for code in step.finds],
        )


@strawberry.type(description="Something that can be proposed as a line.")
class Offer:
    """GraphQL face of a price."""

    code: str = strawberry.field(description="Part number; empty for labour.")
    title: Text = strawberry.field(description="What it is called.")
    repair_level: int | None = strawberry.field(description="Level of labour.")
    labour_minutes: int | None = strawberry.field(description="Standard minutes of labour.")
    customer_price: Money = strawberry.field(description="What a customer pays for one.")


@strawberry.type(description="Labour and parts that the pinned policy offers for an order.")
class PriceList:
    """GraphQL face of a price list; empty for a brand without a contract."""

    labour: list[Offer] = strawberry.field(description="Labour by repair level.")
    parts: list[Offer] = strawberry.field(description="Parts that fit the model.")


@computed("What a scanned or typed text is.", needs=Permission.READ_ORDERS)
async def scan(call: Call, text: str) -> Scan:
    """Classify a scan."""
    found = classify_scan(text)
    return Scan(kind=found.kind, code=found.code, problem=found.problem)


@computed(
    "What the policy would say, before the device is taken in.", needs=Permission.RECEIVE_DEVICE
)
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
    steps = await read_standard(call.session, order)
    if not steps or order.policy_version_id is None:
        return []
    # What findings are called does not depend on the day; the laws that come along do.
    pinned = await pinned_policy(call.session, order.policy_version_id, order.received_at.date())
    return [StandardStep.of(step, pinned.policy.findings) for step in steps]


@computed("What can be proposed as a line of an order.", needs=Permission.QUOTE)
async def price_list(call: Call, number: str) -> PriceList:
    """List labour and parts."""
    order = await get_order(call.session, call.actor, number)
    prices = await read_prices(call.session, order)
    return PriceList(
        labour=[
            Offer(
                code="",
                title=Text.of(rate.title),
                repair_level=rate.level,
                labour_minutes=rate.labour_minutes,
                customer_price=_money(rate.price_minor, order.currency),
            )
            for rate in prices.labour
        ],
        parts=[
            Offer(
                code=part.part_no,
                title=Text.of(part.title),
                repair_level=None,
                labour_minutes=None,
                customer_price=_money(part.price_minor, order.currency),
            )
            for part in prices.parts
        ],
    )


def _money(amount_minor: int, currency: str) -> Money:
    return Money(amount_minor=Int64(amount_minor), currency=currency)


def _decimal(limit: Decimal | None) -> str | None:
    return None if limit is None else str(limit)


COMPUTED = (scan, coverage_preview, inspection_standard, price_list)
