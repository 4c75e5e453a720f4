"""The outbox: work that leaves with the transaction and is done after it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.core.canonical import plain_values
from serviceco.core.ids import new_id
from serviceco.storage.base import TenantRow
from serviceco.storage.batch import insert_row
from serviceco.storage.unit_of_work import tenant_of


class OutboxEntry(TenantRow):
    """One topic for the worker. `id` is stable, so that a handler can tell a second delivery.

    `due_at` lies later where an act can still be undone. `done_at` is set once, `attempts`
    counts tries, `failed` holds the last fault's text, and `parked_at` is set when the worker
    has given up until somebody looks.
    """

    __tablename__ = "outbox_entry"
    __table_args__ = (
        Index(
            "outbox_entry_due_idx",
            "due_at",
            postgresql_where=text("done_at is null and parked_at is null"),
        ),
    )

    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failed: Mapped[str | None]


async def send(
    session: AsyncSession,
    topic: str,
    payload: dict[str, object],
    *,
    at: datetime,
    due_at: datetime | None = None,
) -> UUID:
    """Put a topic in the outbox of this transaction's tenant and return its stable id."""
    entry = compose_entry(session, topic, payload, at=at, due_at=due_at)
    await insert_row(session, entry)
    return entry.id


def compose_entry(
    session: AsyncSession,
    topic: str,
    payload: dict[str, object],
    *,
    at: datetime,
    due_at: datetime | None = None,
) -> OutboxEntry:
    """Return the row of `send` for a caller who writes it with other rows."""
    return OutboxEntry(
        tenant_id=tenant_of(session),
        id=new_id(),
        topic=topic,
        payload=plain_values(payload),
        created_at=at,
        due_at=due_at or at,
    )
