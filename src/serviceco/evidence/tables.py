"""Events and the end of a subject's chain."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import TenantRow


class Event(TenantRow):
    """One act. Never updated, never deleted: the application role may only insert.

    `hash` is SHA-256 over the previous hash of the same subject and the canonical JSON of the
    event (evidence/rules.py). `detail` holds no personal data, only commitments to it.
    """

    __tablename__ = "event"
    is_append_only = True
    __table_args__ = (UniqueConstraint("tenant_id", "subject_id", "seq"),)

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    seq: Mapped[int]
    act: Mapped[str]
    actor_kind: Mapped[str]
    actor_account_id: Mapped[UUID]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Chained:
    """Columns of a subject whose events form a chain; the row's lock orders the events."""

    event_seq: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    event_hash: Mapped[bytes] = mapped_column(
        LargeBinary, default=b"", server_default=text("''::bytea")
    )
