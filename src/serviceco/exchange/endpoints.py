"""Verbs on the endpoints of webhooks, and on what is sent to them.

They are a company's or a brand's: a unit of work is bound to the one for which the actor acts.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, NotFound, NotPermitted
from serviceco.evidence.operations import record
from serviceco.exchange.rules.webhooks import (
    OVERLAP,
    check_kinds,
    check_secret,
    check_url,
    message,
)
from serviceco.exchange.webhook_tables import WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    BRAND_KINDS,
    KINDS,
    TEST,
    DeliveryStatus,
    EndpointGiven,
    EndpointStatus,
    TooManyWebhooks,
    WebhookOff,
)
from serviceco.storage.sealing import sealed, sealing_key
from serviceco.storage.unit_of_work import tenant_of

PURPOSE = "webhook secrets"
MOST_ENDPOINTS = 20


async def create_endpoint(
    session: AsyncSession,
    actor: Actor,
    given: EndpointGiven,
    *,
    secret: str,
    at: datetime,
) -> WebhookEndpoint:
    """Add an active endpoint. Who adds it brings the secret, so that nobody must show it later.

    Raises:
        NotPermitted: the actor does not manage webhooks, or not of every branch.
        InvalidInput: the address, a kind or the secret is none.
        TooManyWebhooks: there are `MOST_ENDPOINTS` already.
    """
    _permit(actor)
    tenant_id = tenant_of(session)
    count = await session.scalar(
        select(func.count()).where(
            WebhookEndpoint.tenant_id == tenant_id,
            WebhookEndpoint.status != EndpointStatus.REMOVED,
        )
    )
    if (count or 0) >= MOST_ENDPOINTS:
        raise TooManyWebhooks(f"There may be {MOST_ENDPOINTS} webhooks at most.")
    endpoint = WebhookEndpoint(
        tenant_id=tenant_id,
        id=new_id(),
        url=check_url(given.url),
        description=given.description.strip(),
        kinds=_kinds(actor, given),
        status=EndpointStatus.ACTIVE,
        secret=sealed(check_secret(secret), sealing_key(session, PURPOSE)),
        secret_since=at,
        created_at=at,
        version=1,
        event_seq=0,
        event_hash=b"",
    )
    session.add(endpoint)
    await record(session, actor, "webhook.created", endpoint, at=at, kinds=endpoint.kinds)
    await session.flush()
    return endpoint


async def change_endpoint(
    session: AsyncSession,
    actor: Actor,
    endpoint_id: UUID,
    given: EndpointGiven,
    *,
    version: int | None = None,
    at: datetime,
) -> WebhookEndpoint:
    """Change where an endpoint is and what it is told.

    Raises:
        NotPermitted, NotFound, InvalidInput: as `create_endpoint`; no such endpoint.
        Conflict: somebody else changed it since the actor read `version` of it.
    """
    endpoint = await _locked(session, actor, endpoint_id)
    if version is not None and version != endpoint.version:
        raise Conflict("The webhook has changed since you read it.", version=endpoint.version)
    endpoint.url, endpoint.kinds = check_url(given.url), _kinds(actor, given)
    endpoint.description = given.description.strip()
    await _changed(session, actor, endpoint, "webhook.changed", at=at)
    return endpoint


async def rotate_secret(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, secret: str, at: datetime
) -> WebhookEndpoint:
    """Sign with a new secret; the one before signs too for `OVERLAP`.

    Raises:
        NotPermitted, NotFound, InvalidInput: as `create_endpoint`; no such endpoint.
    """
    endpoint = await _locked(session, actor, endpoint_id)
    fresh = sealed(check_secret(secret), sealing_key(session, PURPOSE))
    endpoint.old_secret, endpoint.secret = endpoint.secret, fresh
    endpoint.old_secret_until, endpoint.secret_since = at + OVERLAP, at
    await _changed(session, actor, endpoint, "webhook.secret_rotated", at=at)
    return endpoint


async def pause_endpoint(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, at: datetime
) -> WebhookEndpoint:
    """Call an endpoint no more until it is resumed; what happens meanwhile is held.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such endpoint.
        WebhookOff: it is not called already.
    """
    endpoint = await _active(session, actor, endpoint_id)
    await switch_off(session, endpoint, EndpointStatus.PAUSED, at=at)
    await _changed(session, actor, endpoint, "webhook.paused", at=at)
    return endpoint


async def resume_endpoint(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, at: datetime
) -> WebhookEndpoint:
    """Call an endpoint again, from the next act on; what was held is sent when somebody asks for it.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such endpoint.
    """
    endpoint = await _locked(session, actor, endpoint_id)
    endpoint.status, endpoint.stopped_at, endpoint.failing_since = EndpointStatus.ACTIVE, None, None
    await _changed(session, actor, endpoint, "webhook.resumed", at=at)
    return endpoint


async def remove_endpoint(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, at: datetime
) -> WebhookEndpoint:
    """Remove an endpoint for good; what was sent to it stays on record for a while.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such endpoint.
    """
    endpoint = await _locked(session, actor, endpoint_id)
    await switch_off(session, endpoint, EndpointStatus.REMOVED, at=at)
    endpoint.secret, endpoint.old_secret = "", None
    await _changed(session, actor, endpoint, "webhook.removed", at=at)
    return endpoint


async def send_test(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, at: datetime
) -> WebhookDelivery:
    """Send a message that tells of nothing, to see whether it arrives.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such endpoint.
        WebhookOff: the endpoint is not called.
    """
    endpoint = await _active(session, actor, endpoint_id)
    delivery = WebhookDelivery(
        tenant_id=endpoint.tenant_id,
        id=new_id(),
        endpoint_id=endpoint.id,
        message_id=new_id(),
        topic=TEST,
        body=message(TEST, {}, at=at),
        status=DeliveryStatus.PENDING,
        attempts=0,
        created_at=at,
        due_at=at,
    )
    session.add(delivery)
    await session.flush()
    return delivery


async def replay_delivery(
    session: AsyncSession, actor: Actor, delivery_id: UUID, *, at: datetime
) -> WebhookDelivery:
    """Send one message once more, under the same id, from its first attempt.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such delivery.
        WebhookOff: its endpoint is not called.
    """
    _permit(actor)
    delivery = await session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.tenant_id == tenant_of(session), WebhookDelivery.id == delivery_id)
        .with_for_update()
    )
    if delivery is None:
        raise NotFound("There is no such delivery.")
    await _active(session, actor, delivery.endpoint_id)
    delivery.status, delivery.attempts = DeliveryStatus.PENDING, 0
    delivery.due_at, delivery.claimed_until = at, None
    await session.flush()
    return delivery


async def replay_failed(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, since: datetime, at: datetime
) -> WebhookEndpoint:
    """Send everything since an instant once more that failed or was held.

    Raises:
        NotPermitted, NotFound: the actor does not manage webhooks; no such endpoint.
        WebhookOff: the endpoint is not called.
    """
    endpoint = await _active(session, actor, endpoint_id)
    await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == endpoint.tenant_id,
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.status.in_((DeliveryStatus.FAILED, DeliveryStatus.HELD)),
            WebhookDelivery.created_at >= since,
        )
        .values(status=DeliveryStatus.PENDING, attempts=0, due_at=at, claimed_until=None)
    )
    await _changed(session, actor, endpoint, "webhook.replayed", at=at)
    return endpoint


async def switch_off(
    session: AsyncSession, endpoint: WebhookEndpoint, status: EndpointStatus, *, at: datetime
) -> None:
    """Call an endpoint no more, for the reason that `status` says; what waits for it is held."""
    endpoint.status, endpoint.stopped_at = status, at
    await hold_pending(session, endpoint.id)


async def hold_pending(session: AsyncSession, endpoint_id: UUID) -> None:
    """Hold what still waits to be sent to an endpoint."""
    await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.tenant_id == tenant_of(session),
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == DeliveryStatus.PENDING,
        )
        .values(status=DeliveryStatus.HELD, claimed_until=None)
    )


async def get_endpoint(session: AsyncSession, endpoint_id: UUID) -> WebhookEndpoint:
    """Return an endpoint, locked.

    Raises:
        NotFound: there is none, or it was removed.
    """
    endpoint = await session.scalar(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.tenant_id == tenant_of(session),
            WebhookEndpoint.id == endpoint_id,
            WebhookEndpoint.status != EndpointStatus.REMOVED,
        )
        .with_for_update()
    )
    if endpoint is None:
        raise NotFound("There is no such webhook.")
    return endpoint


def _permit(actor: Actor) -> None:
    actor.require(Permission.MANAGE_WEBHOOKS)
    if actor.branch_ids is not None:
        # An endpoint is told of every branch.
        raise NotPermitted("Only who works for every branch may do this.")


def _kinds(actor: Actor, given: EndpointGiven) -> list[str]:
    return check_kinds(given.kinds, KINDS if actor.brand_id is None else BRAND_KINDS)


async def _locked(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    _permit(actor)
    return await get_endpoint(session, endpoint_id)


async def _active(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = await _locked(session, actor, endpoint_id)
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise WebhookOff("This webhook is not called. Resume it first.")
    return endpoint


async def _changed(
    session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, act: str, *, at: datetime
) -> None:
    endpoint.version += 1
    await record(session, actor, act, endpoint, at=at, status=endpoint.status)
    await session.flush()
