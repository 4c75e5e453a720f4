"""Recording what was done."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.canonical import plain_values
from serviceco.core.ids import new_id
from serviceco.evidence.rules import event_hash
from serviceco.evidence.tables import Event
from serviceco.storage.batch import insert_many, insert_row
from serviceco.storage.unit_of_work import tenant_of


class Subject(Protocol):
    """A locked row at whose end of chain the event is hung."""

    id: UUID
    event_seq: int
    event_hash: bytes
    __tablename__: str


async def record(
    session: AsyncSession,
    actor: Actor,
    act: str,
    subject: Subject,
    *,
    at: datetime,
    **detail: object,
) -> UUID:
    """Write one event in the current transaction and move the subject's end of chain.

    The subject must be new in this transaction or locked by it. `detail` holds coded facts and
    amounts; personal data enters as a commitment only.
    """
    event = compose_event(session, actor, act, subject, at=at, **detail)
    await insert_row(session, event)
    return event.id


async def record_many(
    session: AsyncSession,
    actor: Actor,
    act: str,
    subjects: Iterable[tuple[Subject, Mapping[str, object]]],
    *,
    at: datetime,
) -> None:
    """Write one event for each subject, with its own detail, in one round trip.

    As with `record`, each subject is new in this transaction or locked by it.
    """
    rows = [_next_event(actor, act, subject, at, detail) for subject, detail in subjects]
    await insert_many(session, Event, rows, tenant_id=tenant_of(session))


def compose_event(
    session: AsyncSession,
    actor: Actor,
    act: str,
    subject: Subject,
    *,
    at: datetime,
    **detail: object,
) -> Event:
    """Return the event of `record`, the chain moved, for a caller who writes it with other rows."""
    row = _next_event(actor, act, subject, at, detail)
    return Event(tenant_id=tenant_of(session), **row)


def _next_event(
    actor: Actor, act: str, subject: Subject, at: datetime, detail: Mapping[str, object]
) -> dict[str, Any]:
    """Return the columns of the subject's next event, and move the end of its chain there."""
    values = plain_values(detail)
    seq, previous = subject.event_seq + 1, subject.event_hash
    digest = event_hash(
        previous,
        subject_id=subject.id,
        seq=seq,
        act=act,
        actor_account_id=actor.account_id,
        at=at,
        detail=values,
    )
    subject.event_seq, subject.event_hash = seq, digest
    return {
        "id": new_id(),
        "subject_kind": subject.__tablename__,
        "subject_id": subject.id,
        "seq": seq,
        "act": act,
        "actor_kind": actor.kind.value,
        "actor_account_id": actor.account_id,
        "actor_name": actor.name,
        "at": at,
        "detail": values,
        "previous_hash": previous,
        "hash": digest,
    }
