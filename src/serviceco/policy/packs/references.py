"""What a file says about itself must hold together: each name it uses, it also defines."""

from collections import Counter
from collections.abc import Iterable, Iterator
from zoneinfo import available_timezones

from serviceco.policy.packs.yaml import Where
from serviceco.policy.words import (
    CategoryCover,
    FactName,
    Guarantee,
    Law,
    Policy,
    StartRule,
    TenantPack,
)

Loose = Iterator[tuple[Where, str]]
# A place with the rule id and the clause that stand there.
Named = tuple[Where, str, str]


def loose_ends_of_policy(policy: Policy) -> Loose:
    """Yield each place of a policy that refers to nothing, or twice to the same."""
    yield from _clauses_and_rules(policy, [])
    yield from _findings(policy)
    yield from _categories(policy)
    yield from _doubles(("parts",), [part.part_no for part in policy.parts], "part_no")
    rates = [f"{rate.category} level {rate.level}" for rate in policy.labour]
    yield from _doubles(("labour",), rates, "level")
    yield from _doubles(("tests",), [case.name for case in policy.tests], "name")
    if not policy.tests:
        yield ("tests",), "a policy carries its own tests"


def loose_ends_of_law(law: Law) -> Loose:
    """Yield each place of a law that refers to nothing, or twice to the same."""
    named: list[Named] = [
        (("permits", n), permit.rule, permit.clause) for n, permit in enumerate(law.permits)
    ]
    named += [(("remedies", n), row.rule, row.clause) for n, row in enumerate(law.remedies)]
    yield from _clauses_and_rules(law, named)
    for number, clause in law.clauses.items():
        if clause.source not in law.sources:
            yield ("clauses", number, "source"), f"no source is called `{clause.source}`"


def loose_ends_of_tenant(tenant: TenantPack) -> Loose:
    """Yield each unknown zone, and each branch that is named and does not exist."""
    if tenant.zone not in available_timezones():
        yield ("zone",), f"`{tenant.zone}` is no IANA time zone"
    yield from _doubles(("branches",), [branch.code for branch in tenant.branches], "code")
    yield from _doubles(("staff",), [person.code for person in tenant.staff], "code")
    yield from _doubles(("staff",), [person.email for person in tenant.staff], "email")
    for n, branch in enumerate(tenant.branches):
        if branch.zone and branch.zone not in available_timezones():
            yield ("branches", n, "zone"), f"`{branch.zone}` is no IANA time zone"
    yield from _unknown_branches(tenant, {branch.code for branch in tenant.branches})


def _unknown_branches(tenant: TenantPack, branches: set[str]) -> Loose:
    for n, contract in enumerate(tenant.contracts):
        for m, authorised in enumerate(contract.branches):
            if authorised.branch not in branches:
                where = ("contracts", n, "branches", m, "branch")
                yield where, f"no branch is called `{authorised.branch}`"
    for n, person in enumerate(tenant.staff):
        for m, branch in enumerate(person.branches):
            if branch not in branches:
                yield ("staff", n, "branches", m), f"no branch is called `{branch}`"


def _clauses_and_rules(source: Policy | Law, named: list[Named]) -> Loose:
    """Check that clauses exist and rule ids are used once."""
    rows = [*named, *_terms(source.coverage.items()), *_guarantee(source.guarantee)]
    if isinstance(source, Policy):
        rows += [
            (("exclusions", n), row.rule, row.clause) for n, row in enumerate(source.exclusions)
        ]
        rows.append((("claims",), source.claims.rule, source.claims.clause))
    seen: set[str] = set()
    for where, rule, clause in rows:
        if clause not in source.clauses:
            yield (*where, "clause"), f"no clause is numbered `{clause}`"
        if rule in seen:
            yield (*where, "rule"), f"the rule id `{rule}` stands here twice"
        seen.add(rule)
    yield from _starts(source.start)


def _terms(coverage: Iterable[tuple[str, CategoryCover]]) -> Iterator[Named]:
    for category, cover in coverage:
        at: Where = ("coverage", category)
        yield (*at, "whole"), cover.whole.rule, cover.whole.clause
        for name, term in cover.components.items():
            yield (*at, "components", name), term.rule, term.clause


def _guarantee(guarantee: Guarantee | None) -> Iterator[Named]:
    if guarantee is not None:
        yield ("guarantee",), guarantee.rule, guarantee.clause


def _starts(start: tuple[StartRule, ...]) -> Loose:
    if not start:
        yield ("start",), "no kind of proof starts the clock"
    yield from _doubles(("start",), [rule.proof for rule in start], "proof")


def _findings(policy: Policy) -> Loose:
    for category, steps in policy.inspection.items():
        at: Where = ("inspection", category)
        yield from _doubles(at, [step.code for step in steps], "code")
        for n, step in enumerate(steps):
            for m, code in enumerate(step.finds):
                if code not in policy.findings:
                    yield (*at, n, "finds", m), f"no finding is called `{code}`"
    yield from _unfound(policy)


def _unfound(policy: Policy) -> Loose:
    """Yield each finding that an exclusion waits for in vain."""
    found = {code for steps in policy.inspection.values() for step in steps for code in step.finds}
    for n, row in enumerate(policy.exclusions):
        condition = row.when.get(FactName.FINDING)
        for m, code in enumerate(condition.one_of if condition else ()):
            where = ("exclusions", n, "when", FactName.FINDING.value, "one_of", m)
            if code not in policy.findings:
                yield where, f"no finding is called `{code}`"
            elif code not in found:
                yield where, f"no step of the inspection finds `{code}`: the row can never hit"


def _categories(policy: Policy) -> Loose:
    for category in policy.coverage:
        if category not in policy.inspection:
            yield ("coverage", category), f"`{category}` has no inspection standard"
    named = [
        *((("inspection", category), category) for category in policy.inspection),
        *((("labour", n, "category"), rate.category) for n, rate in enumerate(policy.labour)),
        *((("parts", n, "category"), part.category) for n, part in enumerate(policy.parts)),
    ]
    for where, category in named:
        if category not in policy.coverage:
            yield where, f"`{category}` is not among the categories of `coverage`"


def _doubles(at: Where, names: Iterable[str], key: str) -> Loose:
    """Yield each name that an earlier entry of the list already has."""
    seen: Counter[str] = Counter()
    for n, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            yield (*at, n, key), f"`{name}` stands here twice"
