"""Which policy and law answer, compiled. The documents are read once per process and version."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Date, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.canonical import canonical_hash
from serviceco.core.refusals import NotFound
from serviceco.policy.rules import (
    CompiledLaw,
    CompiledPolicy,
    compile_law,
    compile_policy,
    decide_coverage,
)
from serviceco.policy.tables import LawVersion, PolicyVersion
from serviceco.policy.words import Decision, Facts, NoPolicyInForce, Policy, law_of, policy_of
from serviceco.storage.direct import Direct
from serviceco.storage.unit_of_work import tenant_of

Compiled = TypeVar("Compiled")
# A compiled policy takes about 200 kB; beyond this the one unused for longest is forgotten.
SHELF_SIZE = 256
_policies: OrderedDict[str, CompiledPolicy] = OrderedDict()
_laws: OrderedDict[str, CompiledLaw] = OrderedDict()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """A policy version with the laws in force beside it, ready to decide."""

    version_id: UUID
    compiled: CompiledPolicy
    laws: Mapping[str, CompiledLaw]

    @property
    def policy(self) -> Policy:
        """The words of the policy: standard, prices, claim rules."""
        return self.compiled.policy

    def decide(self, facts: Facts) -> Decision:
        """Decide who pays for one line, never below the law of its category."""
        law = self.laws.get(self.compiled.law_code(facts.category) or "")
        return decide_coverage(self.compiled, law, facts)


async def effective_policy(session: AsyncSession, brand_id: UUID, on: date) -> PolicyInForce:
    """Return the brand's policy that is in force for this tenant on a day, with that day's laws.

    One statement, once the version has been compiled in this process.

    Raises:
        NoPolicyInForce: no version takes effect by that day.
    """
    found = await _find(session, _in_force(), brand=brand_id, day=on)
    if found is None:
        raise NoPolicyInForce("No policy of this brand is in force.", field="brand", on=on)
    return found


async def pinned_policy(session: AsyncSession, version_id: UUID, on: date) -> PolicyInForce:
    """Return the version that an order is pinned to, with the laws of a day.

    Raises:
        NotFound: the tenant has no such version.
    """
    found = await _find(session, _pinned(), version=version_id, day=on)
    if found is None:
        raise NotFound("There is no such policy version.")
    return found


async def laws_over_time(
    session: AsyncSession, policy: Policy
) -> Mapping[str, Sequence[tuple[date, CompiledLaw]]]:
    """Return every version of each law that a policy names with its first day, the latest first."""
    named = {cover.law for cover in policy.coverage.values() if cover.law}
    rows = await session.execute(
        select(LawVersion.code, LawVersion.in_force_from, LawVersion.sha256)
        .where(LawVersion.code.in_(named))
        .order_by(LawVersion.code, LawVersion.in_force_from.desc())
    )
    laws: dict[str, list[tuple[date, CompiledLaw]]] = {}
    for code, since, sha256 in rows.all():
        law = _shelved(_laws, sha256) or await _read_law(session, sha256)
        laws.setdefault(code, []).append((since, law))
    return laws


async def _find(session: AsyncSession, query: Direct, **values: object) -> PolicyInForce | None:
    rows = await query.rows(session, {"tenant": tenant_of(session), **values})
    return await _compiled(session, *rows[0]) if rows else None


# Asked with every decision, so these are built once and then only filled.
@lru_cache
def _in_force() -> Direct:
    day = bindparam("day", type_=Date())
    return Direct(
        _versions().where(
            PolicyVersion.brand_id == bindparam("brand"), PolicyVersion.effective_from <= day
        )
    )


@lru_cache
def _pinned() -> Direct:
    return Direct(_versions().where(PolicyVersion.id == bindparam("version")))


def _versions() -> Select[UUID, str, Any]:
    day = bindparam("day", type_=Date())
    laws = (
        select(LawVersion.code, LawVersion.sha256)
        .where(LawVersion.in_force_from <= day)
        .ext(distinct_on(LawVersion.code))
        .order_by(LawVersion.code, LawVersion.in_force_from.desc())
        .subquery()
    )
    codes = select(func.jsonb_object_agg(laws.c.code, laws.c.sha256)).scalar_subquery()
    return (
        select(PolicyVersion.id, PolicyVersion.sha256, codes.label("laws"))
        .where(PolicyVersion.tenant_id == bindparam("tenant"))
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.published_at.desc())
        .limit(1)
    )


async def _compiled(
    session: AsyncSession, version_id: UUID, sha256: str, law_hashes: Mapping[str, str] | None
) -> PolicyInForce:
    compiled = _shelved(_policies, sha256) or await _read_policy(session, version_id)
    named = {cover.law for cover in compiled.policy.coverage.values()}
    laws = {
        code: _shelved(_laws, of_law) or await _read_law(session, of_law)
        for code, of_law in (law_hashes or {}).items()
        if code in named
    }
    return PolicyInForce(version_id=version_id, compiled=compiled, laws=laws)


async def _read_policy(session: AsyncSession, version_id: UUID) -> CompiledPolicy:
    query = select(PolicyVersion.sha256, PolicyVersion.document).where(
        PolicyVersion.tenant_id == tenant_of(session), PolicyVersion.id == version_id
    )
    sha256, document = (await session.execute(query)).one()
    return _shelve(
        _policies, sha256, document, lambda: compile_policy(policy_of(document), sha256=sha256)
    )


async def _read_law(session: AsyncSession, sha256: str) -> CompiledLaw:
    query = select(LawVersion.document).where(LawVersion.sha256 == sha256)
    document = (await session.scalars(query)).one()
    return _shelve(_laws, sha256, document, lambda: compile_law(law_of(document), sha256=sha256))


def _shelved(shelf: OrderedDict[str, Compiled], sha256: str) -> Compiled | None:
    found = shelf.get(sha256)
    if found is not None:
        shelf.move_to_end(sha256)
    return found


def _shelve(
    shelf: OrderedDict[str, Compiled],
    sha256: str,
    document: Mapping[str, Any],
    compiled: Callable[[], Compiled],
) -> Compiled:
    """Compile a document that is what its hash says, and keep it.

    Raises:
        ValueError: somebody altered the document after it was published.
    """
    if canonical_hash(document) != sha256:
        raise ValueError(f"the published document {sha256} was altered")
    shelf[sha256] = made = compiled()
    if len(shelf) > SHELF_SIZE:
        shelf.popitem(last=False)
    return made
