"""Who pays for a line: the brand's promise, its exclusions, and the law as a floor."""

from collections.abc import Iterable
from datetime import date

from serviceco.policy.rules.compiled import CompiledLaw, CompiledPolicy
from serviceco.policy.rules.conditions import note_all
from serviceco.policy.rules.exclusions import has_evidence, rows_to_try
from serviceco.policy.rules.promise import Standing
from serviceco.policy.rules.trail import Ground, QuietTrail, Trail
from serviceco.policy.words import (
    Coverage,
    Decision,
    Facts,
    Floor,
    Missing,
    Outcome,
    Payer,
    Reason,
    ReasonCode,
)


def decide_coverage(policy: CompiledPolicy, law: CompiledLaw | None, facts: Facts) -> Decision:
    """Decide who pays for one line, with all reasons and a trace; never below the law.

    `law` is the one that `policy.law_code(facts.category)` names, None where it names none.
    """
    trail = Trail()
    standing = policy.promise.stand(facts, trail)
    for row in policy.exclusions.get(facts.category, ()):
        row.attempt(facts, _starts_on(standing), trail)
    payer, reasons = _weigh(standing, trail.grounds)
    last = standing.last_covered_on
    floor: Floor | None = None
    remedies: tuple[Reason, ...] = ()
    if law is not None and facts.category in law.law.coverage:
        legal = Trail(steps=trail.steps)
        right = law.promise.stand(facts, legal)
        is_refused = _is_refused_by(law, trail)
        last = _later(last, right.last_covered_on)
        if right.favour is not None and not is_refused:
            remedies = _remedies(law, right, facts, trail)
            if payer is Payer.CUSTOMER:
                floor = _floor(law, right.favour, reasons)
                payer, reasons = _liable(law, right, facts), (right.favour,)
                trail.note(right.favour.rule, "law is a floor", payer, Outcome.LIFTED)
        elif payer is Payer.CUSTOMER:
            trail.missing += legal.missing
    return Decision(
        payer=payer,
        reasons=reasons,
        floor=floor,
        start=standing.start,
        last_covered_on=last,
        missing=tuple(dict.fromkeys(trail.missing)),
        remedies=remedies,
        trace=tuple(trail.steps),
        policy=policy.pinned,
        law=law.pinned if law else None,
    )


def decide_payer(policy: CompiledPolicy, law: CompiledLaw | None, facts: Facts) -> Payer:
    """Return who pays by `decide_coverage`, and nothing else, in a quarter of the time."""
    trail = QuietTrail()
    standing = policy.promise.stand(facts, trail)
    for row in rows_to_try(policy.exclusions.get(facts.category, ()), facts):
        row.attempt(facts, _starts_on(standing), trail)
    payer = trail.grounds[0].payer if trail.grounds else standing.payer
    if payer is not Payer.CUSTOMER or law is None or facts.category not in law.law.coverage:
        return payer
    right = law.promise.stand(facts, trail)
    if right.favour is None or _is_refused_by(law, trail):
        return payer
    return _liable(law, right, facts)


def sum_coverage(payers: Iterable[Payer | None]) -> Coverage:
    """Return what the lines of an order come to; None is a line not yet decided.

    The customer paying some but not all is mixed. Otherwise a line at the company's own cost
    makes the order goodwill. An order whose quote was declined is set so by its operation.
    """
    found = set(payers)
    if not found or None in found:
        return Coverage.UNDECIDED
    if found == {Payer.CUSTOMER}:
        return Coverage.PAID
    if Payer.CUSTOMER in found:
        return Coverage.MIXED
    return Coverage.GOODWILL if Payer.TENANT in found else Coverage.IN_WARRANTY


def _weigh(standing: Standing, grounds: list[Ground]) -> tuple[Payer, tuple[Reason, ...]]:
    """Name the payer and all reasons: the clock's first, then the rows that hit, in order."""
    if not grounds:
        reason = standing.favour or standing.against
        return standing.payer, (reason,) if reason else ()
    clock = (standing.against,) if standing.against else ()
    return grounds[0].payer, (*clock, *(ground.reason for ground in grounds))


def _is_refused_by(law: CompiledLaw, trail: Trail) -> bool:
    """Tell whether the law knows one of the grounds, with the evidence that it asks for."""
    for ground in trail.grounds:
        permit = law.permits.get(ground.reason.code)
        if permit is None:
            trail.note(law.law.code, "permits", ground.reason.code, Outcome.FAILS)
            continue
        lacking = [
            kind
            for kind in permit.evidence
            if ground.finding is None or not has_evidence(ground.finding, kind)
        ]
        if not lacking:
            trail.note(permit.rule, "permits", ground.reason.code, Outcome.HOLDS)
            return True
        trail.note(permit.rule, "permits", ground.reason.code, Outcome.MISSING)
        code = ground.finding.code if ground.finding else ""
        trail.missing += [Missing(what=kind, rule=permit.rule, finding=code) for kind in lacking]
    return False


def _floor(law: CompiledLaw, favour: Reason, overruled: tuple[Reason, ...]) -> Floor:
    return Floor(
        code=law.law.code,
        version=law.law.version,
        clause=favour.clause,
        rule=favour.rule,
        text=favour.text,
        verified=law.law.clauses[favour.clause].verified,
        overruled=overruled,
    )


def _liable(law: CompiledLaw, right: Standing, facts: Facts) -> Payer:
    if right.favour is not None and right.favour.code is ReasonCode.REPAIR_GUARANTEE:
        return right.payer
    return law.law.liable_by_channel.get(facts.channel, law.law.liable)


def _remedies(law: CompiledLaw, right: Standing, facts: Facts, trail: Trail) -> tuple[Reason, ...]:
    starts_on = _starts_on(right)
    return tuple(
        reason
        for reason, tests in law.remedies
        if note_all(tests, reason.rule, facts, starts_on, trail)
    )


def _starts_on(standing: Standing) -> date | None:
    return standing.start.starts_on if standing.start else None


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other
