"""The part that a brand's promise and a law have in common: terms, clock and guarantee."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from serviceco.policy.rules.clock import (
    choose_start,
    earliest_start,
    guarantee_until,
    last_covered_day,
    was_repaired_free,
)
from serviceco.policy.rules.reasons import reason_of
from serviceco.policy.rules.trail import Trail
from serviceco.policy.words import (
    CategoryCover,
    Clause,
    Facts,
    Law,
    LineKind,
    Missing,
    Outcome,
    Payer,
    Policy,
    Reason,
    ReasonCode,
    StartUsed,
    Term,
    Texts,
)

Key = tuple[str, str, LineKind]
_NOT_NAMED = Reason(
    code=ReasonCode.NOT_IN_TERMS,
    clause="",
    rule="terms",
    text=Texts(
        zh_hans="政策包没有为此类产品作出保修承诺。",
        zh_hant="保固政策包未就此類產品提供保固承諾。",
        en="The policy pack makes no promise for this kind of product.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The term of one category, component and kind of line, with its reasons ready."""

    rule: str
    months: int
    holds: Reason
    fails: Reason
    no_proof: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a line stands on the clock. `favour` is the reason for cover, `against` the other."""

    favour: Reason | None
    against: Reason | None
    payer: Payer
    start: StartUsed | None
    last_covered_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Compiled terms. `guaranteed` is the reason by which the repair guarantee covers a line."""

    source: Policy | Law
    rows: Mapping[Key, Row]
    guaranteed: Reason | None
    months_after_repair: int = 0

    def row(self, category: str, component: str, kind: LineKind) -> Row | None:
        """Return the component's row, or the category's; None where there is no promise."""
        own = self.rows.get((category, component, kind))
        return own or self.rows.get((category, "", kind))

    def stand(self, facts: Facts, trail: Trail) -> Standing:
        """Find the start, then read the clock of the line's row and its repair guarantee."""
        row = self.row(facts.category, facts.component, facts.line_kind)
        if row is None:
            trail.note("terms", f"category {facts.category}", "not named", Outcome.FAILS)
            return _nothing(_NOT_NAMED, None)
        start = choose_start(self.source.start, facts, trail)
        if row.months == 0:
            trail.note(row.rule, f"{facts.line_kind} covered", "0 months", Outcome.FAILS)
            standing = _nothing(row.fails, start)
        elif start is None and (start := self._provable(row, facts, trail)) is None:
            trail.missing += [Missing(what=rule.proof, rule="start") for rule in self.source.start]
            standing = _nothing(row.no_proof, None)
        else:
            standing = self._in_term(row, facts, start, trail)
        return self._longer(standing, facts, trail)

    def _last_day(self, row: Row, facts: Facts, start: StartUsed) -> date:
        extra = facts.days_in_repair if self.source.repair_time_extends else 0
        last = last_covered_day(start.starts_on, row.months, extra_days=extra)
        if not (self.months_after_repair and was_repaired_free(facts, start.starts_on, last)):
            return last
        months = row.months + self.months_after_repair
        return last_covered_day(start.starts_on, months, extra_days=extra)

    def _in_term(self, row: Row, facts: Facts, start: StartUsed, trail: Trail) -> Standing:
        last = self._last_day(row, facts, start)
        holds = facts.received_on <= last
        if trail.is_kept:
            outcome = Outcome.HOLDS if holds else Outcome.FAILS
            term = f"{facts.line_kind} {row.months} months, to {last}"
            trail.note(row.rule, term, facts.received_on, outcome)
        return Standing(
            favour=row.holds if holds else None,
            against=None if holds else row.fails,
            payer=Payer.BRAND if holds else Payer.CUSTOMER,
            start=start,
            last_covered_on=last,
        )

    def _provable(self, row: Row, facts: Facts, trail: Trail) -> StartUsed | None:
        if not self.source.is_provable:
            return None
        made = earliest_start(facts)
        if made is None or facts.received_on > self._last_day(row, facts, made):
            return None
        trail.note(row.rule, "in period even from manufacture", made.on, Outcome.HOLDS)
        return made

    def _longer(self, standing: Standing, facts: Facts, trail: Trail) -> Standing:
        """Return the longer of the term and the repair guarantee."""
        guarantee = self.source.guarantee
        until = guarantee_until(guarantee, facts)
        if until is None or guarantee is None:
            return standing
        holds = facts.received_on <= until
        if trail.is_kept:
            outcome = Outcome.HOLDS if holds else Outcome.FAILS
            trail.note(guarantee.rule, f"repair guarantee to {until}", facts.received_on, outcome)
        by_guarantee = holds and standing.favour is None
        return Standing(
            favour=self.guaranteed if by_guarantee else standing.favour,
            against=None if by_guarantee else standing.against,
            payer=guarantee.payer if by_guarantee else standing.payer,
            start=standing.start,
            last_covered_on=max(until, standing.last_covered_on or until),
        )


def compile_promise(source: Policy | Law, *, months_after_repair: int = 0) -> Promise:
    """Lay out the terms so that a line finds its row in one step."""
    rows: dict[Key, Row] = {}
    for category, cover in source.coverage.items():
        for kind in LineKind:
            rows[category, "", kind] = _row(cover.whole, cover, kind, source.clauses)
            for component, term in cover.components.items():
                rows[category, component, kind] = _row(term, cover, kind, source.clauses)
    guarantee, guaranteed = source.guarantee, None
    if guarantee is not None:
        guaranteed = reason_of(
            ReasonCode.REPAIR_GUARANTEE, guarantee.rule, guarantee.clause, source.clauses
        )
    return Promise(
        source=source,
        rows=rows,
        guaranteed=guaranteed,
        months_after_repair=months_after_repair,
    )


def _nothing(against: Reason, start: StartUsed | None) -> Standing:
    return Standing(
        favour=None, against=against, payer=Payer.CUSTOMER, start=start, last_covered_on=None
    )


def _row(term: Term, cover: CategoryCover, kind: LineKind, clauses: Mapping[str, Clause]) -> Row:
    months = 0 if term.consumable else term.months.get(kind, cover.whole.months.get(kind, 0))
    against = ReasonCode.EXPIRED if months else ReasonCode.NOT_IN_TERMS
    if term.consumable:
        against = ReasonCode.CONSUMABLE
    holds, fails, no_proof = (
        reason_of(code, term.rule, term.clause, clauses)
        for code in (ReasonCode.IN_PERIOD, against, ReasonCode.NO_PROOF)
    )
    return Row(rule=term.rule, months=months, holds=holds, fails=fails, no_proof=no_proof)
