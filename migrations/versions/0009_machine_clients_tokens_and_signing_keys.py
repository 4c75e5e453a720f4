"""Machine clients, their secrets and tokens, and the keys that sign the tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant

revision = "0009"
down_revision = "0008"

TABLES = ("machine_client", "client_secret", "access_token", "signing_key")
# A token lives while it and its client do; its rights are the client's of that version.
LIVE_TOKENS = """
SELECT t.token_hash, c.version, t.expires_at
FROM access_token t JOIN machine_client c ON c.id = t.client_id
WHERE t.revoked_at IS NULL AND c.revoked_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "machine_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(tenant_id is null) <> (brand_id is null)", name=op.f("machine_client_one_home_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("machine_client_pkey")),
    )
    op.create_index("machine_client_tenant_idx", "machine_client", ["tenant_id"], unique=False)
    op.create_index("machine_client_brand_idx", "machine_client", ["brand_id"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("signing_key_pkey")),
    )
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["machine_client.id"], name=op.f("client_secret_client_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("client_secret_pkey")),
        sa.UniqueConstraint("secret_hash", name=op.f("client_secret_secret_hash_key")),
    )
    op.create_index(op.f("client_secret_client_id_idx"), "client_secret", ["client_id"])
    op.create_table(
        "access_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["machine_client.id"], name=op.f("access_token_client_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("access_token_pkey")),
    )
    op.create_index(op.f("access_token_client_id_idx"), "access_token", ["client_id"])
    # ### end Alembic commands ###
    op.add_column("machine_key", sa.Column("last_used_at", sa.DateTime(timezone=True)))
    grant("serviceco_auth", "SELECT, INSERT, UPDATE", TABLES)
    grant("serviceco_auth", "DELETE", ("access_token",))
    _show_that_tokens_live()
    for table in TABLES:
        place(table, "global")


def _show_that_tokens_live() -> None:
    """Add the tokens to what the view shows already."""
    shown = op.get_bind().scalar(sa.text("SELECT pg_get_viewdef('live_sign_in'::regclass)"))
    op.execute(
        f"CREATE OR REPLACE VIEW live_sign_in AS {shown.rstrip(';')} UNION ALL {LIVE_TOKENS}"
    )
