"""Flaws of the rows of exclusions: those that never hit, stand behind others, or contradict them."""

from collections.abc import Iterator
from itertools import combinations

from serviceco.policy.rules.regions import (
    Names,
    Region,
    contains,
    facts_in,
    is_empty,
    meet,
    nearest,
    regions_of,
    takes_all_of,
)
from serviceco.policy.words import (
    Condition,
    EvidenceKind,
    Exclusion,
    FactName,
    Flaw,
    FlawCode,
    Law,
    Payer,
    Permit,
    Policy,
)

_Row = tuple[int, Exclusion, Region]
_EVERYTHING = tuple(EvidenceKind)


def flaws_of_rows(policy: Policy, names: Names) -> Iterator[Flaw]:
    """Yield the flaws of each row by itself, then those of each row beside the earlier ones."""
    regions = regions_of([row.when for row in policy.exclusions], policy, names)
    rows = [(n, row, regions[n]) for n, row in enumerate(policy.exclusions)]
    yield from (_dead(policy, names, row) for row in rows if is_empty(row[2]))
    alive = [row for row in rows if not is_empty(row[2])]
    for first, second in combinations(alive, 2):
        if contains(first[2], second[2]) and takes_all_of(first[1], second[1]):
            yield _shadowed(policy, first, second)
        elif first[1].payer is not second[1].payer and not is_empty(meet(first[2], second[2])):
            yield _overlap(policy, first, second)


def flaws_before_law(policy: Policy, law: Law, names: Names) -> Iterator[Flaw]:
    """Yield each row against the customer that the law does not know, or wants better proven."""
    permits = {permit.reason: permit for permit in law.permits}
    under = {name for name, cover in policy.coverage.items() if cover.law == law.code}
    regions = regions_of([row.when for row in policy.exclusions], policy, names)
    for n, row in enumerate(policy.exclusions):
        there = frozenset(under & law.coverage.keys())
        region = meet(regions[n], {FactName.CATEGORY: there})
        if row.payer is not Payer.CUSTOMER or is_empty(region):
            continue
        example = facts_in(region, policy, row.evidence)
        permit = permits.get(row.reason)
        if permit is None:
            yield Flaw(
                code=FlawCode.NOT_PERMITTED,
                rules=(row.rule,),
                where=("exclusions", n, "reason"),
                sentence=f"{row.rule}: {law.code} lets nobody be refused for {row.reason}; "
                "decisions will be lifted",
                example=example,
            )
        elif lacking := _lacking(row, permit):
            yield Flaw(
                code=FlawCode.LACKS_EVIDENCE,
                rules=(row.rule, permit.rule),
                where=("exclusions", n),
                sentence=f"{row.rule}: {law.code} {permit.clause} asks for a {' and a '.join(lacking)}"
                " that this row does not; without it decisions will be lifted",
                example=example,
            )


def _lacking(row: Exclusion, permit: Permit) -> list[EvidenceKind]:
    return [kind for kind in permit.evidence if kind not in row.evidence]


def _dead(policy: Policy, names: Names, dead: _Row) -> Flaw:
    n, row, region = dead
    name = next(one for one in FactName if one in region and not region[one])
    condition = row.when.get(name)
    why = f"no {name} can be {_asked(condition)}" if condition else f"no {name} is left for it"
    return Flaw(
        code=FlawCode.NEVER_HITS,
        rules=(row.rule,),
        where=("exclusions", n, "when", *((name.value,) if condition else ())),
        sentence=f"{row.rule} can never hit: {why}",
        example=facts_in(nearest(region, row.when, policy, names), policy, _EVERYTHING),
        is_warning=False,
    )


def _asked(condition: Condition) -> str:
    if condition.is_bounds:
        return f"at least {condition.at_least} and at most {condition.at_most}"
    return " or ".join(condition.one_of) or f"other than {', '.join(condition.none_of)}"


def _shadowed(policy: Policy, first: _Row, second: _Row) -> Flaw:
    return Flaw(
        code=FlawCode.SHADOWED,
        rules=(second[1].rule, first[1].rule),
        where=("exclusions", second[0]),
        sentence=f"{second[1].rule} never names the payer: {first[1].rule} before it takes all "
        "that it takes",
        example=facts_in(second[2], policy, _EVERYTHING),
    )


def _overlap(policy: Policy, first: _Row, second: _Row) -> Flaw:
    both = meet(first[2], second[2])
    return Flaw(
        code=FlawCode.OVERLAP,
        rules=(second[1].rule, first[1].rule),
        where=("exclusions", second[0]),
        sentence=f"{first[1].rule} says {first[1].payer} and {second[1].rule} says "
        f"{second[1].payer} of the same facts; the first row counts",
        example=facts_in(both, policy, _EVERYTHING),
    )
