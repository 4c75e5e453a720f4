"""What is sent to endpoints: born from the outbox, claimed for a call, settled by its outcome.

The call itself happens between two transactions, never inside one. A worker that dies while it
calls leaves a lease that runs out: the message is sent again, with the same id.
"""

import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc.errors import JoseError
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.canonical import canonical_json
from serviceco.core.ids import new_id
from serviceco.evidence.operations import record
from serviceco.exchange.endpoints import PURPOSE, get_endpoint, hold_pending
from serviceco.exchange.rules.webhooks import (
    FAILING_FOR,
    message,
    pause_after,
    signed_headers,
)
from serviceco.exchange.webhook_tables import WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    CallFailure,
    CallOutcome,
    DeliveryStatus,
    EndpointStatus,
    WebhookCall,
)
from serviceco.storage.relay import LEASE, Delivery
from serviceco.storage.sealing import sealing_key, unsealed
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import system_actor

KEPT_FOR = timedelta(days=30)
_CALLED = (EndpointStatus.ACTIVE, EndpointStatus.PAUSED, EndpointStatus.FAILING)
_STOPPED = {CallFailure.GONE: EndpointStatus.GONE}


@dataclass(frozen=True, slots=True)
class DueCall:
    """A delivery that is due, by ids alone."""

    tenant_id: UUID
    endpoint_id: UUID
    delivery_id: UUID


async def address_entries(
    session: AsyncSession, entries: Sequence[Delivery], *, at: datetime
) -> None:
    """Write a delivery of each outbox entry to each endpoint that asked for its kind.

    A second hearing of an entry changes nothing. What an endpoint would be told while it is
    paused is held. Deliveries older than `KEPT_FOR` go.
    """
    tenant_id = tenant_of(session)
    endpoints = await session.scalars(
        select(WebhookEndpoint).where(
            WebhookEndpoint.tenant_id == tenant_id, WebhookEndpoint.status.in_(_CALLED)
        )
    )
    rows = [
        _row(endpoint, entry, at=at)
        for endpoint in endpoints
        for entry in entries
        if entry.topic in endpoint.kinds
    ]
    if not rows:
        return
    await session.execute(insert(WebhookDelivery).values(rows).on_conflict_do_nothing())
    await session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.tenant_id == tenant_id,
            WebhookDelivery.endpoint_id.in_({row["endpoint_id"] for row in rows}),
            WebhookDelivery.created_at < at - KEPT_FOR,
        )
    )


async def find_due_calls(
    relay: AsyncEngine, *, busy: Collection[UUID], limit: int, at: datetime
) -> list[DueCall]:
    """Return deliveries that are due, the longest waiting first, but none of the `busy` endpoints.

    It reads across companies, as `serviceco_relay`, which sees of deliveries ids and instants.
    """
    columns = (WebhookDelivery.tenant_id, WebhookDelivery.endpoint_id, WebhookDelivery.id)
    statement = (
        select(*columns)
        .where(_is_due(at), WebhookDelivery.endpoint_id.not_in(busy))
        .order_by(WebhookDelivery.due_at)
        .limit(limit)
    )
    async with relay.connect() as connection:
        return [DueCall(*row) for row in await connection.execute(statement)]


async def claim_call(session: AsyncSession, due: DueCall, *, at: datetime) -> WebhookCall | None:
    """Take a delivery until `at` + `LEASE`, and return the signed call; None where another has it."""
    mine = WebhookDelivery.tenant_id == tenant_of(session)
    endpoint = await session.scalar(
        select(WebhookEndpoint).where(
            WebhookEndpoint.tenant_id == tenant_of(session),
            WebhookEndpoint.id == due.endpoint_id,
            WebhookEndpoint.status == EndpointStatus.ACTIVE,
        )
    )
    if endpoint is None:
        await hold_pending(session, due.endpoint_id)
        return None
    keys = _keys(session, endpoint, at)
    if not keys:
        # Sealed under a former password of the database: only a new secret helps.
        await _stop(session, endpoint, EndpointStatus.FAILING, at=at)
        return None
    row = await session.execute(
        update(WebhookDelivery)
        .where(mine, WebhookDelivery.id == due.delivery_id, _is_due(at))
        .values(claimed_until=at + LEASE, attempts=WebhookDelivery.attempts + 1)
        .returning(WebhookDelivery.message_id, WebhookDelivery.body, WebhookDelivery.attempts)
    )
    taken = row.one_or_none()
    if taken is None:
        return None
    message_id, body, attempt = taken
    text = canonical_json(body)
    return WebhookCall(
        tenant_id=due.tenant_id,
        delivery_id=due.delivery_id,
        endpoint_id=endpoint.id,
        url=endpoint.url,
        headers=signed_headers(message_id, text, keys, at=at),
        body=text,
        attempt=attempt,
    )


async def settle_call(
    session: AsyncSession, call: WebhookCall, outcome: CallOutcome, *, at: datetime
) -> None:
    """Keep what came of a call: done, to be tried again, or given up.

    `410 Gone` stops the endpoint; so does no success for `FAILING_FOR`. What waits for a stopped
    endpoint is held.
    """
    endpoint = await get_endpoint(session, call.endpoint_id)
    await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == endpoint.tenant_id,
            WebhookDelivery.id == call.delivery_id,
            WebhookDelivery.attempts == call.attempt,
        )
        .values(
            **_standing(call.attempt, outcome, at=at),
            claimed_until=None,
            tried_at=at,
            response_code=outcome.response_code,
            answer=outcome.answer.replace("\0", ""),
            failure=outcome.failure,
            duration_ms=outcome.duration_ms,
        )
    )
    if outcome.failure is None:
        endpoint.failing_since, endpoint.last_success_at = None, at
        return
    endpoint.failing_since = endpoint.failing_since or at
    stopped = _STOPPED.get(outcome.failure)
    if stopped is None and at - endpoint.failing_since >= FAILING_FOR:
        stopped = EndpointStatus.FAILING
    if stopped is not None and endpoint.status is EndpointStatus.ACTIVE:
        await _stop(session, endpoint, stopped, at=at)


async def _stop(
    session: AsyncSession, endpoint: WebhookEndpoint, status: EndpointStatus, *, at: datetime
) -> None:
    endpoint.status, endpoint.stopped_at = status, at
    await hold_pending(session, endpoint.id)
    actor = system_actor(endpoint.tenant_id)
    await record(session, actor, "webhook.stopped", endpoint, at=at, status=status)


def _row(endpoint: WebhookEndpoint, entry: Delivery, *, at: datetime) -> dict[str, Any]:
    is_called = endpoint.status is EndpointStatus.ACTIVE
    branch_id = entry.payload.get("branch_id")
    return {
        "tenant_id": endpoint.tenant_id,
        "id": new_id(),
        "endpoint_id": endpoint.id,
        "branch_id": None if branch_id is None else UUID(branch_id),
        "message_id": entry.id,
        "topic": entry.topic,
        "body": message(entry.topic, entry.payload, at=entry.sent_at),
        "status": DeliveryStatus.PENDING if is_called else DeliveryStatus.HELD,
        "attempts": 0,
        "created_at": at,
        "due_at": at,
    }


def _standing(attempt: int, outcome: CallOutcome, *, at: datetime) -> dict[str, Any]:
    if outcome.failure is None:
        return {"status": DeliveryStatus.DELIVERED}
    pause = pause_after(attempt, secrets.randbelow(1_000) / 1_000)
    if pause is None or outcome.failure is CallFailure.GONE:
        return {"status": DeliveryStatus.FAILED}
    return {"status": DeliveryStatus.PENDING, "due_at": at + pause}


def _keys(session: AsyncSession, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    until, boxes = endpoint.old_secret_until, [endpoint.secret]
    if endpoint.old_secret is not None and until is not None and at < until:
        boxes.append(endpoint.old_secret)
    keys, opening = [], sealing_key(session, PURPOSE)
    for box in boxes:
        with suppress(JoseError):
            keys.append(unsealed(box, opening))
    return keys


def _is_due(at: datetime) -> ColumnElement[bool]:
    return and_(
        WebhookDelivery.status == DeliveryStatus.PENDING,
        WebhookDelivery.due_at <= at,
        or_(WebhookDelivery.claimed_until.is_(None), WebhookDelivery.claimed_until < at),
    )
