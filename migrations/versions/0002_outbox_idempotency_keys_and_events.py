"""Outbox, idempotency keys and events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "outbox_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("outbox_entry_pkey")),
    )
    op.create_index(
        "outbox_entry_due_idx",
        "outbox_entry",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at is null and parked_at is null"),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client", "key", name=op.f("idempotency_key_pkey")),
    )
    op.create_table(
        "event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_account_id", sa.Uuid(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("event_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "subject_id", "seq", name=op.f("event_tenant_id_subject_id_seq_key")
        ),
    )
    # ### end Alembic commands ###
    for table in ("outbox_entry", "idempotency_key", "event"):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", ("idempotency_key",))
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("outbox_entry",))
    grant("serviceco_app", "SELECT, INSERT", ("event",))
    grant(
        "serviceco_relay",
        "SELECT (tenant_id, id, due_at, claimed_until, done_at, parked_at)",
        ("outbox_entry",),
    )
    op.execute(
        "CREATE POLICY outbox_entry_relay ON outbox_entry FOR SELECT TO serviceco_relay USING (true)"
    )
