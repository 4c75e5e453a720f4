"""A brand's policy for one tenant, format 1: promise, standard, prices and claim rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from serviceco.policy.words.codes import Payer, ReasonCode, Texts, Written
from serviceco.policy.words.facts import Facts
from serviceco.policy.words.terms import (
    CategoryCover,
    Clause,
    Days,
    Exclusion,
    Guarantee,
    StartRule,
)

Minor = Annotated[int, Ge(0)]
Level = Annotated[int, Ge(1), Le(3)]


class StepKind(StrEnum):
    """How a step of an inspection standard is answered."""

    PASS_FAIL = "pass_fail"  # noqa: S105 - an answer, not a secret
    MEASURE = "measure"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionStep(Written):
    """One step, in order. `finds` are the findings that a fail may yield.

    A measure has a `unit` and at least one limit (both in); a reading outside is a fail.
    """

    code: str
    title: Texts
    kind: StepKind
    required: bool = True
    component: str = ""
    unit: str = ""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    finds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse limits where nothing is measured, and measures without them."""
        has_limit = self.at_least is not None or self.at_most is not None
        if self.kind is StepKind.MEASURE and not (self.unit and has_limit):
            raise ValueError("a measure needs a unit and at_least or at_most")
        if self.kind is not StepKind.MEASURE and (self.unit or has_limit):
            raise ValueError("only a measure has a unit and limits")
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]  # both are known to be there
            raise ValueError("at_least is above at_most")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabourRate(Written):
    """What a repair of that level brings: from the brand, and from a customer who pays."""

    category: str
    level: Level
    title: Texts
    labour_minutes: Annotated[int, Ge(1)]
    brand_pays_minor: Minor
    price_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOffer(Written):
    """A spare part. `cost_minor` is the brand's price to the company; no models means all."""

    part_no: str
    title: Texts
    component: str
    category: str
    cost_minor: Minor
    price_minor: Minor
    models: tuple[str, ...] = ()
    is_returned: bool = True


class PayModel(StrEnum):
    """How the brand pays for warranty work."""

    PER_REPAIR = "per_repair"
    LUMP_SUM = "lump_sum"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayTerms(Written):
    """What the brand pays for, by contract. `lump_sum_minor` is for a month."""

    model: PayModel
    reimburses_parts: bool
    lump_sum_minor: Minor = 0
    travel_pays_minor: Minor = 0
    travel_price_minor: Minor = 0
    diagnosis_price_minor: Minor = 0


class ClaimEvidence(StrEnum):
    """What must be with a claim."""

    PROOF_OF_PURCHASE = "proof_of_purchase"
    SERIAL_PHOTO = "serial_photo"
    FAULT_PHOTO = "fault_photo"
    SIGNED_SLIP = "signed_slip"
    DEFECTIVE_PART = "defective_part"
    REPAIR_CODES = "repair_codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRules(Written):
    """How the brand judges claims; the counter asks them before it is too late.

    A claim is in time up to `deadline_days` after hand-over, that day in. A second repair of the
    same component within `repeat_unpaid_days` of the first is not paid.
    """

    rule: str
    clause: str
    deadline_days: Days
    evidence: tuple[ClaimEvidence, ...]
    repeat_unpaid_days: Days = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Written):
    """What a test case of a pack expects. Optional fields count only where they are given.

    `reasons` are all, in order; `rule` is that of the first; `floor` is the law's rule that
    lifted, none if left out.
    """

    payer: Payer
    reasons: tuple[ReasonCode, ...]
    rule: str | None = None
    floor: str | None = None
    last_covered_on: date | None = None
    missing: tuple[str, ...] | None = None
    remedies: tuple[ReasonCode, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Written):
    """A test case that travels with the pack."""

    name: str
    facts: Facts
    expect: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Written):
    """One version of a brand's policy for a tenant; immutable once published."""

    format: Literal[1]
    code: str
    brand: str
    version: str
    effective_from: date
    currency: Annotated[str, MinLen(3)]
    title: Texts
    clauses: Mapping[str, Clause]
    start: tuple[StartRule, ...]
    coverage: Mapping[str, CategoryCover]
    findings: Mapping[str, Texts]
    inspection: Mapping[str, tuple[InspectionStep, ...]]
    labour: tuple[LabourRate, ...]
    parts: tuple[PartOffer, ...]
    pay: PayTerms
    claims: ClaimRules
    exclusions: tuple[Exclusion, ...] = ()
    guarantee: Guarantee | None = None
    is_provable: bool = False
    repair_time_extends: bool = False
    tests: tuple[Case, ...] = field(default=())
