"""Runs of imports and what each did not understand."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from serviceco.storage.base import TenantRow


class ImportRun(TenantRow):
    """One reading of one file. `report` lists rejected lines with number and reason."""

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
