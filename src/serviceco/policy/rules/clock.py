"""The warranty clock: where it starts, how far it runs, what may lengthen it.

Everything here is a day, never an instant. The last day of cover is the same day of a later
month, or that month's last day where it has no such day (29 February plus 12 months ends on
28 February); it is itself covered. A repair lengthens a clock or adds a guarantee of its own; it
never restarts the clock of the unit.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from serviceco.core.periods import add_months
from serviceco.policy.rules.trail import Trail
from serviceco.policy.words import (
    Facts,
    Guarantee,
    Missing,
    Outcome,
    Payer,
    Proof,
    ProofKind,
    Reach,
    StartRule,
    StartUsed,
)


def last_covered_day(starts_on: date, months: int, *, extra_days: int = 0) -> date:
    """Return the last day of a term that starts on a day."""
    return add_months(starts_on, months) + timedelta(days=extra_days)


def choose_start(rules: Iterable[StartRule], facts: Facts, trail: Trail) -> StartUsed | None:
    """Return the start by the first kind of proof that is there and may count.

    Of several proofs of a kind the verified ones come first, then the earliest: a unit is sold
    new once. A proof dated after the day of receipt cannot be right and does not count.
    """
    for rule in rules:
        proof = _best(rule, facts)
        if proof is None:
            continue
        if rule.verified and not proof.verified:
            trail.note("start", rule.proof, f"{proof.on} unverified", Outcome.MISSING)
            trail.missing.append(Missing(what=rule.proof, rule="start"))
            continue
        trail.note("start", rule.proof, proof.on, Outcome.HOLDS)
        return start_from(proof, grace_days=rule.grace_days)
    trail.note("start", "any accepted proof", "none", Outcome.UNKNOWN)
    return None


def start_from(proof: Proof, *, grace_days: int = 0) -> StartUsed:
    """Return the start that a proof gives."""
    starts_on = proof.on + timedelta(days=grace_days) if grace_days else proof.on
    return StartUsed(kind=proof.kind, on=proof.on, starts_on=starts_on)


def earliest_start(facts: Facts) -> StartUsed | None:
    """Return the day before which the unit cannot have been sold: that of its manufacture."""
    made = [
        proof
        for proof in facts.proofs
        if proof.kind is ProofKind.MANUFACTURE_DATE and proof.on <= facts.received_on
    ]
    return start_from(min(made, key=lambda proof: proof.on)) if made else None


def guarantee_until(guarantee: Guarantee | None, facts: Facts) -> date | None:
    """Return the last day of the longest repair guarantee that reaches this line."""
    if guarantee is None or not facts.earlier_repairs:
        return None
    days = [
        repair.on
        for repair in facts.earlier_repairs
        if repair.on <= facts.received_on
        and (guarantee.reach is Reach.UNIT or facts.component in repair.components)
    ]
    return max(days) + timedelta(days=guarantee.days) if days else None


def was_repaired_free(facts: Facts, starts_on: date, last: date) -> bool:
    """Tell whether a repair within the term, and before this one, cost the customer nothing."""
    until = min(last, facts.received_on)
    return any(
        repair.payer is not Payer.CUSTOMER and starts_on <= repair.on <= until
        for repair in facts.earlier_repairs
    )


def _best(rule: StartRule, facts: Facts) -> Proof | None:
    proofs = [
        proof
        for proof in facts.proofs
        if proof.kind is rule.proof and proof.on <= facts.received_on
    ]
    if len(proofs) < 2:
        return proofs[0] if proofs else None
    return min(proofs, key=lambda proof: (not proof.verified, proof.on))
