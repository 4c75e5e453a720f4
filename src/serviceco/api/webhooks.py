"""Webhooks in GraphQL: endpoints, what was sent to them, and everything done with both."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, mutation
from serviceco.api.plan.access import of_either
from serviceco.api.plan.fields import column, count_of, many, one, pages, to_many
from serviceco.api.plan.filters import equals, one_of
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import planned
from serviceco.core.actor import Permission
from serviceco.exchange import endpoints
from serviceco.exchange.webhook_tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    CallFailure,
    DeliveryStatus,
    EndpointGiven,
    EndpointStatus,
)

# A company's people and machines meet the company's webhooks, a brand's those of the brand.
NEEDS = of_either(Permission.MANAGE_WEBHOOKS)
MOST_ATTEMPTS_SHOWN = 50

strawberry.enum(
    EndpointStatus, name="WebhookStatus", description="Whether a webhook is called, or why not."
)
strawberry.enum(
    DeliveryStatus, name="WebhookDeliveryStatus", description="Where a delivery stands."
)
strawberry.enum(CallFailure, name="WebhookFailure", description="Why an attempt was no success.")


@planned(WebhookEndpoint, description="An address that is told of acts.", needs=NEEDS)
class WebhookEndpointType:
    """GraphQL face of an endpoint; its secrets are never shown."""

    id: UUID = column(WebhookEndpoint.id, "Its id.")
    url: str = column(WebhookEndpoint.url, "Where it is.")
    description: str = column(WebhookEndpoint.description, "What it is for.")
    kinds: list[str] = column(WebhookEndpoint.kinds, "What it is told, e.g. `repair.received`.")
    status: EndpointStatus = column(WebhookEndpoint.status, "Whether it is called.")
    secret_since: datetime = column(WebhookEndpoint.secret_since, "When its secret began to sign.")
    old_secret_until: datetime | None = column(
        WebhookEndpoint.old_secret_until, "How long the secret before signs too."
    )
    failing_since: datetime | None = column(
        WebhookEndpoint.failing_since, "The first failure after its last success, if it fails."
    )
    stopped_at: datetime | None = column(WebhookEndpoint.stopped_at, "When calls to it stopped.")
    last_success_at: datetime | None = column(
        WebhookEndpoint.last_success_at, "When it last took a message."
    )
    created_at: datetime = column(WebhookEndpoint.created_at, "When it was added.")
    version: int = column(
        WebhookEndpoint.version, "Rises with each change; send it back to change."
    )
    pending: int = count_of(
        WebhookDelivery.endpoint_id,
        "How many messages wait for it.",
        where=WebhookDelivery.status == DeliveryStatus.PENDING,
    )
    failed: int = count_of(
        WebhookDelivery.endpoint_id,
        "How many messages were given up or are held.",
        where=WebhookDelivery.status.in_((DeliveryStatus.FAILED, DeliveryStatus.HELD)),
    )


@planned(
    WebhookAttempt,
    description="One attempt to send a message to a webhook.",
    needs=NEEDS,
)
class WebhookAttemptType:
    """GraphQL face of an attempt."""

    id: UUID = column(WebhookAttempt.id, "Its id.")
    attempt: int = column(WebhookAttempt.attempt, "Which it was, from 1, and anew after a replay.")
    tried_at: datetime = column(WebhookAttempt.tried_at, "When the answer came, or failed to.")
    duration_ms: int = column(WebhookAttempt.duration_ms, "How long it took.")
    response_code: int | None = column(WebhookAttempt.response_code, "The answer's HTTP status.")
    answer: str = column(WebhookAttempt.answer, "How the answer began.")
    failure: CallFailure | None = column(WebhookAttempt.failure, "Why it failed, if it did.")


@planned(
    WebhookDelivery,
    description="One message to one webhook, with its latest attempt.",
    needs=NEEDS,
    branch=WebhookDelivery.branch_id,
)
class WebhookDeliveryType:
    """GraphQL face of a delivery."""

    id: UUID = column(WebhookDelivery.id, "Its id.")
    endpoint_id: UUID = column(WebhookDelivery.endpoint_id, "The webhook.")
    message_id: UUID = column(
        WebhookDelivery.message_id,
        "The same at every attempt: `webhook-id` is `msg_` and its digits.",
    )
    kind: str = column(WebhookDelivery.topic, "What it tells.")
    body: JSON = column(WebhookDelivery.body, "What is sent.")
    status: DeliveryStatus = column(WebhookDelivery.status, "Where it stands.")
    attempts: int = column(WebhookDelivery.attempts, "How often it was tried.")
    created_at: datetime = column(WebhookDelivery.created_at, "When it was made.")
    due_at: datetime = column(WebhookDelivery.due_at, "When it is tried next, while it waits.")
    tried_at: datetime | None = column(WebhookDelivery.tried_at, "When it was tried last.")
    response_code: int | None = column(WebhookDelivery.response_code, "The answer's HTTP status.")
    answer: str | None = column(WebhookDelivery.answer, "How the answer began.")
    failure: CallFailure | None = column(WebhookDelivery.failure, "Why the last attempt failed.")
    duration_ms: int | None = column(WebhookDelivery.duration_ms, "How long it took.")
    history: list[WebhookAttemptType] = to_many(
        WebhookAttempt.delivery_id,
        "Every attempt, the latest first; kept for 30 days, as the message is.",
        order_by=(WebhookAttempt.id.desc(),),
        at_most=MOST_ATTEMPTS_SHOWN,
    )


@strawberry.type
class WebhookQueries:
    """Root fields of webhooks."""

    webhook_endpoints: list[WebhookEndpointType] = many(
        "The webhooks of your company or brand, the oldest first.",
        order_by=(WebhookEndpoint.created_at, WebhookEndpoint.id),
        at_most=endpoints.MOST_ENDPOINTS,
        where=WebhookEndpoint.status != EndpointStatus.REMOVED,
    )
    webhook_endpoint: WebhookEndpointType | None = one(
        "One webhook by its id.",
        by={"id": equals(WebhookEndpoint.id, "Its id.")},
        where=WebhookEndpoint.status != EndpointStatus.REMOVED,
    )
    webhook_deliveries: Connection[WebhookDeliveryType] = pages(
        "What was sent to webhooks, the latest first.",
        order_by=(WebhookDelivery.id.desc(),),
        filters={
            "endpoint_id": equals(WebhookDelivery.endpoint_id, "Only to this webhook."),
            "status": one_of(WebhookDelivery.status, "Only those that stand so."),
        },
    )
    webhook_delivery: WebhookDeliveryType | None = one(
        "One delivery by its id.", by={"id": equals(WebhookDelivery.id, "Its id.")}
    )


@mutation(
    WebhookEndpointType,
    needs=NEEDS,
    description=(
        "Add a webhook. You bring the secret, `whsec_` and 24 to 64 random bytes in Base64: it is"
        " kept sealed and never shown. Signatures are those of Standard Webhooks."
    ),
)
async def create_webhook_endpoint(
    call: Call, url: str, kinds: list[str], secret: str, description: str = ""
) -> UUID:
    """Add a webhook."""
    given = EndpointGiven(url=url, kinds=kinds, description=description)
    made = await endpoints.create_endpoint(
        call.session, call.actor, given, secret=secret, at=call.at
    )
    return made.id


@mutation(
    WebhookEndpointType, needs=NEEDS, description="Change where a webhook is and what it is told."
)
async def change_webhook_endpoint(
    call: Call,
    endpoint_id: UUID,
    url: str,
    kinds: list[str],
    description: str = "",
    version: int | None = None,
) -> UUID:
    """Change a webhook."""
    given = EndpointGiven(url=url, kinds=kinds, description=description)
    changed = await endpoints.change_endpoint(
        call.session, call.actor, endpoint_id, given, version=version, at=call.at
    )
    return changed.id


@mutation(
    WebhookEndpointType,
    needs=NEEDS,
    description="Sign with a new secret that you bring; for a day the one before signs too.",
)
async def rotate_webhook_secret(call: Call, endpoint_id: UUID, secret: str) -> UUID:
    """Rotate the secret of a webhook."""
    changed = await endpoints.rotate_secret(
        call.session, call.actor, endpoint_id, secret=secret, at=call.at
    )
    return changed.id


@mutation(
    WebhookEndpointType,
    needs=NEEDS,
    description="Call a webhook no more until it is resumed; what happens meanwhile is held.",
)
async def pause_webhook_endpoint(call: Call, endpoint_id: UUID) -> UUID:
    """Pause a webhook."""
    return (await endpoints.pause_endpoint(call.session, call.actor, endpoint_id, at=call.at)).id


@mutation(WebhookEndpointType, needs=NEEDS, description="Call a webhook again from now on.")
async def resume_webhook_endpoint(call: Call, endpoint_id: UUID) -> UUID:
    """Resume a webhook."""
    return (await endpoints.resume_endpoint(call.session, call.actor, endpoint_id, at=call.at)).id


@mutation(WebhookEndpointType, needs=NEEDS, description="Remove a webhook for good.")
async def remove_webhook_endpoint(call: Call, endpoint_id: UUID) -> UUID:
    """Remove a webhook."""
    return (await endpoints.remove_endpoint(call.session, call.actor, endpoint_id, at=call.at)).id


@mutation(
    WebhookEndpointType,
    needs=NEEDS,
    description="Send once more what failed or was held since an instant.",
)
async def replay_failed_webhooks(call: Call, endpoint_id: UUID, since: datetime) -> UUID:
    """Replay what failed."""
    changed = await endpoints.replay_failed(
        call.session, call.actor, endpoint_id, since=since, at=call.at
    )
    return changed.id


@mutation(WebhookDeliveryType, needs=NEEDS, description="Send a message that tells of nothing.")
async def send_webhook_test(call: Call, endpoint_id: UUID) -> UUID:
    """Send a test."""
    return (await endpoints.send_test(call.session, call.actor, endpoint_id, at=call.at)).id


@mutation(WebhookDeliveryType, needs=NEEDS, description="Send one message once more.")
async def replay_webhook_delivery(call: Call, delivery_id: UUID) -> UUID:
    """Replay a delivery."""
    return (await endpoints.replay_delivery(call.session, call.actor, delivery_id, at=call.at)).id


QUERIES = (WebhookQueries,)
MUTATIONS = (
    create_webhook_endpoint,
    change_webhook_endpoint,
    rotate_webhook_secret,
    pause_webhook_endpoint,
    resume_webhook_endpoint,
    remove_webhook_endpoint,
    replay_failed_webhooks,
    send_webhook_test,
    replay_webhook_delivery,
)
