"""Roll-ups kept by the worker, proved equal to a recomputation from the orders."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome
from serviceco.reports.words import Span
from serviceco.storage.base import TenantTable, enum_column

ZERO = text("0")


class BranchWork(TenantTable):
    """Closed orders of a branch, brand, coverage and outcome in one of the branch's own days or months.

    `brand_id` is the nil UUID where the brand is not known. `turnaround_bins` is a packed
    histogram (reports/rules.py) of the `timed` orders. `promised` and `on_time` count orders with
    a promised time and those ready by then. `cohort` counts orders repaired here, `repeated`
    those of them whose device came back within 90 days. `*_minor` are what each payer bears.
    """

    __tablename__ = "branch_work"

    span: Mapped[Span] = mapped_column(enum_column(Span), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    coverage: Mapped[Coverage] = mapped_column(enum_column(Coverage), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome), primary_key=True)
    orders: Mapped[int] = mapped_column(server_default=ZERO)
    timed: Mapped[int] = mapped_column(server_default=ZERO)
    turnaround_bins: Mapped[bytes] = mapped_column(LargeBinary)
    promised: Mapped[int] = mapped_column(server_default=ZERO)
    on_time: Mapped[int] = mapped_column(server_default=ZERO)
    cohort: Mapped[int] = mapped_column(server_default=ZERO)
    repeated: Mapped[int] = mapped_column(server_default=ZERO)
    warranty_minor: Mapped[int] = mapped_column(server_default=ZERO)
    paid_minor: Mapped[int] = mapped_column(server_default=ZERO)
    goodwill_minor: Mapped[int] = mapped_column(server_default=ZERO)
    other_minor: Mapped[int] = mapped_column(server_default=ZERO)


class BranchIntake(TenantTable):
    """Devices taken in by a branch, per brand, in one of the branch's own days or months."""

    __tablename__ = "branch_intake"

    span: Mapped[Span] = mapped_column(enum_column(Span), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    received: Mapped[int] = mapped_column(server_default=ZERO)


class RollupApplied(TenantTable):
    """An outbox entry whose days are already recomputed; what is not here yet bounds the as-of."""

    __tablename__ = "rollup_applied"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]
