"""The static check of policies that could be read: their flaws, and the rows that no test reaches."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from serviceco.policy.cases import case_problems
from serviceco.policy.packs import Problem, Read, facts_text
from serviceco.policy.rules import (
    Names,
    RuleRow,
    compile_law,
    compile_policy,
    flaws_before_law,
    flaws_of_rows,
    flaws_of_units,
    gaps_of,
    idle_findings,
    reached,
    rows_of_law,
    rows_of_policy,
    terms_below,
)
from serviceco.policy.words import BrandPack, CataloguePack, Flaw, Law, Policy


class RowsReached(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of a pack its tests reach; `missed` are the problems at the others."""

    code: str
    rows: int
    missed: tuple[Problem, ...]


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy is held against: its company's currency, the registers, the laws by code."""

    currency: str
    categories: frozenset[str]
    laws: Mapping[str, Law]
    names: Names


def problems_of(policy: Read[Policy], known: Known) -> Iterator[Problem]:
    """Yield all that is wrong with one policy: names, its own tests, the law, and its rows.

    The same is found in a file of `tenants/` and in a draft.
    """
    words, source = policy.words, policy.source
    if words.currency != known.currency:
        yield source.problem(("currency",), f"the company counts in {known.currency}")
    yield from _unknown(policy, known)
    yield from _unknown_parts(policy, known.names)
    for category, cover in words.coverage.items():
        if law := known.laws.get(cover.law or ""):
            for short in terms_below(words, law, category):
                where = ("coverage", category, *short.where)
                yield source.problem(where, short.sentence, is_warning=True)
    yield from case_problems(policy, {code: compile_law(law) for code, law in known.laws.items()})
    for flaw in flaws_of(words, known.laws, known.names):
        yield problem_of(policy, flaw)


def _unknown(policy: Read[Policy], known: Known) -> Iterator[Problem]:
    """Yield each name of the terms that no register holds; where nobody knows, any may exist."""
    source, components = policy.source, known.names.components
    for category, cover in policy.words.coverage.items():
        at = ("coverage", category)
        if category not in known.categories:
            yield source.problem_at_key(at, f"no category is called `{category}`")
        if cover.law is not None and cover.law not in known.laws:
            yield source.problem((*at, "law"), f"no law is called `{cover.law}`")
        for name in cover.components:
            if components and name not in components:
                where = (*at, "components", name)
                yield source.problem_at_key(where, f"no component is called `{name}`")


def _unknown_parts(policy: Read[Policy], names: Names) -> Iterator[Problem]:
    """Yield each name of the price list that no register holds."""
    source = policy.source
    for n, part in enumerate(policy.words.parts):
        if names.components and part.component not in names.components:
            sentence = f"no component is called `{part.component}`"
            yield source.problem(("parts", n, "component"), sentence)
        for m, model in enumerate(part.models):
            if names.models and model not in names.models:
                yield source.problem(("parts", n, "models", m), f"no model is called `{model}`")


def flaws_of(policy: Policy, laws: Mapping[str, Law], names: Names) -> Iterator[Flaw]:
    """Yield every flaw of a policy under the laws that it names."""
    yield from flaws_of_rows(policy, names)
    yield from gaps_of(policy, names)
    yield from idle_findings(policy)
    yield from flaws_of_units(policy)
    for code in sorted({cover.law for cover in policy.coverage.values() if cover.law}):
        if code in laws:
            yield from flaws_before_law(policy, laws[code], names)


def names_beside(brand: Read[BrandPack] | None, catalogue: Read[CataloguePack] | None) -> Names:
    """Return the models and components that exist, as far as their files could be read."""
    models = brand.words.models if brand else ()
    return Names(
        models={model.code: model.category for model in models},
        components=frozenset(catalogue.words.components if catalogue else ()),
    )


def problem_of(policy: Read[Policy], flaw: Flaw) -> Problem:
    """Return a flaw at its line, with the facts that show it."""
    message = f"{flaw.sentence}; for example {facts_text(flaw.example)}"
    return policy.source.problem(flaw.where, message, is_warning=flaw.is_warning)


def rows_reached(
    policies: Sequence[Read[Policy]], laws: Sequence[Read[Law]]
) -> Iterator[RowsReached]:
    """Yield each policy with the rows its own tests miss, then each law by the tests of all."""
    compiled = {law.words.code: compile_law(law.words) for law in laws}
    by_law: dict[str, set[str]] = {code: set() for code in compiled}
    for policy in policies:
        ready, own = compile_policy(policy.words), set[str]()
        for case in policy.words.tests:
            law = compiled.get(ready.law_code(case.facts.category) or "")
            spoken = reached(ready, law, case.facts)
            own |= spoken
            if law is not None:
                by_law[law.law.code] |= spoken
        yield _rows(policy, list(rows_of_policy(policy.words)), own)
    for read in laws:
        under = [policy.words for policy in policies]
        yield _rows(read, list(rows_of_law(read.words, under)), by_law[read.words.code])


def _rows(read: Read[Policy] | Read[Law], rows: Sequence[RuleRow], spoken: set[str]) -> RowsReached:
    return RowsReached(
        code=read.words.code,
        rows=len(rows),
        missed=tuple(
            read.source.problem(row.where, f"no test reaches {row.rule}", is_warning=True)
            for row in rows
            if row.rule not in spoken
        ),
    )
