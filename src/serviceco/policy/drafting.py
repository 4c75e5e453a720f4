"""Verbs on drafts: written, checked, reviewed by a second person, published for a day to come."""

from asyncio import to_thread
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.lines import changed_lines
from serviceco.core.periods import local_day
from serviceco.core.refusals import Conflict, InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.policy.operations import publish_policy
from serviceco.policy.packs import pack_text
from serviceco.policy.proofreading import proofread
from serviceco.policy.tables import PolicyDraft, PolicyVersion
from serviceco.policy.words import (
    DraftBroken,
    DraftElsewhere,
    DraftStatus,
    Policy,
    SecondPersonNeeded,
    TooManyDrafts,
    policy_of,
)
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Tenant

MOST_OPEN = 50
# Four times the largest pack; reading one costs 5 ms a kilobyte, away from the loop.
LARGEST_TEXT = 120_000
LARGEST_NOTE = 2_000
_OPEN = (DraftStatus.WRITTEN, DraftStatus.IN_REVIEW)


async def open_draft(
    session: AsyncSession, actor: Actor, version_id: UUID, *, at: datetime
) -> PolicyDraft:
    """Begin a draft from a published version; one from an older version is how to roll back.

    Raises:
        NotPermitted: the actor does not write policy.
        NotFound: there is no such version.
        TooManyDrafts: `MOST_OPEN` are open already.
    """
    actor.require(Permission.WRITE_POLICY)
    tenant_id = tenant_of(session)
    version = await session.scalar(
        select(PolicyVersion).where(
            PolicyVersion.tenant_id == tenant_id, PolicyVersion.id == version_id
        )
    )
    if version is None:
        raise NotFound("There is no such policy version.")
    count = await session.scalar(
        select(func.count()).where(
            PolicyDraft.tenant_id == tenant_id, PolicyDraft.status.in_(_OPEN)
        )
    )
    if (count or 0) >= MOST_OPEN:
        raise TooManyDrafts(f"There may be {MOST_OPEN} open drafts at most.")
    draft = PolicyDraft(
        tenant_id=tenant_id,
        id=new_id(),
        brand_id=version.brand_id,
        based_on_id=version.id,
        status=DraftStatus.WRITTEN,
        pack=await to_thread(pack_text, policy_of(version.document)),
        note="",
        version=1,
        created_at=at,
        created_by=actor.account_id,
        changed_at=at,
        changed_by=actor.account_id,
        event_seq=0,
        event_hash=b"",
    )
    session.add(draft)
    await record(session, actor, "policy.drafted", draft, at=at, based_on=version.sha256)
    await session.flush()
    return draft


async def save_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, text: str, *, version: int, at: datetime
) -> PolicyDraft:
    """Keep the text, whether it can be read or not: nothing that somebody typed is lost.

    Raises:
        NotPermitted, NotFound: the actor does not write policy; no such draft.
        InvalidInput: the text is longer than `LARGEST_TEXT`.
        DraftElsewhere: it is not being written.
        Conflict: somebody else saved it since the actor read `version` of it.
    """
    draft = await _locked(session, actor, Permission.WRITE_POLICY, draft_id)
    _stands(draft, DraftStatus.WRITTEN)
    if version != draft.version:
        raise Conflict("The draft has changed since you read it.", version=draft.version)
    if len(text) > LARGEST_TEXT:
        raise InvalidInput(f"A draft has {LARGEST_TEXT:,} signs at most.", field="text")
    draft.pack = text.replace("\r\n", "\n")
    draft.changed_at, draft.changed_by = at, actor.account_id
    await _moved(session, draft)
    return draft


async def submit_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, *, at: datetime
) -> PolicyDraft:
    """Hold a draft without faults ready for review.

    Raises:
        NotPermitted, NotFound, DraftElsewhere: as `save_draft`.
        DraftBroken: the check found faults.
    """
    draft = await _locked(session, actor, Permission.WRITE_POLICY, draft_id)
    _stands(draft, DraftStatus.WRITTEN)
    policy = await _faultless(session, draft)
    draft.status, draft.submitted_at, draft.submitted_by = (
        DraftStatus.IN_REVIEW,
        at,
        actor.account_id,
    )
    await record(session, actor, "policy.submitted", draft, at=at, version=policy.version)
    await _moved(session, draft)
    return draft


async def return_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, note: str, *, at: datetime
) -> PolicyDraft:
    """Give a draft back to be written further, with a note of what to mend.

    Raises:
        NotPermitted, NotFound: the actor does not publish policy; no such draft.
        InvalidInput: the note is empty or too long.
        DraftElsewhere: it is not in review.
    """
    draft = await _locked(session, actor, Permission.PUBLISH_POLICY, draft_id)
    _stands(draft, DraftStatus.IN_REVIEW)
    if not (note.strip() and len(note) <= LARGEST_NOTE):
        raise InvalidInput(
            f"Say what is to be mended, in {LARGEST_NOTE:,} signs at most.", field="note"
        )
    draft.status, draft.note = DraftStatus.WRITTEN, note.strip()
    draft.decided_at, draft.decided_by = at, actor.account_id
    await record(session, actor, "policy.returned", draft, at=at)
    await _moved(session, draft)
    return draft


async def publish_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, *, at: datetime
) -> PolicyDraft:
    """Publish a reviewed draft, to decide from its day on; no day that has begun is changed.

    Raises:
        NotPermitted, NotFound: the actor does not publish policy; no such draft.
        DraftElsewhere: it is not in review.
        SecondPersonNeeded: the actor wrote or submitted it.
        DraftBroken: the check found faults, or its first day is not to come.
        PolicyVersionTaken: the version was published meanwhile.
    """
    draft = await _locked(session, actor, Permission.PUBLISH_POLICY, draft_id)
    _stands(draft, DraftStatus.IN_REVIEW)
    if actor.account_id in {draft.changed_by, draft.submitted_by}:
        raise SecondPersonNeeded("Who wrote or submitted a draft does not publish it.")
    policy = await _faultless(session, draft)
    zone = await session.scalar(select(Tenant.zone).where(Tenant.id == draft.tenant_id))
    today = local_day(at, zone or "UTC")
    if policy.effective_from <= today:
        raise DraftBroken("It has to take effect after today.", line=1, fault=str(today))
    published = await publish_policy(session, actor, policy, at=at)
    draft.status, draft.published_id = DraftStatus.PUBLISHED, published.id
    draft.decided_at, draft.decided_by = at, actor.account_id
    await record(session, actor, "policy.approved", draft, at=at, sha256=published.sha256)
    await _moved(session, draft)
    return draft


async def withdraw_draft(
    session: AsyncSession, actor: Actor, draft_id: UUID, *, at: datetime
) -> PolicyDraft:
    """End a draft that is not wanted any more; it stays on record.

    Raises:
        NotPermitted, NotFound: the actor does not write policy; no such draft.
        DraftElsewhere: it has ended already.
    """
    draft = await _locked(session, actor, Permission.WRITE_POLICY, draft_id)
    _stands(draft, *_OPEN)
    draft.status = DraftStatus.WITHDRAWN
    draft.decided_at, draft.decided_by = at, actor.account_id
    await record(session, actor, "policy.withdrawn", draft, at=at)
    await _moved(session, draft)
    return draft


async def find_draft(session: AsyncSession, draft_id: UUID) -> PolicyDraft:
    """Return a draft as it stands.

    Raises:
        NotFound: there is no such draft.
    """
    return _found(await session.scalar(_one(session, draft_id)))


async def compare_draft(session: AsyncSession, draft: PolicyDraft) -> list[str]:
    """Return what a draft changes in its base, as `changed_lines` does."""
    base = await session.scalar(
        select(PolicyVersion.document).where(
            PolicyVersion.tenant_id == draft.tenant_id, PolicyVersion.id == draft.based_on_id
        )
    )
    return await to_thread(_lines_beside, base, draft.pack)


def _lines_beside(base: Mapping[str, Any] | None, text: str) -> list[str]:
    return changed_lines(pack_text(policy_of(base)) if base else "", text)


async def _locked(
    session: AsyncSession, actor: Actor, permission: Permission, draft_id: UUID
) -> PolicyDraft:
    actor.require(permission)
    return _found(await session.scalar(_one(session, draft_id).with_for_update()))


def _one(session: AsyncSession, draft_id: UUID) -> Select[PolicyDraft]:
    return select(PolicyDraft).where(
        PolicyDraft.tenant_id == tenant_of(session), PolicyDraft.id == draft_id
    )


def _found(draft: PolicyDraft | None) -> PolicyDraft:
    if draft is None:
        raise NotFound("There is no such draft.")
    return draft


def _stands(draft: PolicyDraft, *where: DraftStatus) -> None:
    if draft.status not in where:
        raise DraftElsewhere(f"The draft is {draft.status.value} by now.", status=draft.status)


async def _faultless(session: AsyncSession, draft: PolicyDraft) -> Policy:
    proof = await proofread(session, draft)
    if proof.policy is None or proof.faults:
        first = proof.faults[0]
        raise DraftBroken(
            f"Line {first.line}: {first.message}", line=first.line, fault=first.message
        )
    return proof.policy


async def _moved(session: AsyncSession, draft: PolicyDraft) -> None:
    draft.version += 1
    await session.flush()
