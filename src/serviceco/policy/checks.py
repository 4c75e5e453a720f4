"""Checks a whole `tenants/` folder: each file, what files say of each other, the packs' own tests."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from serviceco.policy.analysis import (
    RowsReached,
    flaws_of,
    names_beside,
    problem_of,
    rows_reached,
)
from serviceco.policy.packs import (
    BrokenPack,
    Folder,
    Problem,
    Read,
    open_brand,
    open_catalogue,
    open_law,
    open_policy,
    open_tenant,
)
from serviceco.policy.rules import (
    CompiledLaw,
    CompiledPolicy,
    compile_law,
    compile_policy,
    decide_coverage,
    terms_below,
)
from serviceco.policy.words import (
    BrandPack,
    Case,
    CataloguePack,
    Decision,
    Expected,
    Law,
    Policy,
    TenantPack,
)

Shape = TypeVar("Shape")
Found = Iterator[Problem]


@dataclass(slots=True)
class World:
    """All files of a folder that could be read, and what is wrong with the others."""

    catalogue: Read[CataloguePack] | None = None
    laws: dict[str, Read[Law]] = field(default_factory=dict)
    brands: dict[str, Read[BrandPack]] = field(default_factory=dict)
    tenants: list[tuple[Read[TenantPack], list[Read[Policy]]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(
        self, paths: Iterable[Path], reader: Callable[[Path], Read[Shape]]
    ) -> list[Read[Shape]]:
        """Read files, keeping the problems of those that are broken."""
        whole: list[Read[Shape]] = []
        for path in paths:
            try:
                whole.append(reader(path))
            except BrokenPack as broken:
                self.problems += broken.problems
        return whole


def check_tenants(root: Path) -> list[Problem]:
    """Return every problem and warning of the folder, by file and line; none if all is well."""
    world = read_world(root)
    compiled = {code: compile_law(law.words) for code, law in world.laws.items()}
    problems = [*world.problems, *_brand_problems(world)]
    for tenant, policies in world.tenants:
        problems += _tenant_problems(world, tenant, policies)
        for policy in policies:
            problems += _policy_problems(world, tenant.words, policy)
            problems += _floor_warnings(world.laws, policy)
            problems += case_problems(policy, compiled)
            names = names_beside(world.brands.get(policy.words.brand), world.catalogue)
            laws = {code: law.words for code, law in world.laws.items()}
            problems += [problem_of(policy, flaw) for flaw in flaws_of(policy.words, laws, names)]
    problems += [problem for pack in _rows_reached(world) for problem in pack.missed]
    return sorted(problems)


def coverage_of_tests(root: Path) -> list[RowsReached]:
    """Return how many rows of each pack of the folder its tests reach."""
    return list(_rows_reached(read_world(root)))


def _rows_reached(world: World) -> Iterator[RowsReached]:
    policies = [policy for _, own in world.tenants for policy in own]
    return rows_reached(policies, list(world.laws.values()))


def read_world(root: Path) -> World:
    """Read all files of a folder that can be read."""
    folder, world = Folder(root), World()
    world.catalogue = next(iter(world.take([folder.catalogue], open_catalogue)), None)
    world.laws = {law.words.code: law for law in world.take(folder.laws(), open_law)}
    world.brands = {brand.words.code: brand for brand in world.take(folder.brands(), open_brand)}
    for path in folder.tenants():
        policies = world.take(folder.policies(path), open_policy)
        world.tenants += [(tenant, policies) for tenant in world.take([path], open_tenant)]
    return world


def case_problems(policy: Read[Policy], laws: Mapping[str, CompiledLaw]) -> Found:
    """Run the tests that a policy carries and yield those that it does not pass."""
    compiled = compile_policy(policy.words)
    for n, case in enumerate(policy.words.tests):
        for field_name, message in failures(case, compiled, laws):
            where = ("tests", n, "expect", field_name)
            yield policy.source.problem(where, f"test `{case.name}`: {message}")


def failures(
    case: Case, policy: CompiledPolicy, laws: Mapping[str, CompiledLaw]
) -> list[tuple[str, str]]:
    """Return what a decision says otherwise than the test expects: the field, and a sentence."""
    law = laws.get(policy.law_code(case.facts.category) or "")
    decided = _outcome(decide_coverage(policy, law, case.facts))
    return [
        (name, f"{name} is {decided[name]}, expected {wanted}")
        for name, wanted in _wanted(case.expect).items()
        if decided[name] != wanted
    ]


def _outcome(decision: Decision) -> dict[str, str]:
    return {
        "payer": decision.payer.value,
        "reasons": ", ".join(decision.reason_codes),
        "rule": decision.reasons[0].rule,
        "floor": decision.floor.rule if decision.floor else "none",
        "last_covered_on": str(decision.last_covered_on),
        "missing": ", ".join(missing.what for missing in decision.missing),
        "remedies": ", ".join(remedy.code for remedy in decision.remedies),
    }


def _wanted(expect: Expected) -> dict[str, str]:
    """Return what must agree, as text."""
    lists = {"missing": expect.missing, "remedies": expect.remedies}
    optional = {
        "rule": expect.rule,
        "last_covered_on": expect.last_covered_on,
        **{name: None if codes is None else ", ".join(codes) for name, codes in lists.items()},
    }
    return {
        "payer": expect.payer.value,
        "reasons": ", ".join(expect.reasons),
        "floor": expect.floor or "none",
        **{name: str(wanted) for name, wanted in optional.items() if wanted is not None},
    }


def _brand_problems(world: World) -> Found:
    categories = _categories(world)
    for brand in world.brands.values():
        for n, model in enumerate(brand.words.models):
            if model.category not in categories:
                where = ("models", n, "category")
                yield brand.source.problem(where, f"no category is called `{model.category}`")


def _tenant_problems(world: World, tenant: Read[TenantPack], policies: list[Read[Policy]]) -> Found:
    words, source = tenant.words, tenant.source
    if words.slug != source.path.parent.name:
        yield source.problem(("slug",), f"the folder is called `{source.path.parent.name}`")
    promised = {policy.words.brand for policy in policies}
    for n, contract in enumerate(words.contracts):
        where = ("contracts", n, "brand")
        if contract.brand not in world.brands:
            yield source.problem(where, f"no brand is called `{contract.brand}`")
        elif contract.brand not in promised:
            yield source.problem(where, f"there is no policy for the brand `{contract.brand}`")


def _policy_problems(world: World, tenant: TenantPack, policy: Read[Policy]) -> Found:
    words, source = policy.words, policy.source
    if words.brand != source.path.stem:
        yield source.problem(("brand",), f"the file is called `{source.path.name}`")
    if words.brand not in {contract.brand for contract in tenant.contracts}:
        yield source.problem(("brand",), f"{tenant.slug} has no contract with `{words.brand}`")
    if words.currency != tenant.currency:
        yield source.problem(("currency",), f"{tenant.slug} counts in {tenant.currency}")
    yield from _coverage_problems(world, policy)
    brand = world.brands.get(words.brand)
    models = {model.code for model in brand.words.models} if brand else set()
    for n, part in enumerate(words.parts):
        for m, model in enumerate(part.models):
            if brand and model not in models:
                yield source.problem(("parts", n, "models", m), f"no model is called `{model}`")


def _coverage_problems(world: World, policy: Read[Policy]) -> Found:
    words, source = policy.words, policy.source
    categories = _categories(world)
    components = world.catalogue.words.components if world.catalogue else {}
    for category, cover in words.coverage.items():
        at = ("coverage", category)
        if category not in categories:
            yield source.problem_at_key(at, f"no category is called `{category}`")
        if cover.law is not None and cover.law not in world.laws:
            yield source.problem((*at, "law"), f"no law is called `{cover.law}`")
        for name in cover.components:
            if name not in components:
                where = (*at, "components", name)
                yield source.problem_at_key(where, f"no component is called `{name}`")
    for n, part in enumerate(words.parts):
        if part.component not in components:
            yield source.problem(
                ("parts", n, "component"), f"no component is called `{part.component}`"
            )


def _floor_warnings(laws: Mapping[str, Read[Law]], policy: Read[Policy]) -> Found:
    for category, cover in policy.words.coverage.items():
        law = laws.get(cover.law or "")
        if law is None:
            continue
        for short in terms_below(policy.words, law.words, category):
            at = ("coverage", category, *short.where)
            yield policy.source.problem(at, short.sentence, is_warning=True)


def _categories(world: World) -> set[str]:
    if world.catalogue is None:
        return set()
    return {category.code for category in world.catalogue.words.categories}
