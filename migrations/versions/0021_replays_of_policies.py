"""Replays of policies over past orders."""

import sqlalchemy as sa
from alembic import op

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0021"
down_revision = "0020"

TABLES = ("policy_replay", "policy_replay_cell", "policy_replay_order")
SUMS = tuple(
    f"{payer}_{side}_minor"
    for payer in ("brand", "customer", "tenant", "other")
    for side in ("before", "after")
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _create_replay()
    _create_cell()
    _create_order()
    for table in TABLES:
        isolate_by_tenant(table)
        place(table, "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE", TABLES)


def _create_replay() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "policy_replay",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("candidate_id", sa.Uuid(), nullable=True),
        sa.Column("against_id", sa.Uuid(), nullable=True),
        sa.Column("policy_code", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("document", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reached_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("finished_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("policy_replay_brand_id_fkey")
        ),
        _tenant_key("policy_replay", "draft_id", "policy_draft"),
        _tenant_key("policy_replay", "candidate_id", "policy_version"),
        _tenant_key("policy_replay", "against_id", "policy_version"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("policy_replay_pkey")),
    )
    op.create_index(
        "policy_replay_brand_idx",
        "policy_replay",
        ["tenant_id", "brand_id", sa.literal_column("id desc")],
    )


def _create_cell() -> None:
    op.create_table(
        "policy_replay_cell",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *_sums(),
        _tenant_key("policy_replay_cell", "replay_id", "policy_replay"),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "replay_id",
            "branch_id",
            "model_id",
            "before",
            "after",
            name=op.f("policy_replay_cell_pkey"),
        ),
    )


def _create_order() -> None:
    op.create_table(
        "policy_replay_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *_sums(),
        _tenant_key("policy_replay_order", "replay_id", "policy_replay"),
        _tenant_key("policy_replay_order", "order_id", "repair_order"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("policy_replay_order_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "replay_id",
            "order_id",
            name=op.f("policy_replay_order_tenant_id_replay_id_order_id_key"),
        ),
    )


def _sums() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS]


def _tenant_key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"{table}_tenant_id_{column}_fkey"),
    )
