"""Where a table's rows live: nothing to do on plain PostgreSQL, distribution on Citus."""

import sqlalchemy as sa
from alembic import op

_CALLS = {
    "tenant": "SELECT create_distributed_table('{table}', 'tenant_id')",
    "brand": "SELECT create_distributed_table('{table}', 'brand_id')",
    "global": "SELECT create_reference_table('{table}')",
}


def place(table: str, kind: str) -> None:
    """Distribute a table by its kind (`storage.base.Kind`) where Citus is installed."""
    has_citus = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")
    )
    if has_citus and kind in _CALLS:
        op.execute(_CALLS[kind].format(table=table))
