"""Checks the text of a draft as a file of `tenants/` is checked, against what its company knows."""

from asyncio import to_thread
from collections.abc import Iterator
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category, ProductModel
from serviceco.policy.analysis import Known, problems_of
from serviceco.policy.packs import BrokenPack, Problem, Read, parse_policy
from serviceco.policy.rules import Names
from serviceco.policy.tables import LawVersion, PolicyDraft, PolicyVersion
from serviceco.policy.words import DraftFinding, Policy, law_of
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Brand, Tenant

_NAME = "draft"


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft is held against; the laws are those of the day on which it would take effect."""

    brand: str
    versions: frozenset[tuple[str, str]]
    known: Known


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
        read = await to_thread(parse_policy, draft.pack, _NAME)
    except BrokenPack as broken:
        return Proof(policy=None, findings=_findings(broken.problems))
    around = await _surroundings(session, draft, read.words.effective_from)
    found = await to_thread(lambda: sorted(check_draft(read, around)))
    return Proof(policy=read.words, findings=_findings(found))


def check_draft(read: Read[Policy], around: Surroundings) -> Iterator[Problem]:
    """Yield everything that is wrong with a policy that could be read."""
    words, source = read.words, read.source
    if words.brand != around.brand:
        yield source.problem(("brand",), f"this is a draft for the brand `{around.brand}`")
    if (words.code, words.version) in around.versions:
        yield source.problem(
            ("version",), f"{words.code} {words.version} is published; give it a new version"
        )
    yield from problems_of(read, around.known)


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
    models = await session.execute(
        select(ProductModel.code, Category.code)
        .join(Category, Category.id == ProductModel.category_id)
        .where(ProductModel.brand_id == draft.brand_id)
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
    known = Known(
        currency=tenant.currency,
        categories=frozenset(categories),
        laws={code: law_of(document) for code, document in laws},
        names=Names(models=dict(models.all())),
    )
    return Surroundings(
        brand=brand.code,
        versions=frozenset((code, version) for code, version in versions),
        known=known,
    )
