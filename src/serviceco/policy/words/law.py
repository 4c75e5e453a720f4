"""A statutory floor as dated data, with its sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from serviceco.policy.words.codes import (
    EvidenceKind,
    Payer,
    ReasonCode,
    SaleChannel,
    Texts,
    Written,
)
from serviceco.policy.words.terms import (
    CategoryCover,
    Clause,
    Condition,
    FactName,
    Guarantee,
    Months,
    StartRule,
    check_conditions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Written):
    """A ground on which the law lets repair be refused, and the evidence it asks for.

    A brand's exclusion with any other reason does not hold against the customer.
    """

    rule: str
    clause: str
    reason: ReasonCode
    evidence: tuple[EvidenceKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy(Written):
    """A right of the customer beyond repair, when all conditions hold."""

    rule: str
    clause: str
    reason: ReasonCode
    when: Mapping[FactName, Condition]

    def __post_init__(self) -> None:
        """Refuse conditions that do not fit their facts."""
        check_conditions(self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law(Written):
    """One statute as far as the counter needs it.

    `is_provable` lets a unit without proof be covered when even its day of manufacture lies
    within the term. `repair_time_extends` adds the days in repair to the term;
    `months_after_repair` adds months once, after a repair at the liable party's cost.
    """

    format: Literal[1]
    code: str
    version: str
    in_force_from: date
    title: Texts
    sources: Mapping[str, str]
    clauses: Mapping[str, Clause]
    start: tuple[StartRule, ...]
    coverage: Mapping[str, CategoryCover]
    permits: tuple[Permit, ...]
    liable: Payer = Payer.BRAND
    liable_by_channel: Mapping[SaleChannel, Payer] = field(default_factory=dict)
    guarantee: Guarantee | None = None
    remedies: tuple[Remedy, ...] = ()
    is_provable: bool = False
    repair_time_extends: bool = False
    months_after_repair: Months = 0
