"""Endpoints of webhooks, each message to each of them, and each attempt to send it.

They are a company's or a brand's: `tenant_id` is the id of either, which no other has.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.exchange.words.webhooks import CallFailure, DeliveryStatus, EndpointStatus
from serviceco.storage.base import TenantRow, enum_column, tenant_key


class WebhookEndpoint(TenantRow, Chained):
    """An address that is told of certain acts. Its secrets are sealed, and never shown again.

    `failing_since` is the first failure after the last success. Until `old_secret_until` the
    secret before signs too.
    """

    __tablename__ = "webhook_endpoint"

    url: Mapped[str]
    description: Mapped[str]
    kinds: Mapped[list[str]]
    status: Mapped[EndpointStatus] = mapped_column(enum_column(EndpointStatus))
    secret: Mapped[str]
    old_secret: Mapped[str | None]
    old_secret_until: Mapped[datetime | None]
    secret_since: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class WebhookDelivery(TenantRow):
    """One message to one endpoint, with what came of the latest attempt.

    `message_id` is the same for every endpoint and at every attempt: receivers tell a repeat by
    it. `claimed_until` is the worker's lease while it calls.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("tenant_id", "endpoint_id", "message_id"),
        tenant_key("endpoint_id", "webhook_endpoint"),
        tenant_key("branch_id", "branch"),
        Index("webhook_delivery_due_idx", "due_at", postgresql_where=text("status = 'pending'")),
        Index("webhook_delivery_old_idx", "tenant_id", "created_at"),
        Index("webhook_delivery_list_idx", "tenant_id", "endpoint_id", text("id desc")),
    )

    endpoint_id: Mapped[UUID]
    branch_id: Mapped[UUID | None]
    message_id: Mapped[UUID]
    topic: Mapped[str]
    body: Mapped[dict[str, Any]]
    status: Mapped[DeliveryStatus] = mapped_column(enum_column(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    response_code: Mapped[int | None]
    answer: Mapped[str | None]
    failure: Mapped[CallFailure | None] = mapped_column(enum_column(CallFailure))
    duration_ms: Mapped[int | None]


class WebhookAttempt(TenantRow):
    """One call for a delivery, and what came of it; it goes when its delivery goes.

    `attempt` counts from 1, and again from 1 after a replay.
    """

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["webhook_delivery.tenant_id", "webhook_delivery.id"],
            ondelete="CASCADE",
        ),
        Index("webhook_attempt_delivery_idx", "tenant_id", "delivery_id", text("id desc")),
    )

    delivery_id: Mapped[UUID]
    attempt: Mapped[int]
    tried_at: Mapped[datetime]
    duration_ms: Mapped[int]
    response_code: Mapped[int | None]
    answer: Mapped[str]
    failure: Mapped[CallFailure | None] = mapped_column(enum_column(CallFailure))
