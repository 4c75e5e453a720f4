"""Tenants, brands, accounts and sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0001"
down_revision = None

# A read asks this inside its own statement, so that a lost role acts on the next request.
LIVE_SIGN_IN = """
CREATE VIEW live_sign_in AS
SELECT s.token_hash, a.version, s.expires_at
FROM sign_in s JOIN account a ON a.id = s.account_id JOIN membership m ON m.id = s.membership_id
WHERE s.ended_at IS NULL AND a.is_active AND m.is_active
UNION ALL
SELECT key_hash, version, expires_at FROM machine_key WHERE revoked_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("email", name=op.f("account_email_key")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("branch_ids", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(tenant_id is null) <> (brand_id is null)", name=op.f("membership_one_home_check")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("membership_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("membership_pkey")),
    )
    op.create_index("membership_account_id_idx", "membership", ["account_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("sign_in_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("sign_in_membership_id_fkey")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sign_in_pkey")),
    )
    op.create_index(op.f("sign_in_account_id_idx"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "machine_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("machine_key_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("machine_key_key_hash_key")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("sign_in_throttle_pkey")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tenant_pkey")),
        sa.UniqueConstraint("slug", name=op.f("tenant_slug_key")),
    )
    op.create_table(
        "brand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("brand_pkey")),
        sa.UniqueConstraint("code", name=op.f("brand_code_key")),
    )
    op.create_table(
        "branch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("imported_as", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("branch_pkey")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("branch_tenant_id_code_key")),
        sa.UniqueConstraint(
            "tenant_id", "imported_as", name=op.f("branch_tenant_id_imported_as_key")
        ),
    )
    op.create_table(
        "brand_alias",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("spelling", sa.Text(), nullable=False),
        sa.Column("printed", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("brand_alias_brand_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("brand_alias_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "spelling", name=op.f("brand_alias_tenant_id_spelling_key")
        ),
    )
    op.create_table(
        "contract",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "until is null or until > since", name=op.f("contract_ends_after_start_check")
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("contract_brand_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("contract_pkey")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("contract_tenant_id_number_key")),
    )
    op.create_index("contract_brand_idx", "contract", ["tenant_id", "brand_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("staff_account_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("staff_tenant_id_code_key")),
    )
    op.create_table(
        "contract_branch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("repair_level", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "repair_level between 1 and 3", name=op.f("contract_branch_repair_level_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "branch_id"],
            ["branch.tenant_id", "branch.id"],
            name=op.f("contract_branch_tenant_id_branch_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("contract_branch_tenant_id_contract_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "contract_id", "branch_id", name=op.f("contract_branch_pkey")
        ),
    )
    # ### end Alembic commands ###
    for table in ("branch", "brand_alias", "contract", "staff", "contract_branch"):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", ("contract_branch",))
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("branch", "brand_alias", "contract", "staff"))
    grant("serviceco_app", "SELECT", ("tenant", "brand"))
    grant("serviceco_admin", "SELECT, INSERT, UPDATE", ("tenant", "brand"))
    grant(
        "serviceco_auth",
        "SELECT, INSERT, UPDATE",
        ("account", "membership", "sign_in", "machine_key", "sign_in_throttle"),
    )
    grant("serviceco_auth", "DELETE", ("sign_in_throttle",))
    grant("serviceco_auth", "SELECT", ("tenant", "brand"))
    op.execute(LIVE_SIGN_IN)
    grant("serviceco_app", "SELECT", ("live_sign_in",))
    for table in ("account", "membership", "sign_in", "machine_key", "tenant", "brand"):
        place(table, "global")
