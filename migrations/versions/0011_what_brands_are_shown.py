"""What brands are shown of the work done in their name, and the keys of their machines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_brand

revision = "0011"
down_revision = "0010"

TABLES = ("brand_case", "brand_claim", "brand_claim_line")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "brand_case",
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("company_slug", sa.Text(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("branch_code", sa.Text(), nullable=False),
        sa.Column("branch_name", sa.Text(), nullable=False),
        sa.Column("contract_number", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("category_names", postgresql.JSONB(), nullable=False),
        sa.Column("model_code", sa.Text(), nullable=True),
        sa.Column("model_name", sa.Text(), nullable=True),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("coverage", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("symptom_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("repeat_days", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("diagnosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "brand_id", "tenant_id", "number", name=op.f("brand_case_brand_id_tenant_id_number_key")
        ),
        sa.PrimaryKeyConstraint("brand_id", "id", name=op.f("brand_case_pkey")),
    )
    op.create_index(
        "brand_case_received_idx",
        "brand_case",
        ["brand_id", sa.literal_column("received_at desc"), sa.literal_column("id desc")],
    )
    op.create_table(
        "brand_claim",
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("company_slug", sa.Text(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("branch_code", sa.Text(), nullable=False),
        sa.Column("branch_name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("problems", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "id", name=op.f("brand_claim_pkey")),
    )
    op.create_index("brand_claim_case_idx", "brand_claim", ["brand_id", "case_id"])
    op.create_index(
        "brand_claim_filed_idx",
        "brand_claim",
        ["brand_id", sa.literal_column("submitted_at desc"), sa.literal_column("id desc")],
    )
    op.create_table(
        "brand_claim_line",
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(40), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("policy_code", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("clauses", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.UniqueConstraint(
            "brand_id",
            "claim_id",
            "position",
            name=op.f("brand_claim_line_brand_id_claim_id_position_key"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id", "claim_id"],
            ["brand_claim.brand_id", "brand_claim.id"],
            name=op.f("brand_claim_line_brand_id_claim_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("brand_id", "id", name=op.f("brand_claim_line_pkey")),
    )
    for table in TABLES:
        isolate_by_brand(table)
        place(table, "brand")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", TABLES)
    # A brand reads its projections, its own register entry, and that its sign-in lives.
    grant("serviceco_brand", "SELECT", (*TABLES, "brand", "live_sign_in"))
    _let_keys_be_of_a_brand()


def _let_keys_be_of_a_brand() -> None:
    op.alter_column("machine_key", "tenant_id", nullable=True)
    op.add_column("machine_key", sa.Column("brand_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("machine_key_one_home_check"),
        "machine_key",
        "(tenant_id is null) <> (brand_id is null)",
    )
