"""Chains of events for machine clients and keys."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("machine_client", "machine_key"):
        op.add_column(
            table,
            sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        )
        op.add_column(
            table,
            sa.Column(
                "event_hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
            ),
        )
