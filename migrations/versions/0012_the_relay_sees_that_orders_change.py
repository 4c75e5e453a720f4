"""The relay sees that orders change."""

from alembic import op

from migrations.rls import grant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Ids alone: which order of which branch has a new event, never what happened to it.
    grant("serviceco_relay", "SELECT (tenant_id, id, subject_id)", ("event",))
    grant("serviceco_relay", "SELECT (tenant_id, id, branch_id, imported_from)", ("repair_order",))
    for table in ("event", "repair_order"):
        op.execute(
            f"CREATE POLICY {table}_relay ON {table} FOR SELECT TO serviceco_relay USING (true)"
        )
