"""Roll-ups kept by the worker, proved equal to a recomputation from the orders."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome
from serviceco.storage.base import TenantTable, enum_column

ZERO = text("0")


class BranchDay(TenantTable):
    """Closed orders of a branch, brand, coverage and outcome on a local day of the branch.

    `brand_id` is the nil UUID where the brand is not known. `turnaround_bins` counts gross
    turnaround by the logarithmic bins of reports/rules.py; `timed` is how many orders are in it.
    `repeated` counts orders of this cohort whose device came back within 90 days.
    """

    __tablename__ = "branch_day"

    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    brand_id: Mapped[UUID] = mapped_column(primary_key=True)
    coverage: Mapped[Coverage] = mapped_column(enum_column(Coverage), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome), primary_key=True)
    orders: Mapped[int] = mapped_column(server_default=ZERO)
    repeated: Mapped[int] = mapped_column(server_default=ZERO)
    timed: Mapped[int] = mapped_column(server_default=ZERO)
    turnaround_bins: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    warranty_minor: Mapped[int] = mapped_column(server_default=ZERO)
    paid_minor: Mapped[int] = mapped_column(server_default=ZERO)
    goodwill_minor: Mapped[int] = mapped_column(server_default=ZERO)


class RollupApplied(TenantTable):
    """An outbox entry that is already in the roll-ups, so that a second delivery adds nothing."""

    __tablename__ = "rollup_applied"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    applied_at: Mapped[datetime]
