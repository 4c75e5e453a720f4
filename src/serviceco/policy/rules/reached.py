"""Which rows of a policy and of its law a case reaches: what no test reaches, nobody guards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from serviceco.policy.rules.compiled import CompiledLaw, CompiledPolicy
from serviceco.policy.rules.coverage import decide_coverage
from serviceco.policy.words import CategoryCover, Facts, Law, Outcome, Policy


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A row by its id, or by its proof where it starts the clock, and where it stands."""

    rule: str
    where: tuple[str | int, ...]


def rows_of_policy(policy: Policy) -> Iterator[RuleRow]:
    """Yield every row that a test can reach."""
    for n, start in enumerate(policy.start):
        yield RuleRow(start.proof.value, ("start", n))
    yield from _shared(policy)
    for n, row in enumerate(policy.exclusions):
        yield RuleRow(row.rule, ("exclusions", n))


def rows_of_law(law: Law, policies: Sequence[Policy]) -> Iterator[RuleRow]:
    """Yield the rows that these policies bring into play; a decision tells no start of a law."""
    under = [
        (policy, category)
        for policy in policies
        for category, cover in policy.coverage.items()
        if cover.law == law.code and category in law.coverage
    ]
    categories = {category for _, category in under}
    reasons = {row.reason for policy, _ in under for row in policy.exclusions}
    for row in _shared(law):
        if row.where[0] != "coverage" or row.where[1] in categories:
            yield row
    for n, permit in enumerate(law.permits):
        if permit.reason in reasons:
            yield RuleRow(permit.rule, ("permits", n))
    for n, remedy in enumerate(law.remedies):
        yield RuleRow(remedy.rule, ("remedies", n))


def reached(policy: CompiledPolicy, law: CompiledLaw | None, facts: Facts) -> frozenset[str]:
    """Return the ids of the rows that speak in a decision, those of the law among them.

    A term speaks when its clock is read; every other row when it holds. The start is named by its
    proof, since it has no id.
    """
    decision = decide_coverage(policy, law, facts)
    reasons = [*decision.reasons, *decision.remedies]
    reasons += decision.floor.overruled if decision.floor else ()
    hit = {reason.rule for reason in reasons}
    hit |= {decision.start.kind.value} if decision.start else set()
    terms = _terms(policy.policy.coverage) | (_terms(law.law.coverage) if law else set())
    conditional = {row.rule for row in policy.policy.exclusions}
    conditional |= {row.rule for row in law.law.remedies} if law else set()
    holds = {step.rule for step in decision.trace if step.outcome is Outcome.HOLDS}
    read = {step.rule for step in decision.trace} & terms
    return frozenset(hit | read | (holds - conditional))


def _shared(source: Policy | Law) -> Iterator[RuleRow]:
    for category, cover in source.coverage.items():
        yield RuleRow(cover.whole.rule, ("coverage", category, "whole"))
        for name, term in cover.components.items():
            yield RuleRow(term.rule, ("coverage", category, "components", name))
    if source.guarantee:
        yield RuleRow(source.guarantee.rule, ("guarantee",))


def _terms(coverage: Mapping[str, CategoryCover]) -> set[str]:
    return {
        term.rule
        for cover in coverage.values()
        for term in (cover.whole, *cover.components.values())
    }
