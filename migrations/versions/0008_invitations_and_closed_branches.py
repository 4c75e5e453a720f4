"""Invitations, password resets, closed branches, product lines of contracts, chains of staff."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_also_for

revision = "0008"
down_revision = "0007"

# What changes who may sign in changes the company's own rows in the same transaction.
STAFFING = {
    "staff": "SELECT, INSERT, UPDATE",
    "branch": "SELECT",
    "event": "SELECT, INSERT",
    "idempotency_key": "SELECT, INSERT, UPDATE",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("branch_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(tenant_id is null) <> (brand_id is null)", name=op.f("invitation_one_home_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("invitation_token_hash_key")),
    )
    op.create_index("invitation_staff_idx", "invitation", ["tenant_id", "staff_id"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("password_reset_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("password_reset_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("password_reset_token_hash_key")),
    )
    op.create_index(
        op.f("password_reset_account_id_idx"), "password_reset", ["account_id"], unique=False
    )
    op.create_index("membership_staff_idx", "membership", ["tenant_id", "staff_id"], unique=False)
    op.create_index(op.f("sign_in_membership_id_idx"), "sign_in", ["membership_id"], unique=False)
    # ### end Alembic commands ###
    for table in ("invitation", "password_reset"):
        place(table, "global")
    grant("serviceco_auth", "SELECT, INSERT, UPDATE", ("invitation", "password_reset"))
    _columns()
    for table, verbs in STAFFING.items():
        isolate_also_for("serviceco_auth", table)
        grant("serviceco_auth", verbs, (table,))
    grant("serviceco_auth", "SELECT", ("live_sign_in",))


def _columns() -> None:
    for table in ("branch", "contract", "staff"):
        op.add_column(
            table,
            sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        )
        op.add_column(
            table,
            sa.Column(
                "event_hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
            ),
        )
    op.add_column("branch", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contract", sa.Column("category_codes", postgresql.ARRAY(sa.Text())))
    op.add_column(
        "contract_branch",
        sa.Column(
            "category_levels",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
