"""Customers, devices and repair orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "customer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("customer_pkey")),
    )
    op.create_index(
        "customer_phone_idx",
        "customer",
        ["tenant_id", "phone", "name"],
        unique=True,
        postgresql_where=sa.text("phone <> ''"),
    )
    op.create_table(
        "device",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("brand_alias_id", sa.Uuid(), nullable=True),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("brand_printed", sa.Text(), nullable=False),
        sa.Column("model_printed", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("second_serial", sa.Text(), nullable=True),
        sa.Column("serial_note", sa.Text(), nullable=False),
        sa.Column("manufactured_year", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("device_brand_id_fkey")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("device_category_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["product_model.id"], name=op.f("device_model_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "brand_alias_id"],
            ["brand_alias.tenant_id", "brand_alias.id"],
            name=op.f("device_tenant_id_brand_alias_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("device_tenant_id_customer_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("device_pkey")),
    )
    op.create_index("device_alias_idx", "device", ["tenant_id", "brand_alias_id"], unique=False)
    op.create_index(
        "device_serial_idx",
        "device",
        ["tenant_id", "serial", "brand_printed"],
        unique=True,
        postgresql_where=sa.text("serial is not null"),
    )
    op.create_table(
        "proof_of_purchase",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("proof", sa.String(40), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "device_id"],
            ["device.tenant_id", "device.id"],
            name=op.f("proof_of_purchase_tenant_id_device_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("proof_of_purchase_pkey")),
    )
    op.create_index(
        "proof_of_purchase_device_idx",
        "proof_of_purchase",
        ["tenant_id", "device_id"],
        unique=False,
    )
    op.create_table(
        "repair_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("coverage", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("symptom_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("condition_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("condition_note", sa.Text(), nullable=False),
        sa.Column("accessories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("fault_note", sa.Text(), nullable=False),
        sa.Column("remedy_note", sa.Text(), nullable=False),
        sa.Column("labour_minutes", sa.BigInteger(), nullable=True),
        sa.Column("barrier", sa.Text(), nullable=True),
        sa.Column("owner_staff_id", sa.Uuid(), nullable=True),
        sa.Column("repaired_by_staff_id", sa.Uuid(), nullable=True),
        sa.Column("repeat_of_id", sa.Uuid(), nullable=True),
        sa.Column("repeat_days", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("diagnosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repaired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("line_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("brand_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("customer_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tenant_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("other_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("imported_from", sa.Text(), nullable=True),
        sa.Column("imported_as", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "event_hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
        ),
        sa.CheckConstraint("version > 0", name=op.f("repair_order_version_check")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("repair_order_brand_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("repair_order_category_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "branch_id"],
            ["branch.tenant_id", "branch.id"],
            name=op.f("repair_order_tenant_id_branch_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["contract.tenant_id", "contract.id"],
            name=op.f("repair_order_tenant_id_contract_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["customer.tenant_id", "customer.id"],
            name=op.f("repair_order_tenant_id_customer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "device_id"],
            ["device.tenant_id", "device.id"],
            name=op.f("repair_order_tenant_id_device_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_staff_id"],
            ["staff.tenant_id", "staff.id"],
            name=op.f("repair_order_tenant_id_owner_staff_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_version_id"],
            ["policy_version.tenant_id", "policy_version.id"],
            name=op.f("repair_order_tenant_id_policy_version_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "repaired_by_staff_id"],
            ["staff.tenant_id", "staff.id"],
            name=op.f("repair_order_tenant_id_repaired_by_staff_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "repeat_of_id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("repair_order_tenant_id_repeat_of_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("repair_order_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "imported_from",
            "imported_as",
            name=op.f("repair_order_tenant_id_imported_from_imported_as_key"),
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("repair_order_tenant_id_number_key")),
    )
    op.create_index(
        "repair_order_closed_idx",
        "repair_order",
        ["tenant_id", "branch_id", "closed_at"],
        unique=False,
    )
    op.create_index(
        "repair_order_device_idx",
        "repair_order",
        ["tenant_id", "device_id", sa.literal_column("received_at desc")],
        unique=False,
    )
    op.create_index(
        "repair_order_open_idx",
        "repair_order",
        [
            "tenant_id",
            "branch_id",
            sa.literal_column("received_at desc"),
            sa.literal_column("id desc"),
        ],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_index(
        "repair_order_received_idx",
        "repair_order",
        ["tenant_id", sa.literal_column("received_at desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_table(
        "customer_words",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["repair_order.tenant_id", "repair_order.id"],
            name=op.f("customer_words_tenant_id_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("customer_words_pkey")),
    )
    op.create_table(
        "order_sequence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day", name=op.f("order_sequence_pkey")),
    )
    # ### end Alembic commands ###
    for table in (
        "customer",
        "device",
        "proof_of_purchase",
        "repair_order",
        "customer_words",
        "order_sequence",
    ):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant(
        "serviceco_app",
        "SELECT, INSERT, UPDATE",
        (
            "customer",
            "device",
            "proof_of_purchase",
            "repair_order",
            "customer_words",
            "order_sequence",
        ),
    )
