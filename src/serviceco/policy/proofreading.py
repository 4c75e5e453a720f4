"""Checks the text of a draft against what its company knows: brand, categories, laws, versions."""

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category, ProductModel
from serviceco.policy.checks import case_problems
from serviceco.policy.packs import BrokenPack, Problem, Read, parse_policy
from serviceco.policy.rules import compile_law, terms_below
from serviceco.policy.tables import LawVersion, PolicyDraft, PolicyVersion
from serviceco.policy.words import DraftFinding, Law, Policy, law_of
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Brand, Tenant

_NAME = "draft"


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft is held against. `laws` are those in force on the day it would take effect."""

    brand: str
    currency: str
    categories: frozenset[str]
    models: frozenset[str]
    versions: frozenset[tuple[str, str]]
    laws: Mapping[str, Law]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A draft as far as it could be read, and what was found, in the order of its lines."""

    policy: Policy | None
    findings: tuple[DraftFinding, ...]

    @property
    def faults(self) -> tuple[DraftFinding, ...]:
        """The findings that stop the draft."""
        return tuple(finding for finding in self.findings if not finding.is_warning)


async def proofread(session: AsyncSession, draft: PolicyDraft) -> Proof:
    """Read and check a draft, and run its own tests under the laws of its first day."""
    try:
        read = parse_policy(draft.pack, _NAME)
    except BrokenPack as broken:
        return Proof(policy=None, findings=_findings(broken.problems))
    around = await _surroundings(session, draft, read.words.effective_from)
    return Proof(policy=read.words, findings=_findings(sorted(check_draft(read, around))))


def check_draft(read: Read[Policy], around: Surroundings) -> Iterator[Problem]:
    """Yield everything that is wrong with a policy that could be read."""
    words, source = read.words, read.source
    if words.brand != around.brand:
        yield source.problem(("brand",), f"this is a draft for the brand `{around.brand}`")
    if words.currency != around.currency:
        yield source.problem(("currency",), f"the company counts in {around.currency}")
    if (words.code, words.version) in around.versions:
        yield source.problem(
            ("version",), f"{words.code} {words.version} is published; give it a new version"
        )
    yield from _unknown(read, around)
    for category, cover in words.coverage.items():
        law = around.laws.get(cover.law or "")
        if cover.law and law is None:
            yield source.problem(
                ("coverage", category, "law"), f"no law in force is called `{cover.law}`"
            )
        for short in terms_below(words, law, category) if law else ():
            at = ("coverage", category, *short.where)
            yield source.problem(at, short.sentence, is_warning=True)
    compiled = {code: compile_law(law) for code, law in around.laws.items()}
    yield from case_problems(read, compiled)


def _unknown(read: Read[Policy], around: Surroundings) -> Iterator[Problem]:
    words, source = read.words, read.source
    for category in words.coverage:
        if category not in around.categories:
            yield source.problem_at_key(
                ("coverage", category), f"no category is called `{category}`"
            )
    for n, part in enumerate(words.parts):
        for m, model in enumerate(part.models):
            if model not in around.models:
                yield source.problem(("parts", n, "models", m), f"no model is called `{model}`")


def _findings(problems: list[Problem]) -> tuple[DraftFinding, ...]:
    return tuple(
        DraftFinding(
            line=problem.line,
            column=problem.column,
            message=problem.message,
            is_warning=problem.is_warning,
        )
        for problem in problems
    )


async def _surroundings(session: AsyncSession, draft: PolicyDraft, on: date) -> Surroundings:
    tenant_id = tenant_of(session)
    brand = (await session.scalars(select(Brand).where(Brand.id == draft.brand_id))).one()
    tenant = (await session.scalars(select(Tenant).where(Tenant.id == tenant_id))).one()
    categories = await session.scalars(select(Category.code))
    models = await session.scalars(
        select(ProductModel.code).where(ProductModel.brand_id == draft.brand_id)
    )
    versions = await session.execute(
        select(PolicyVersion.code, PolicyVersion.version).where(
            PolicyVersion.tenant_id == tenant_id
        )
    )
    laws = await session.execute(
        select(LawVersion.code, LawVersion.document)
        .where(LawVersion.in_force_from <= on)
        .ext(distinct_on(LawVersion.code))
        .order_by(LawVersion.code, LawVersion.in_force_from.desc())
    )
    return Surroundings(
        brand=brand.code,
        currency=tenant.currency,
        categories=frozenset(categories),
        models=frozenset(models),
        versions=frozenset((code, version) for code, version in versions),
        laws={code: law_of(document) for code, document in laws},
    )
