"""Checks a whole `tenants/` folder: each file, what files say of each other, the packs' own tests."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from serviceco.policy.analysis import (
    Known,
    RowsReached,
    names_beside,
    problems_of,
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
from serviceco.policy.words import (
    BrandPack,
    CataloguePack,
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
    problems = [*world.problems, *_brand_problems(world)]
    for tenant, policies in world.tenants:
        problems += _tenant_problems(world, tenant, policies)
        for policy in policies:
            problems += _policy_problems(world, tenant.words, policy)
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
    known = Known(
        currency=tenant.currency,
        categories=frozenset(_categories(world)),
        laws={code: law.words for code, law in world.laws.items()},
        names=names_beside(world.brands.get(words.brand), world.catalogue),
    )
    yield from problems_of(policy, known)


def _categories(world: World) -> set[str]:
    if world.catalogue is None:
        return set()
    return {category.code for category in world.catalogue.words.categories}
