"""A decision: who pays for a line, every reason, and the steps that led there."""

from datetime import date

import msgspec

from serviceco.policy.words.codes import Outcome, Payer, ProofKind, ReasonCode, Texts

# Raised when the rules themselves change meaning, so that an old decision is not held against them.
ENGINE = 1


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The very version that decided; `sha256` is of its canonical form."""

    code: str
    version: str
    sha256: str


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, with the clause in the brand's (or the law's) own words."""

    code: ReasonCode
    clause: str
    rule: str
    text: Texts


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence that would have changed or secured the decision.

    `what` is a kind of proof or of evidence; `finding` is the code it should hang on, if any.
    """

    what: str
    rule: str
    finding: str = ""


class StartUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence that set the clock, and the day the clock starts (grace included)."""

    kind: ProofKind
    on: date
    starts_on: date


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """The law lifted the decision. `overruled` is what the brand's policy had said."""

    code: str
    version: str
    clause: str
    rule: str
    text: Texts
    verified: bool
    overruled: tuple[Reason, ...]


class Step(msgspec.Struct, frozen=True, gc=False):
    """One step of the trace, in the order tried: rule id, condition, the fact, what came of it."""

    rule: str
    condition: str
    fact: str
    outcome: Outcome


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays for one line and why.

    `last_covered_on` is the last day of cover, the longest of promise, repair guarantee and law;
    None where the clock has no start. `remedies` are claims of the customer beyond repair
    (refund, exchange). Recomputed from the stored facts and the pinned versions, it is equal.
    """

    payer: Payer
    reasons: tuple[Reason, ...]
    floor: Floor | None
    start: StartUsed | None
    last_covered_on: date | None
    missing: tuple[Missing, ...]
    remedies: tuple[Reason, ...]
    trace: tuple[Step, ...]
    policy: Pinned
    law: Pinned | None
    engine: int = ENGINE

    @property
    def reason_codes(self) -> tuple[ReasonCode, ...]:
        """The codes of the reasons, in order."""
        return tuple(reason.code for reason in self.reasons)
