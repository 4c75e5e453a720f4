"""Drafts of intakes, and the right of the worker's roles to delete what is spent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.placement import place
from migrations.rls import grant, isolate_by_tenant

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "intake_draft",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "branch_id"],
            ["branch.tenant_id", "branch.id"],
            name=op.f("intake_draft_tenant_id_branch_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"],
            ["staff.tenant_id", "staff.id"],
            name=op.f("intake_draft_tenant_id_staff_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("intake_draft_pkey")),
    )
    op.create_index(
        "intake_draft_saved_idx",
        "intake_draft",
        ["tenant_id", "branch_id", sa.text("saved_at desc")],
        unique=False,
    )
    isolate_by_tenant("intake_draft")
    place("intake_draft", "tenant")
    grant("serviceco_app", "SELECT, INSERT, UPDATE, DELETE", ("intake_draft",))
    grant("serviceco_app", "DELETE", ("outbox_entry",))
