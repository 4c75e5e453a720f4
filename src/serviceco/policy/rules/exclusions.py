"""Decision-table rows over findings and other facts, each compiled into one closure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from serviceco.policy.rules.conditions import compile_conditions, note_all, wording
from serviceco.policy.rules.reasons import reason_of
from serviceco.policy.rules.trail import Ground, Trail
from serviceco.policy.words import (
    Clause,
    EvidenceKind,
    Exclusion,
    FactName,
    Facts,
    Finding,
    Missing,
    Outcome,
    Reach,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A compiled row: `attempt` tries it and leaves what comes of it in the trail.

    `wanted` are the findings of which one must be there; None where the row asks for none.
    """

    wanted: frozenset[str] | None
    attempt: Callable[[Facts, date | None, Trail], None]


def compile_exclusion(row: Exclusion, clauses: Mapping[str, Clause]) -> Row:
    """Return the row with a closure that adds its ground, or its missing evidence, to a trail.

    The conditions on plain facts are tried first, in the order of the catalogue (a stored document
    keeps no order of keys), and the first that does not hold ends the row; the finding comes last.
    """
    tests = compile_conditions(row.when)
    reason = reason_of(row.reason, row.rule, row.clause, clauses)
    find = _compile_finding(row)

    def attempt(facts: Facts, starts_on: date | None, trail: Trail) -> None:
        if not note_all(tests, row.rule, facts, starts_on, trail):
            return
        if find is None:
            trail.grounds.append(Ground(reason, row.payer, None))
            return
        finding = find(facts, trail)
        if finding is not None:
            trail.grounds.append(Ground(reason, row.payer, finding))

    found = row.when.get(FactName.FINDING)
    return Row(wanted=frozenset(found.one_of) if found else None, attempt=attempt)


def rows_to_try(rows: tuple[Row, ...], facts: Facts) -> Iterator[Row]:
    """Yield the rows that these facts may hit: those left out would leave nothing but steps."""
    codes = {finding.code for finding in facts.findings}
    return (row for row in rows if row.wanted is None or not row.wanted.isdisjoint(codes))


def has_evidence(finding: Finding, kind: EvidenceKind) -> bool:
    """Tell whether the finding carries that evidence."""
    return bool(finding.photos if kind is EvidenceKind.PHOTO else finding.reading)


def _compile_finding(row: Exclusion) -> Callable[[Facts, Trail], Finding | None] | None:
    condition = row.when.get(FactName.FINDING)
    if condition is None:
        return None
    wanted = frozenset(condition.one_of)
    words = wording(FactName.FINDING, condition)
    needed = row.evidence
    whole = row.reach is Reach.UNIT
    rule = row.rule

    def find(facts: Facts, trail: Trail) -> Finding | None:
        unproven: list[Missing] = []
        for finding in facts.findings:
            if finding.code not in wanted:
                continue
            if not whole and finding.component and finding.component != facts.component:
                continue
            lacking = [kind for kind in needed if not has_evidence(finding, kind)]
            if not lacking:
                trail.note(rule, words, finding.code, Outcome.HOLDS)
                return finding
            unproven += [
                Missing(what=kind.value, rule=rule, finding=finding.code) for kind in lacking
            ]
        trail.missing += unproven
        if unproven:
            trail.note(rule, words, unproven[0].finding, Outcome.MISSING)
        else:
            trail.note(rule, words, "none", Outcome.FAILS)
        return None

    return find
