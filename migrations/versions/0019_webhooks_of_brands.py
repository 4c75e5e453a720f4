"""Webhooks of brands, and every attempt to send a message."""

import sqlalchemy as sa
from alembic import op

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant, show_owning_brand

revision = "0019"
down_revision = "0018"

# What a brand reads of its own; an endpoint's secrets are none of it.
SHOWN = {
    "webhook_endpoint": "tenant_id, id, url, description, kinds, status, old_secret_until,"
    " secret_since, failing_since, stopped_at, last_success_at, created_at, version",
    "webhook_delivery": "tenant_id, id, endpoint_id, message_id, topic, body, status, attempts,"
    " created_at, due_at, tried_at, response_code, answer, failure, duration_ms",
    "webhook_attempt": "tenant_id, id, delivery_id, attempt, tried_at, duration_ms, response_code,"
    " answer, failure",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "webhook_attempt",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=False),
        sa.Column("response_code", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("failure", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["webhook_delivery.tenant_id", "webhook_delivery.id"],
            name=op.f("webhook_attempt_tenant_id_delivery_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("webhook_attempt_pkey")),
    )
    op.create_index(
        "webhook_attempt_delivery_idx",
        "webhook_attempt",
        ["tenant_id", "delivery_id", sa.literal_column("id desc")],
    )
    op.create_index("webhook_delivery_old_idx", "webhook_delivery", ["tenant_id", "created_at"])
    isolate_by_tenant("webhook_attempt")
    place("webhook_attempt", "tenant")
    # Who is erased is taken out of what a receiver answered.
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("webhook_attempt",))
    for table, columns in SHOWN.items():
        show_owning_brand(table)
        grant("serviceco_brand", f"SELECT ({columns})", (table,))
    _let_machines_keep_what_they_may()


def _let_machines_keep_what_they_may() -> None:
    """Webhooks were part of managing the company, and have a permission of their own now."""
    op.execute(
        "UPDATE machine_client SET scopes = array_append(scopes, 'manage_webhooks')"
        " WHERE 'manage_tenant' = ANY (scopes) AND tenant_id IS NOT NULL"
    )
    op.execute(
        "UPDATE machine_key SET permissions = array_append(permissions, 'manage_webhooks')"
        " WHERE 'manage_tenant' = ANY (permissions) AND tenant_id IS NOT NULL"
    )
