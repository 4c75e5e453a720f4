"""Drafts of intakes: what was typed is not lost, and gone once the device is in."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.repairs.tables import IntakeDraft
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch

# People's data that serve no repair are not kept for long.
KEPT_FOR = timedelta(days=14)
MOST_LETTERS = 20_000


async def save_draft(
    session: AsyncSession,
    actor: Actor,
    draft_id: UUID,
    branch_id: UUID,
    fields: Mapping[str, object],
    *,
    at: datetime,
) -> UUID:
    """Keep an intake as far as it is typed; the client chose its id, and saves it again and again.

    Raises:
        NotPermitted: the actor does not take devices in.
        NotFound: no such branch in the actor's scope, or the draft is another branch's.
        InvalidInput: not texts by the names of fields, or too much of them.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    actor.require_branch(branch_id)
    await get_branch(session, branch_id)
    values = {
        "branch_id": branch_id,
        "staff_id": actor.staff_id,
        "fields": _read(fields),
        "saved_at": at,
    }
    row = insert(IntakeDraft).values(tenant_id=tenant_of(session), id=draft_id, **values)
    kept = await session.execute(
        row.on_conflict_do_update(
            index_elements=("tenant_id", "id"),
            set_=values,
            where=IntakeDraft.branch_id == branch_id,
        ).returning(IntakeDraft.id)
    )
    if kept.first() is None:
        raise NotFound("There is no such draft.")
    return draft_id


async def discard_draft(session: AsyncSession, actor: Actor, draft_id: UUID) -> UUID:
    """Delete a draft, and return the branch that it was of.

    Raises:
        NotPermitted: the actor does not take devices in.
        NotFound: no such draft in the actor's scope.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    own = (IntakeDraft.tenant_id == tenant_of(session), IntakeDraft.id == draft_id)
    branch_id = await session.scalar(select(IntakeDraft.branch_id).where(*own))
    if branch_id is None or not actor.sees_branch(branch_id):
        raise NotFound("There is no such draft.")
    await session.execute(delete(IntakeDraft).where(*own))
    return branch_id


async def end_draft(session: AsyncSession, branch_id: UUID, draft_id: UUID) -> None:
    """Delete the draft of an intake that was taken in; one that was never saved is no matter."""
    await session.execute(
        delete(IntakeDraft).where(
            IntakeDraft.tenant_id == tenant_of(session),
            IntakeDraft.id == draft_id,
            IntakeDraft.branch_id == branch_id,
        )
    )


async def forget_drafts(session: AsyncSession, *, most: int, at: datetime) -> int:
    """Delete the tenant's drafts that nobody touched for `KEPT_FOR`; return how many, up to `most`."""
    tenant_id = tenant_of(session)
    old = (
        select(IntakeDraft.id)
        .where(IntakeDraft.tenant_id == tenant_id, IntakeDraft.saved_at < at - KEPT_FOR)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(IntakeDraft)
        .where(IntakeDraft.tenant_id == tenant_id, IntakeDraft.id.in_(old))
        .returning(IntakeDraft.id)
    )
    return len(gone.all())


def _read(fields: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the texts of each field, or refuse what is no form."""
    texts: dict[str, list[str]] = {}
    for name, values in fields.items():
        if not isinstance(values, Sequence) or isinstance(values, str):
            raise InvalidInput("A draft holds lists of texts by field.", field="fields")
        texts[name] = [value for value in values if isinstance(value, str)]
        if len(texts[name]) != len(values):
            raise InvalidInput("A draft holds lists of texts by field.", field="fields")
    if sum(len(name) + sum(map(len, values)) for name, values in texts.items()) > MOST_LETTERS:
        raise InvalidInput("This is too much for a draft.", field="fields")
    return texts
