"""Second factors, identity providers, and sign-ins that are under way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant

revision = "0013"
down_revision = "0012"

GLOBAL_TABLES = (
    "totp",
    "recovery_code",
    "passkey",
    "sign_in_rule",
    "identity_provider",
    "provider_domain",
    "federated_identity",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _sign_ins()
    _factors()
    _providers()
    grant("serviceco_auth", "SELECT, INSERT, UPDATE, DELETE", (*GLOBAL_TABLES, "pending_sign_in"))
    for table in GLOBAL_TABLES:
        place(table, "global")


def _sign_ins() -> None:
    op.add_column(
        "sign_in",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint(op.f("sign_in_id_key"), "sign_in", ["id"])
    op.add_column(
        "sign_in",
        sa.Column("method", sa.String(length=40), server_default="password", nullable=False),
    )
    op.add_column(
        "sign_in",
        sa.Column("is_strong", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("sign_in", sa.Column("provider_id", sa.Uuid(), nullable=True))
    op.add_column("sign_in", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pending_sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("account_version", sa.BigInteger(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pending_sign_in_pkey")),
    )
    op.create_index(
        op.f("pending_sign_in_expires_at_idx"), "pending_sign_in", ["expires_at"], unique=False
    )


def _factors() -> None:
    op.create_table(
        "totp",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("totp_account_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("totp_pkey")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("recovery_code_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("recovery_code_pkey")),
    )
    op.create_index(
        op.f("recovery_code_account_id_idx"), "recovery_code", ["account_id"], unique=False
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("passkey_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("passkey_pkey")),
        sa.UniqueConstraint("credential_id", name=op.f("passkey_credential_id_key")),
    )
    op.create_index(op.f("passkey_account_id_idx"), "passkey", ["account_id"], unique=False)
    op.create_table(
        "sign_in_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("second_factor_roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_rule_pkey")),
    )


def _providers() -> None:
    op.create_table(
        "identity_provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column("admission", sa.String(length=40), nullable=False),
        sa.Column("group_claim", sa.Text(), nullable=False),
        sa.Column("group_rules", postgresql.JSONB(), nullable=False),
        sa.Column("default_roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(tenant_id is null) <> (brand_id is null)",
            name=op.f("identity_provider_one_home_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("identity_provider_pkey")),
    )
    op.create_index("identity_provider_tenant_idx", "identity_provider", ["tenant_id"])
    op.create_index("identity_provider_brand_idx", "identity_provider", ["brand_id"])
    op.create_table(
        "provider_domain",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["identity_provider.id"],
            name=op.f("provider_domain_provider_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("provider_id", "domain", name=op.f("provider_domain_pkey")),
    )
    op.create_index(
        "provider_domain_confirmed_key",
        "provider_domain",
        ["domain"],
        unique=True,
        postgresql_where=sa.text("confirmed_at is not null"),
    )
    op.create_table(
        "federated_identity",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("federated_identity_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("federated_identity_membership_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["identity_provider.id"],
            name=op.f("federated_identity_provider_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("provider_id", "subject", name=op.f("federated_identity_pkey")),
    )
    op.create_index(op.f("federated_identity_account_id_idx"), "federated_identity", ["account_id"])
