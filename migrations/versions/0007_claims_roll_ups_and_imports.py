"""Claims, roll-ups and imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "claim",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "event_hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
        ),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("claim_brand_id_fkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "branch_id"],
            ["branch.tenant_id", "branch.id"],
            name=op.f("claim_tenant_id_branch_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("claim_tenant_id_contract_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("claim_tenant_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("claim_pkey")),
        sa.UniqueConstraint("tenant_id", "order_id", name=op.f("claim_tenant_id_order_id_key")),
    )
    op.create_index(
        "claim_list_idx",
        "claim",
        ["tenant_id", "status", sa.literal_column("opened_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_table(
        "claim_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(40), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "claim_id"],
            ["claim.tenant_id", "claim.id"],
            name=op.f("claim_line_tenant_id_claim_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["coverage_decision.tenant_id", "coverage_decision.id"],
            name=op.f("claim_line_tenant_id_decision_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_line_id"],
            ["order_line.tenant_id", "order_line.id"],
            name=op.f("claim_line_tenant_id_order_line_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("claim_line_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "claim_id",
            "position",
            name=op.f("claim_line_tenant_id_claim_id_position_key"),
        ),
    )
    op.create_table(
        "branch_work",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("span", sa.String(40), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("coverage", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("orders", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("timed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("turnaround_bins", sa.LargeBinary(), nullable=False),
        sa.Column("promised", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("on_time", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cohort", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("repeated", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("warranty_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("goodwill_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("other_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "span",
            "branch_id",
            "starts_on",
            "brand_id",
            "coverage",
            "outcome",
            name=op.f("branch_work_pkey"),
        ),
    )
    op.create_table(
        "branch_intake",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("span", sa.String(40), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "span",
            "branch_id",
            "starts_on",
            "brand_id",
            name=op.f("branch_intake_pkey"),
        ),
    )
    op.create_table(
        "rollup_applied",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("rollup_applied_pkey")),
    )
    op.create_table(
        "imported_row",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("imported_row_tenant_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "source", "key", name=op.f("imported_row_pkey")),
    )
    op.create_table(
        "import_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("imported", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("import_run_pkey")),
    )
    # ### end Alembic commands ###
    for table in (
        "claim",
        "claim_line",
        "branch_work",
        "branch_intake",
        "rollup_applied",
        "imported_row",
        "import_run",
    ):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant(
        "serviceco_app",
        "SELECT, INSERT, UPDATE, DELETE",
        ("branch_work", "branch_intake", "rollup_applied"),
    )
    grant(
        "serviceco_app",
        "SELECT, INSERT, UPDATE",
        ("claim", "claim_line", "imported_row", "import_run"),
    )
