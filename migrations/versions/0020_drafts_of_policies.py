"""Drafts of policies."""

import sqlalchemy as sa
from alembic import op

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "policy_draft",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("based_on_id", sa.Uuid(), nullable=True),
        sa.Column("published_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", instant, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", instant, nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "event_hash",
            sa.LargeBinary(),
            server_default=sa.text("''::bytea"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("policy_draft_brand_id_fkey")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                ["policy_version.tenant_id", "policy_version.id"],
                name=op.f(f"policy_draft_tenant_id_{column}_fkey"),
            )
            for column in ("based_on_id", "published_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("policy_draft_pkey")),
    )
    op.create_index(
        "policy_draft_status_idx",
        "policy_draft",
        ["tenant_id", "status", sa.literal_column("id desc")],
    )
    isolate_by_tenant("policy_draft")
    place("policy_draft", "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("policy_draft",))
