"""Findings, decisions and lines of a repair."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "photo",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("photo_tenant_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("photo_pkey")),
    )
    op.create_index("photo_order_idx", "photo", ["tenant_id", "order_id"], unique=False)
    op.create_table(
        "inspection_result",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("step_code", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reading", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("finding_code", sa.Text(), nullable=True),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("inspection_result_tenant_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "photo_id"],
            ["photo.tenant_id", "photo.id"],
            name=op.f("inspection_result_tenant_id_photo_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("inspection_result_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "order_id",
            "step_code",
            name=op.f("inspection_result_tenant_id_order_id_step_code_key"),
        ),
    )
    op.create_table(
        "coverage_decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("payer", sa.String(40), nullable=False),
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("law_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("decision", postgresql.JSONB(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("coverage_decision_tenant_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_version_id"],
            ["policy_version.tenant_id", "policy_version.id"],
            name=op.f("coverage_decision_tenant_id_policy_version_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("coverage_decision_pkey")),
    )
    op.create_index(
        "coverage_decision_order_idx",
        "coverage_decision",
        ["tenant_id", "order_id", "decided_at"],
        unique=False,
    )
    op.create_table(
        "order_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.String(40), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("component", sa.Text(), nullable=True),
        sa.Column("repair_level", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payer", sa.String(40), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("labour_minutes", sa.BigInteger(), nullable=True),
        sa.Column("new_serial", sa.Text(), nullable=True),
        sa.Column("old_serial", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "amount_minor = quantity * price_minor", name=op.f("order_line_amount_check")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("order_line_quantity_positive_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["coverage_decision.tenant_id", "coverage_decision.id"],
            name=op.f("order_line_tenant_id_decision_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("order_line_tenant_id_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("order_line_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "order_id",
            "position",
            name=op.f("order_line_tenant_id_order_id_position_key"),
        ),
    )
    op.create_table(
        "quality_check",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("quality_check_tenant_id_order_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.id"],
            name=op.f("quality_check_tenant_id_staff_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("quality_check_pkey")),
    )
    op.create_index(
        "quality_check_order_idx", "quality_check", ["tenant_id", "order_id"], unique=False
    )
    # ### end Alembic commands ###
    for table in ("photo", "inspection_result", "coverage_decision", "order_line", "quality_check"):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", ("inspection_result", "order_line"))
    grant("serviceco_app", "SELECT, INSERT, UPDATE", ("photo", "quality_check"))
    grant("serviceco_app", "SELECT, INSERT", ("coverage_decision",))
