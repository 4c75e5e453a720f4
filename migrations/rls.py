"""Row-level security and grants, shared by migrations."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

_OWN = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"

_OWN_BRAND = "brand_id = nullif(current_setting('app.brand_id', true), '')::uuid"


def isolate_by_tenant(table: str) -> None:
    """Let the application role see and write only rows of `app.tenant_id`; the owner no rows."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_app ON {table} TO serviceco_app USING ({_OWN}) WITH CHECK ({_OWN})"
    )


def isolate_also_for(role: str, table: str) -> None:
    """Hold another role to the rows of `app.tenant_id` too, where the table is isolated already."""
    name = f"{table}_{role.removeprefix('serviceco_')}"
    op.execute(f"CREATE POLICY {name} ON {table} TO {role} USING ({_OWN}) WITH CHECK ({_OWN})")


def isolate_by_brand(table: str) -> None:
    """Let a company write and see its own rows in a brand's table, and the brand read its own.

    The restrictive policy holds the brand's role even if somebody adds a permissive one later.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_app ON {table} TO serviceco_app USING ({_OWN}) WITH CHECK ({_OWN})"
    )
    for kind, name in (("PERMISSIVE", "brand"), ("RESTRICTIVE", "brand_wall")):
        op.execute(
            f"CREATE POLICY {table}_{name} ON {table} AS {kind} FOR SELECT TO serviceco_brand"
            f" USING ({_OWN_BRAND})"
        )


def show_owning_brand(table: str) -> None:
    """Let a brand read its own rows in an isolated table that is a company's or a brand's.

    There `tenant_id` is the id of either. The wall is that of `isolate_by_brand`.
    """
    own = _OWN_BRAND.replace("brand_id =", "tenant_id =", 1)
    for kind, name in (("PERMISSIVE", "brand"), ("RESTRICTIVE", "brand_wall")):
        op.execute(
            f"CREATE POLICY {table}_{name} ON {table} AS {kind} FOR SELECT TO serviceco_brand"
            f" USING ({own})"
        )


def grant(role: str, verbs: str, tables: Sequence[str]) -> None:
    """Grant verbs on tables to one of the roles of storage/engines.py."""
    op.execute(f"GRANT {verbs} ON {', '.join(tables)} TO {role}")


def chain() -> tuple[sa.Column[Any], sa.Column[Any]]:
    """Return the columns of a subject whose events form a chain (evidence/tables.py)."""
    return (
        sa.Column("event_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "event_hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
        ),
    )
