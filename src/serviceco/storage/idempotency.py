"""Idempotency keys: the first answer to a key is its only answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.core.canonical import canonical_hash
from serviceco.core.refusals import KeyReused
from serviceco.storage.base import TenantTable
from serviceco.storage.unit_of_work import tenant_of

KEPT_FOR = timedelta(hours=24)


class IdempotencyKey(TenantTable):
    """`(tenant, client, key)` with the hash of its request and, once done, the answer."""

    __tablename__ = "idempotency_key"

    client: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


async def claim_key(
    session: AsyncSession,
    *,
    client: str,
    key: str,
    request: Mapping[str, object],
    at: datetime,
) -> dict[str, Any] | None:
    """Take the key for this transaction, or return the answer that it already gave.

    A second request with the same key waits here until the first has committed or rolled back.
    The answer is stored with `keep_answer` in the same transaction; a refusal rolls the claim
    back, so it may be tried again. A key older than 24 hours is free again.

    Raises:
        KeyReused: the key came with another request before.
    """
    tenant_id, request_hash = tenant_of(session), canonical_hash(request)
    fresh = {"request_hash": request_hash, "answer": None, "created_at": at}
    claim = insert(IdempotencyKey).values(tenant_id=tenant_id, client=client, key=key, **fresh)
    taken = await session.execute(
        claim.on_conflict_do_update(
            index_elements=("tenant_id", "client", "key"),
            set_=fresh,
            where=IdempotencyKey.created_at < at - KEPT_FOR,
        ).returning(IdempotencyKey.key)
    )
    if taken.first() is not None:
        return None
    earlier = (
        await session.execute(
            select(IdempotencyKey.request_hash, IdempotencyKey.answer).where(
                IdempotencyKey.tenant_id == tenant_id,
                IdempotencyKey.client == client,
                IdempotencyKey.key == key,
            )
        )
    ).one()
    if earlier.request_hash != request_hash or earlier.answer is None:
        raise KeyReused("This key was used before with another request.")
    answer: dict[str, Any] = earlier.answer
    return answer


async def keep_answer(
    session: AsyncSession, *, client: str, key: str, answer: Mapping[str, object]
) -> None:
    """Store the answer that every repeat of the key will get."""
    await session.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == tenant_of(session),
            IdempotencyKey.client == client,
            IdempotencyKey.key == key,
        )
        .values(answer=dict(answer))
    )
