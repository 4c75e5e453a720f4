"""Reading an inspection standard and the price lists of a policy."""

from datetime import date, timedelta
from decimal import Decimal

from serviceco.policy.words import (
    ClaimEvidence,
    InspectionStep,
    LabourRate,
    PartOffer,
    Policy,
    ReasonCode,
)


def is_within(step: InspectionStep, reading: Decimal) -> bool:
    """Tell whether a reading in the step's unit keeps its limits, both in."""
    return (step.at_least is None or reading >= step.at_least) and (
        step.at_most is None or reading <= step.at_most
    )


def find_labour_rate(policy: Policy, category: str, level: int) -> LabourRate | None:
    """Return the rate of a repair level."""
    for rate in policy.labour:
        if (rate.category, rate.level) == (category, level):
            return rate
    return None


def find_part(policy: Policy, part_no: str) -> PartOffer | None:
    """Return the part of that number."""
    return next((part for part in policy.parts if part.part_no == part_no), None)


def parts_for(policy: Policy, category: str, *, model: str = "") -> tuple[PartOffer, ...]:
    """Return the parts that fit a model, in the list's order; all of the category without one."""
    return tuple(
        part
        for part in policy.parts
        if part.category == category and (not model or not part.models or model in part.models)
    )


def claim_objections(
    policy: Policy,
    *,
    handed_over_on: date,
    filed_on: date,
    evidence: frozenset[ClaimEvidence],
    repeat_of: date | None = None,
) -> tuple[ReasonCode, ...]:
    """Return why the brand would refuse a claim, in the order late, incomplete, repeated.

    `repeat_of` is the day of hand-over of an earlier repair of the same component.
    """
    rules = policy.claims
    objections: list[ReasonCode] = []
    if filed_on > handed_over_on + timedelta(days=rules.deadline_days):
        objections.append(ReasonCode.LATE_CLAIM)
    if not evidence.issuperset(rules.evidence):
        objections.append(ReasonCode.MISSING_EVIDENCE)
    if repeat_of and handed_over_on <= repeat_of + timedelta(days=rules.repeat_unpaid_days):
        objections.append(ReasonCode.DUPLICATE)
    return tuple(objections)
