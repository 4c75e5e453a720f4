"""Runs of imports, what each did not understand, and each row as it was read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import TenantRow, TenantTable, tenant_key


class ImportRun(TenantRow):
    """One reading of one file. `report` lists rejected lines with number and reason.

    A run without `finished_at` was interrupted; the same file once more completes it.
    """

    __tablename__ = "import_run"

    source: Mapped[str]
    file_name: Mapped[str]
    sha256: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    started_by: Mapped[UUID]
    imported: Mapped[int]
    unchanged: Mapped[int]
    changed: Mapped[int]
    rejected: Mapped[int]
    report: Mapped[dict[str, Any]]


class ImportedRow(TenantTable):
    """A row as its source last had it, so that a repeat finds what changed and overwrites no more.

    `key` is the source's own id. `fields` are its texts by column without the customer's words,
    which lie in `CustomerWords` alone and can be erased there.
    """

    __tablename__ = "imported_row"
    __table_args__ = (tenant_key("order_id", "repair_order"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[UUID]
    run_id: Mapped[UUID]
    fields: Mapped[dict[str, Any]]
