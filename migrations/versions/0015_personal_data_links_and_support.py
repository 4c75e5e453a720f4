"""What was done with people's data, customers' links, and the sessions of support."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import chain, grant, isolate_by_tenant

revision = "0015"
down_revision = "0014"

# Beside what lives already, a link and a session of support do, each until it is ended.
LIVE = """
SELECT handle, version, expires_at FROM customer_link WHERE revoked_at IS NULL
UNION ALL
SELECT v.token_hash, v.version, v.expires_at
FROM support_session v
JOIN supporter p ON p.id = v.supporter_id JOIN account a ON a.id = p.account_id
WHERE v.token_hash IS NOT NULL AND v.ended_at IS NULL AND p.ended_at IS NULL AND a.is_active
"""
# Global tables with rows of one tenant: the application reaches those of its own tenant alone.
OWN = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("customer", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    for column in chain():
        op.add_column("customer", column)
    _tenant_tables()
    _global_tables()
    for table in ("audit_record", "retention_rule", "support_consent"):
        isolate_by_tenant(table)
        place(table, "tenant")
    for table in ("customer_link", "supporter", "support_session"):
        place(table, "global")
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("retention_rule", "support_consent"))
    grant("serviceco_app", "SELECT, INSERT, UPDATE (reason)", ("audit_record",))
    # What is erased of rows that are otherwise only added.
    grant("serviceco_app", "UPDATE (reference)", ("payment",))
    grant("serviceco_app", "DELETE", ("photo",))
    _let_the_application_end("customer_link", "order_id, expires_at, revoked_at")
    _let_the_application_end("support_session", "consent_id, ended_at")
    grant("serviceco_app", "INSERT, UPDATE (expires_at, revoked_at)", ("customer_link",))
    grant("serviceco_app", "UPDATE (ended_at)", ("support_session",))
    grant("serviceco_auth", "SELECT", ("customer_link",))
    grant("serviceco_auth", "SELECT, INSERT, UPDATE", ("supporter", "support_session"))
    grant("serviceco_auth", "DELETE", ("sign_in",))
    shown = op.get_bind().scalar(sa.text("SELECT pg_get_viewdef('live_sign_in'::regclass)"))
    op.execute(f"CREATE OR REPLACE VIEW live_sign_in AS {shown.rstrip(';')} UNION ALL {LIVE}")


def _let_the_application_end(table: str, columns: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_app ON {table} TO serviceco_app USING ({OWN}) WITH CHECK ({OWN})"
    )
    op.execute(f"CREATE POLICY {table}_auth ON {table} TO serviceco_auth USING (true)")
    grant("serviceco_app", f"SELECT (tenant_id, {columns})", (table,))


def _tenant_tables() -> None:
    op.create_table(
        "audit_record",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("consented_by", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("audit_record_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("audit_record_tenant_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("audit_record_tenant_id_order_id_fkey"),
        ),
    )
    op.create_index(
        "audit_record_list_idx",
        "audit_record",
        ["tenant_id", sa.literal_column("at desc"), sa.literal_column("id desc")],
    )
    op.create_index("audit_record_account_idx", "audit_record", ["tenant_id", "account_id", "at"])
    op.create_index("audit_record_customer_idx", "audit_record", ["tenant_id", "customer_id"])
    op.create_table(
        "retention_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=True),
        sa.Column("generation", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        *chain(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("retention_rule_pkey")),
        sa.UniqueConstraint("tenant_id", "kept", name=op.f("retention_rule_tenant_id_kept_key")),
        sa.CheckConstraint("months between 1 and 240", name=op.f("retention_rule_months_check")),
    )
    op.create_table(
        "support_consent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_by_name", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *chain(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("support_consent_pkey")),
    )
    op.create_index("support_consent_idx", "support_consent", ["tenant_id", "until"])


def _global_tables() -> None:
    op.create_table(
        "customer_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_link_pkey")),
        sa.UniqueConstraint("handle", name=op.f("customer_link_handle_key")),
    )
    op.create_index("customer_link_number_idx", "customer_link", ["number"])
    op.create_index("customer_link_order_idx", "customer_link", ["tenant_id", "order_id"])
    op.create_table(
        "supporter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("supporter_pkey")),
        sa.UniqueConstraint("account_id", name=op.f("supporter_account_id_key")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("supporter_account_id_fkey")
        ),
    )
    op.create_table(
        "support_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("opening_hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("supporter_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("consented_by", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("support_session_pkey")),
        sa.UniqueConstraint("opening_hash", name=op.f("support_session_opening_hash_key")),
        sa.UniqueConstraint("token_hash", name=op.f("support_session_token_hash_key")),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("support_session_supporter_id_fkey")
        ),
    )
    op.create_index("support_session_consent_idx", "support_session", ["tenant_id", "consent_id"])
