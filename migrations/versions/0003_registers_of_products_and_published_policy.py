"""Registers of products and published policy."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "category",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("ords_id", sa.BigInteger(), nullable=True),
        sa.Column("takes_imei", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("category_pkey")),
        sa.UniqueConstraint("code", name=op.f("category_code_key")),
        sa.UniqueConstraint("ords_id", name=op.f("category_ords_id_key")),
    )
    op.create_table(
        "product_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("serial_pattern", sa.Text(), nullable=True),
        sa.Column("tac_prefixes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("gtin", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("product_model_brand_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("product_model_category_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("product_model_pkey")),
        sa.UniqueConstraint("brand_id", "code", name=op.f("product_model_brand_id_code_key")),
    )
    op.create_index("product_model_gtin_idx", "product_model", ["gtin"], unique=False)
    op.create_table(
        "symptom",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("symptom_category_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("symptom_pkey")),
        sa.UniqueConstraint("category_id", "code", name=op.f("symptom_category_id_code_key")),
    )
    op.create_table(
        "policy_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brand.id"], name=op.f("policy_version_brand_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("policy_version_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "code", "version", name=op.f("policy_version_tenant_id_code_version_key")
        ),
    )
    op.create_index(
        "policy_version_brand_idx",
        "policy_version",
        ["tenant_id", "brand_id", "effective_from"],
        unique=False,
    )
    op.create_table(
        "law_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("law_version_pkey")),
        sa.UniqueConstraint("code", "version", name=op.f("law_version_code_version_key")),
    )
    # ### end Alembic commands ###
    for table in ("policy_version",):
        isolate_by_tenant(table)
        place(table, "tenant")
    grant("serviceco_app", "SELECT, INSERT", ("policy_version",))
    grant("serviceco_app", "SELECT", ("category", "product_model", "symptom", "law_version"))
    grant(
        "serviceco_admin",
        "SELECT, INSERT, UPDATE",
        ("category", "product_model", "symptom", "law_version"),
    )
    for table in ("category", "product_model", "symptom", "law_version"):
        place(table, "global")
