"""What is sent to endpoints: born from the outbox, claimed for a call, settled by its outcome.

The call itself happens between two transactions, never inside one. A worker that dies while it
calls leaves a lease that runs out: the message is sent again, with the same id.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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
from serviceco.exchange.endpoints import PURPOSE, get_endpoint, hold_pending, switch_off
from serviceco.exchange.rules.webhooks import (
    FAILING_FOR,
    message,
    pause_after,
    signed_headers,
)
from serviceco.exchange.webhook_tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    BRAND_KINDS,
    CallFailure,
    CallOutcome,
    DeliveryStatus,
    EndpointStatus,
    WebhookCall,
)
from serviceco.oversight.queries import find_shown
from serviceco.oversight.words import CASE_NEWS, CLAIM_NEWS
from serviceco.storage.relay import LEASE, Delivery
from serviceco.storage.sealing import sealing_key, unsealed
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import system_actor

# What was sent, and every attempt, can be looked at for so long.
KEPT_FOR = timedelta(days=30)
_TOLD_TO_BRANDS = (
    "brand",
    "company",
    "branch_code",
    "number",
    "case_id",
    "claim_id",
    "contract_number",
)
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
    paused is held.
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
    if rows:
        await session.execute(insert(WebhookDelivery).values(rows).on_conflict_do_nothing())


async def brand_news(
    session: AsyncSession, entries: Sequence[Delivery]
) -> Mapping[UUID, Sequence[Delivery]]:
    """Return what of a company's outbox entries its brands are to be told, by brand.

    A brand hears of what it is shown, and in terms of that alone, so its projections are brought
    up to date first. Ids are those of the entries: told twice, it is told once.
    """
    about = {entry.id: _subject(entry) for entry in entries}
    shown = await find_shown(
        session,
        cases={about[entry.id] for entry in entries if entry.topic in CASE_NEWS},
        claims={about[entry.id] for entry in entries if entry.topic in CLAIM_NEWS},
    )
    news: dict[UUID, list[Delivery]] = defaultdict(list)
    for entry in entries:
        row = shown.get(about[entry.id])
        if row is not None and entry.topic in BRAND_KINDS:
            payload = {name: str(row[name]) for name in _TOLD_TO_BRANDS if name in row}
            news[row["brand_id"]].append(replace(entry, payload=payload))
    return news


async def forget_calls(session: AsyncSession, *, most: int, at: datetime) -> int:
    """Delete deliveries that are older than `KEPT_FOR`, with their attempts.

    Returns how many, up to `most`.
    """
    tenant_id = tenant_of(session)
    old = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.tenant_id == tenant_id,
            WebhookDelivery.created_at < at - KEPT_FOR,
        )
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(WebhookDelivery)
        .where(WebhookDelivery.tenant_id == tenant_id, WebhookDelivery.id.in_(old))
        .returning(WebhookDelivery.id)
    )
    return len(gone.all())


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
    """Keep what came of a call, for itself and as where its message stands.

    That is done, to be tried again, or given up.

    `410 Gone` stops the endpoint; so does no success for `FAILING_FOR`. What waits for a stopped
    endpoint is held.
    """
    endpoint = await get_endpoint(session, call.endpoint_id)
    came = {
        "tried_at": at,
        "response_code": outcome.response_code,
        "answer": outcome.answer.replace("\0", ""),
        "failure": outcome.failure,
        "duration_ms": outcome.duration_ms,
    }
    session.add(
        WebhookAttempt(
            tenant_id=endpoint.tenant_id,
            id=new_id(),
            delivery_id=call.delivery_id,
            attempt=call.attempt,
            **came,
        )
    )
    await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == endpoint.tenant_id,
            WebhookDelivery.id == call.delivery_id,
            WebhookDelivery.attempts == call.attempt,
        )
        .values(**_standing(call.attempt, outcome, at=at), **came, claimed_until=None)
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
    await switch_off(session, endpoint, status, at=at)
    actor = system_actor(endpoint.tenant_id)
    await record(session, actor, "webhook.stopped", endpoint, at=at, status=status)


def _subject(entry: Delivery) -> UUID:
    """Return the claim or order of which an entry tells."""
    return UUID(entry.payload["claim_id" if entry.topic in CLAIM_NEWS else "order_id"])


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
