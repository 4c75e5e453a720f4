"""Recording what was done."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.canonical import canonical_json
from serviceco.core.ids import new_id
from serviceco.evidence.rules import event_hash
from serviceco.evidence.tables import Event
from serviceco.storage.batch import insert_row
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
    await session.execute(insert_row(event))
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
    events = [
        compose_event(session, actor, act, subject, at=at, **detail) for subject, detail in subjects
    ]
    names = [column.key for column in Event.__table__.columns]
    rows = [{name: getattr(event, name) for name in names} for event in events]
    if rows:
        await session.execute(insert(Event), rows)


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
    values = json.loads(canonical_json(detail))
    seq = subject.event_seq + 1
    digest = event_hash(
        subject.event_hash,
        subject_id=subject.id,
        seq=seq,
        act=act,
        actor_account_id=actor.account_id,
        at=at,
        detail=values,
    )
    event = Event(
        tenant_id=tenant_of(session),
        id=new_id(),
        subject_kind=subject.__tablename__,
        subject_id=subject.id,
        seq=seq,
        act=act,
        actor_kind=actor.kind.value,
        actor_account_id=actor.account_id,
        actor_name=actor.name,
        at=at,
        detail=values,
        previous_hash=subject.event_hash,
        hash=digest,
    )
    subject.event_seq = seq
    subject.event_hash = digest
    return event
