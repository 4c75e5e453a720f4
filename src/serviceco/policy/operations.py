"""Publishing policies and laws. What is published is never changed; a mend is a new version."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.canonical import canonical_hash
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.evidence.operations import record
from serviceco.policy.tables import LawVersion, PolicyVersion
from serviceco.policy.words import Law, Policy, PolicyVersionTaken, document_of
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import find_brand


async def publish_policy(
    session: AsyncSession, actor: Actor, policy: Policy, *, at: datetime
) -> PolicyVersion:
    """Put a version of a brand's policy in force from its date on; the same again changes nothing.

    Raises:
        NotPermitted: the actor may not publish.
        NotFound: there is no such brand.
        PolicyVersionTaken: another content stands under this code and version.
    """
    actor.require(Permission.PUBLISH_POLICY)
    brand = await find_brand(session, policy.brand)
    if brand is None:
        raise NotFound(f"There is no brand {policy.brand}.", field="brand")
    document = document_of(policy)
    sha256 = canonical_hash(document)
    row = {
        "tenant_id": tenant_of(session),
        "id": new_id(),
        "brand_id": brand.id,
        "code": policy.code,
        "version": policy.version,
        "effective_from": policy.effective_from,
        "sha256": sha256,
        "document": document,
        "published_at": at,
        "published_by": actor.account_id,
    }
    new = insert(PolicyVersion).values(row).on_conflict_do_nothing().returning(PolicyVersion.id)
    version_id = await session.scalar(new)
    version = await _standing(session, policy)
    if version.sha256 != sha256:
        raise PolicyVersionTaken(
            "This version was published with another content; give the pack a new version.",
            field="version",
            version=policy.version,
        )
    if version_id is not None:
        act = "policy.published"
        await record(session, actor, act, _Publication(version.id), at=at, sha256=sha256)
    return version


async def publish_law(session: AsyncSession, actor: Actor, law: Law) -> LawVersion:
    """Put a version of a law in force; the same again changes nothing. Role `serviceco_admin`.

    Raises:
        NotPermitted: the actor is not the system's operator.
        PolicyVersionTaken: another content stands under this code and version.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Only the operator of the system publishes laws.")
    document = document_of(law)
    sha256 = canonical_hash(document)
    row = {
        "id": new_id(),
        "code": law.code,
        "version": law.version,
        "in_force_from": law.in_force_from,
        "sha256": sha256,
        "document": document,
    }
    await session.execute(insert(LawVersion).values(row).on_conflict_do_nothing())
    standing = select(LawVersion).where(
        LawVersion.code == law.code, LawVersion.version == law.version
    )
    version = (await session.scalars(standing)).one()
    if version.sha256 != sha256:
        raise PolicyVersionTaken(
            "This version of the law was published with another content.",
            field="version",
            version=law.version,
        )
    return version


async def _standing(session: AsyncSession, policy: Policy) -> PolicyVersion:
    """Return the version that stands under the pack's code, whoever wrote it first."""
    query = select(PolicyVersion).where(
        PolicyVersion.tenant_id == tenant_of(session),
        PolicyVersion.code == policy.code,
        PolicyVersion.version == policy.version,
    )
    return (await session.scalars(query)).one()


@dataclass(slots=True)
class _Publication:
    """A chain of one event: a version is published once and never acted on again."""

    id: UUID
    event_seq: int = 0
    event_hash: bytes = b""
    __tablename__: str = PolicyVersion.__tablename__
