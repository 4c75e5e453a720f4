"""Idempotency keys: the first answer to a key is its only answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import bindparam, schema, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.core.canonical import canonical_hash
from serviceco.core.refusals import KeyReused
from serviceco.storage.base import TenantTable
from serviceco.storage.direct import Direct, send_text
from serviceco.storage.unit_of_work import tenant_of

KEPT_FOR = timedelta(hours=24)
_KEEP_READ = """
WITH answer (json) AS MATERIALIZED ({read})
UPDATE idempotency_key SET answer = jsonb_build_object(
  'data', jsonb_build_object(${name}::text, answer.json::jsonb), 'errors', '[]'::jsonb)
FROM answer
WHERE idempotency_key.tenant_id = ${tenant}::uuid AND idempotency_key.client = ${client}
  AND idempotency_key.key = ${key} AND answer.json IS NOT NULL
RETURNING answer.json
"""


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
    values = {
        "tenant_id": tenant_id,
        "client": client,
        "key": key,
        "request_hash": request_hash,
        "answer": None,
        "created_at": at,
        "stale": at - KEPT_FOR,
    }
    if await _claim().rows(session, values):
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
    values = {
        "of_tenant": tenant_of(session),
        "of_client": client,
        "of_key": key,
        "given": dict(answer),
    }
    await _keep().rows(session, values)


async def keep_read_answer(
    session: AsyncSession, *, client: str, key: str, name: str, sql: str, arguments: Sequence[Any]
) -> str | None:
    """Store what a statement reads as the answer, under the name that it has in there, and return it.

    `sql` gives one row of one text, which is JSON; None where that is null, and then nothing is
    stored. One statement instead of two, because every change ends with them.
    """
    nth = len(arguments)
    keep = _KEEP_READ.format(read=sql, name=nth + 1, tenant=nth + 2, client=nth + 3, key=nth + 4)
    values = [*arguments, name, tenant_of(session), client, key]
    rows = await send_text(session, keep, values)
    return rows[0][0] if rows else None


# Sent with every change, so these are built once and then only filled; as statements of a plain
# table, because an entity's would pass the session's unit of work.
_KEYS = cast("schema.Table", IdempotencyKey.__table__)


@lru_cache
def _claim() -> Direct:
    columns = ("tenant_id", "client", "key", "request_hash", "answer", "created_at")
    claim = insert(_KEYS).values({name: bindparam(name) for name in columns})
    fresh = {name: claim.excluded[name] for name in ("request_hash", "answer", "created_at")}
    free = claim.on_conflict_do_update(
        index_elements=("tenant_id", "client", "key"),
        set_=fresh,
        where=_KEYS.c.created_at < bindparam("stale"),
    )
    return Direct(free.returning(_KEYS.c.key))


@lru_cache
def _keep() -> Direct:
    return Direct(
        update(_KEYS)
        .where(
            _KEYS.c.tenant_id == bindparam("of_tenant"),
            _KEYS.c.client == bindparam("of_client"),
            _KEYS.c.key == bindparam("of_key"),
        )
        .values(answer=bindparam("given"))
    )
