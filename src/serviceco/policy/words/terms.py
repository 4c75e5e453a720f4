"""What a promise is made of: clauses, the start of the clock, terms, exclusions, guarantees."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le

from serviceco.policy.words.codes import (
    EvidenceKind,
    LineKind,
    Payer,
    ProofKind,
    Reach,
    ReasonCode,
    Texts,
    Written,
)

Months = Annotated[int, Ge(0), Le(600)]
Days = Annotated[int, Ge(0), Le(3660)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Texts):
    """A clause in three languages. A law's clause names its source and whether it was checked."""

    source: str = ""
    verified: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRule(Written):
    """One kind of proof that may start the clock; the first in the list that is there counts.

    `grace_days` stand between the proof's date and the start: the time a unit lies in stock.
    """

    proof: ProofKind
    verified: bool = True
    grace_days: Days = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Written):
    """How many calendar months each kind of line is covered.

    A kind left out of a component's term is as the category says; left out there, not covered.
    """

    rule: str
    clause: str
    months: Mapping[LineKind, Months] = field(default_factory=dict)
    consumable: bool = False

    def __post_init__(self) -> None:
        """Refuse a consumable that is covered."""
        if self.consumable and any(self.months.values()):
            raise ValueError("a consumable has no months of cover")


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCover(Written):
    """The terms of one product category; `law` is the code of its statutory floor."""

    whole: Term
    components: Mapping[str, Term] = field(default_factory=dict)
    law: str | None = None


class FactName(StrEnum):
    """The catalogue of facts that a condition may ask about."""

    FINDING = "finding"
    COMPONENT = "component"
    MODEL = "model"
    CATEGORY = "category"
    LINE_KIND = "line_kind"
    CHANNEL = "channel"
    REGION = "region"
    REPAIR_LEVEL = "repair_level"
    EARLIER_REPAIRS = "earlier_repairs"
    DAYS_IN_REPAIR = "days_in_repair"
    DAYS_WAITING_FOR_PARTS = "days_waiting_for_parts"
    DAYS_SINCE_START = "days_since_start"


NUMBERS = frozenset(
    {
        FactName.REPAIR_LEVEL,
        FactName.EARLIER_REPAIRS,
        FactName.DAYS_IN_REPAIR,
        FactName.DAYS_WAITING_FOR_PARTS,
        FactName.DAYS_SINCE_START,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Written):
    """A typed test of one fact: a set of codes, or bounds of a number (both in).

    Never a free expression: what is typed can be checked for gaps, explained and run in bulk.
    """

    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None

    def __post_init__(self) -> None:
        """Refuse a condition that asks nothing, or two things at once."""
        bounds = self.at_least is not None or self.at_most is not None
        if (bool(self.one_of), bool(self.none_of), bounds).count(True) != 1:
            raise ValueError("a condition is either one_of, or none_of, or at_least/at_most")

    @property
    def is_bounds(self) -> bool:
        """Whether it asks about a number."""
        return not (self.one_of or self.none_of)


def check_conditions(when: Mapping[FactName, Condition]) -> None:
    """Refuse conditions whose kind does not fit their fact.

    Raises:
        ValueError: bounds on a code, codes on a number, or `none_of` on findings.
    """
    for name, condition in when.items():
        if condition.is_bounds != (name in NUMBERS):
            wanted = "at_least/at_most" if name in NUMBERS else "one_of/none_of"
            raise ValueError(f"the fact {name} is tested by {wanted}")
        if name is FactName.FINDING and not condition.one_of:
            raise ValueError("findings are tested by one_of: what was not found proves nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion(Written):
    """One row of the decision table: when all conditions hold, the promise does not.

    All rows that hit are reported (DMN: collect); the first of them names the payer. A finding
    without the `evidence` does not count and is reported as missing. An unknown fact never hits.
    """

    rule: str
    clause: str
    reason: ReasonCode
    when: Mapping[FactName, Condition]
    evidence: tuple[EvidenceKind, ...] = ()
    reach: Reach = Reach.UNIT
    payer: Payer = Payer.CUSTOMER

    def __post_init__(self) -> None:
        """Refuse a row that would always hit, and conditions that do not fit."""
        if not self.when:
            raise ValueError("an exclusion without a condition would exclude everything")
        check_conditions(self.when)
        if self.evidence and FactName.FINDING not in self.when:
            raise ValueError("evidence is required of findings; this row tests none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee(Written):
    """The guarantee on a repair: days from hand-over, the last one in. Never shortens the term."""

    rule: str
    clause: str
    days: Days
    reach: Reach = Reach.COMPONENT
    payer: Payer = Payer.TENANT
