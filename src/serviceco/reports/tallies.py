"""Filling tallies per branch and brand: from the roll-ups, or from the orders to prove them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, and_, any_, false, literal, or_, select, true
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.periods import Period
from serviceco.policy.words import Coverage
from serviceco.reports.facts import closed_work, received_devices, summed_counts
from serviceco.reports.rules import Tally, add_up, odd_days, whole_months
from serviceco.reports.tables import BranchIntake, BranchWork
from serviceco.reports.words import COUNTS, FLAGS, MONEY, Span
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch

Tallies = defaultdict[tuple[UUID, UUID], Tally]


@dataclass(frozen=True, slots=True)
class Scope:
    """The branches that a report is about, by id; one brand, one coverage, or all."""

    branches: Mapping[UUID, Branch]
    brand_id: UUID | None
    coverage: Coverage | None

    def holds(self, branch_id: Any, brand_id: Any) -> ColumnElement[bool]:
        """Return the condition on two columns; orders without a brand belong to no brand."""
        ours = branch_id == any_(literal(list(self.branches), ARRAY(UuidType())))
        return ours if self.brand_id is None else and_(ours, brand_id == self.brand_id)

    def covers(self, coverage: Any) -> ColumnElement[bool]:
        """Return the condition on the coverage of closed work; a device taken in has none yet."""
        return true() if self.coverage is None else coverage == self.coverage


def within(table: type[BranchWork | BranchIntake], period: Period) -> ColumnElement[bool]:
    """Take whole months from the months' rows, the days at both ends from the days' rows."""
    parts = [(Span.MONTH, whole_months(period)), *((Span.DAY, days) for days in odd_days(period))]
    return or_(
        false(),
        *(
            and_(table.span == span, table.starts_on >= part.since, table.starts_on < part.until)
            for span, part in parts
            if part.days
        ),
    )


async def rolled_up(session: AsyncSession, scope: Scope, period: Period) -> Tallies:
    """Return what the roll-ups hold of a period; a brand that is not known is the nil UUID."""
    tallies: Tallies = defaultdict(Tally)
    keys = (BranchWork.branch_id, BranchWork.brand_id, BranchWork.coverage, BranchWork.outcome)
    work = await session.execute(
        select(*keys, *summed_counts(BranchWork))
        .where(
            BranchWork.tenant_id == tenant_of(session),
            scope.holds(BranchWork.branch_id, BranchWork.brand_id),
            scope.covers(BranchWork.coverage),
            within(BranchWork, period),
        )
        .group_by(*keys)
    )
    for row in work.mappings():
        tally = tallies[row["branch_id"], row["brand_id"]]
        counts = {name: row[name] for name in COUNTS}
        tally.add(row["coverage"], row["outcome"], counts)
        tally.bins += add_up(row["turnaround_bins"])
    intake = await session.execute(
        select(BranchIntake.branch_id, BranchIntake.brand_id, *summed_counts(BranchIntake))
        .where(
            BranchIntake.tenant_id == tenant_of(session),
            scope.holds(BranchIntake.branch_id, BranchIntake.brand_id),
            within(BranchIntake, period),
        )
        .group_by(BranchIntake.branch_id, BranchIntake.brand_id)
    )
    for branch_id, brand_id, received in intake:
        tallies[branch_id, brand_id].counts["received"] += received
    return tallies


async def from_orders(session: AsyncSession, scope: Scope, period: Period) -> Tallies:
    """Return the same from every order of the period, each turnaround by itself."""
    tallies: Tallies = defaultdict(Tally)
    places = [(branch_id, period) for branch_id in scope.branches]
    closed = closed_work(tenant_of(session), places).subquery()
    for row in (
        await session.execute(
            select(closed).where(
                scope.holds(closed.c.branch_id, closed.c.brand_id),
                scope.covers(closed.c.coverage),
            )
        )
    ).mappings():
        seconds = row["seconds"]
        counts = {name: int(row[name]) for name in (*FLAGS, *MONEY)}
        tally = tallies[row["branch_id"], row["brand_id"]]
        tally.add(
            row["coverage"], row["outcome"], {**counts, "orders": 1, "timed": seconds is not None}
        )
        tally.durations += [] if seconds is None else [seconds]
    taken_in = received_devices(tenant_of(session), places).subquery()
    received = await session.execute(
        select(taken_in.c.branch_id, taken_in.c.brand_id).where(
            scope.holds(taken_in.c.branch_id, taken_in.c.brand_id)
        )
    )
    for branch_id, taken_brand_id in received:
        tallies[branch_id, taken_brand_id].counts["received"] += 1
    return tallies
