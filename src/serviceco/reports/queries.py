"""Reading a branch's performance: from roll-ups for the page, from the orders to prove them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    and_,
    any_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.periods import Period, local_day
from serviceco.core.refusals import NotFound
from serviceco.policy.words import Coverage
from serviceco.reports.facts import closed_work, received_devices, summed_counts
from serviceco.reports.rules import (
    TURNAROUND_ERROR,
    Tally,
    add_up,
    figures_of,
    filled_bins,
    is_provisional,
    odd_days,
    quantile_of_bins,
    unpack,
    whole_months,
)
from serviceco.reports.tables import BranchIntake, BranchWork, RollupApplied
from serviceco.reports.words import (
    COUNTS,
    FLAGS,
    MONEY,
    TOPICS,
    UNKNOWN_BRAND,
    Performance,
    PerformanceRow,
    Span,
    TurnaroundDistribution,
    WeekVolume,
)
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch, Brand, Tenant

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


async def branch_performance(  # noqa: PLR0913 - what narrows a report is given by name
    session: AsyncSession,
    actor: Actor,
    period: Period,
    *,
    branch_ids: Collection[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
    per_brand: bool = True,
    at: datetime,
) -> Performance:
    """Report what branches did in a period, read from roll-ups; busiest brand first per branch.

    Days are of each branch's zone. Without `branch_ids` all branches in the actor's scope.
    `Performance.as_of` tells up to when the worker has brought the roll-ups. Sums of money need
    READ_MONEY. A `coverage` narrows closed work only: `received` stays that of all devices.

    Raises:
        NotPermitted: the actor may not read reports.
        NotFound: a branch is not in the actor's scope.
    """
    scope = await _scope(session, actor, branch_ids, brand_id, coverage)
    tallies = await _rolled_up(session, scope, period)
    as_of = await _as_of(session, at)
    report = _Report(period, at, as_of, TURNAROUND_ERROR, per_brand)
    return await _performance(session, actor, scope, tallies, report)


async def recompute(  # noqa: PLR0913 - what narrows a report is given by name
    session: AsyncSession,
    actor: Actor,
    period: Period,
    *,
    branch_ids: Collection[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
    per_brand: bool = True,
    at: datetime,
) -> Performance:
    """Report the same from the orders themselves, quantiles exact; reads every order it counts.

    Raises:
        NotPermitted: the actor may not read reports.
        NotFound: a branch is not in the actor's scope.
    """
    scope = await _scope(session, actor, branch_ids, brand_id, coverage)
    tallies = await _from_orders(session, scope, period)
    report = _Report(period, at, at, 0.0, per_brand)
    return await _performance(session, actor, scope, tallies, report)


async def weekly_volume(
    session: AsyncSession,
    actor: Actor,
    period: Period,
    *,
    branch_ids: Collection[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
) -> list[WeekVolume]:
    """Return closed orders per week and coverage, oldest week first; weeks without any are left out.

    Raises:
        NotPermitted: the actor may not read reports.
        NotFound: a branch is not in the actor's scope.
    """
    scope = await _scope(session, actor, branch_ids, brand_id, coverage)
    week = cast(func.date_trunc("week", BranchWork.starts_on), Date)
    found = await session.execute(
        select(week, BranchWork.coverage, func.sum(BranchWork.orders))
        .where(
            BranchWork.tenant_id == tenant_of(session),
            BranchWork.span == Span.DAY,
            scope.holds(BranchWork.branch_id, BranchWork.brand_id),
            scope.covers(BranchWork.coverage),
            BranchWork.starts_on >= period.since,
            BranchWork.starts_on < period.until,
        )
        .group_by(week, BranchWork.coverage)
        .order_by(week, BranchWork.coverage)
    )
    return [WeekVolume(week_on, coverage, int(orders)) for week_on, coverage, orders in found]


async def turnaround_distribution(
    session: AsyncSession,
    actor: Actor,
    period: Period,
    *,
    branch_ids: Collection[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
) -> TurnaroundDistribution:
    """Return the histogram of gross turnaround with its median and P90.

    Raises:
        NotPermitted: the actor may not read reports.
        NotFound: a branch is not in the actor's scope.
    """
    scope = await _scope(session, actor, branch_ids, brand_id, coverage)
    packed = await session.scalars(
        select(BranchWork.turnaround_bins).where(
            BranchWork.tenant_id == tenant_of(session),
            scope.holds(BranchWork.branch_id, BranchWork.brand_id),
            scope.covers(BranchWork.coverage),
            BranchWork.timed > 0,
            _covers(BranchWork, period),
        )
    )
    counts = unpack(add_up(packed))
    return TurnaroundDistribution(
        filled_bins(counts), quantile_of_bins(counts, 0.5), quantile_of_bins(counts, 0.9)
    )


async def _scope(
    session: AsyncSession,
    actor: Actor,
    branch_ids: Collection[UUID] | None,
    brand_id: UUID | None,
    coverage: Coverage | None,
) -> Scope:
    actor.require(Permission.READ_REPORTS)
    for branch_id in branch_ids or ():
        actor.require_branch(branch_id)
    wanted = actor.branch_ids if branch_ids is None else branch_ids
    found = select(Branch).where(Branch.tenant_id == tenant_of(session))
    if wanted is not None:
        found = found.where(Branch.id == any_(literal(list(wanted), ARRAY(UuidType()))))
    branches = {branch.id: branch for branch in await session.scalars(found)}
    if not branches.keys() >= set(branch_ids or ()):
        raise NotFound("There is no such branch.")
    return Scope(branches, brand_id, coverage)


def _covers(table: type[BranchWork | BranchIntake], period: Period) -> ColumnElement[bool]:
    """Take whole months from the months' rows, the days at both ends from the days' rows."""
    parts = [(Span.MONTH, whole_months(period)), *((Span.DAY, days) for days in odd_days(period))]
    return or_(
        *(
            and_(table.span == span, table.starts_on >= part.since, table.starts_on < part.until)
            for span, part in parts
            if part.days
        )
    )


async def _rolled_up(session: AsyncSession, scope: Scope, period: Period) -> Tallies:
    tallies: Tallies = defaultdict(Tally)
    if not period.days:
        return tallies
    keys = (BranchWork.branch_id, BranchWork.brand_id, BranchWork.coverage, BranchWork.outcome)
    work = await session.execute(
        select(*keys, *summed_counts(BranchWork))
        .where(
            BranchWork.tenant_id == tenant_of(session),
            scope.holds(BranchWork.branch_id, BranchWork.brand_id),
            scope.covers(BranchWork.coverage),
            _covers(BranchWork, period),
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
            _covers(BranchIntake, period),
        )
        .group_by(BranchIntake.branch_id, BranchIntake.brand_id)
    )
    for branch_id, brand_id, received in intake:
        tallies[branch_id, brand_id].counts["received"] += received
    return tallies


async def _from_orders(session: AsyncSession, scope: Scope, period: Period) -> Tallies:
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


async def _as_of(session: AsyncSession, at: datetime) -> datetime:
    """Return the instant up to which the roll-ups are complete: that of the oldest entry left."""
    tenant_id = tenant_of(session)
    applied = exists().where(
        RollupApplied.tenant_id == tenant_id, RollupApplied.entry_id == OutboxEntry.id
    )
    oldest: datetime | None = await session.scalar(
        select(func.min(OutboxEntry.created_at)).where(
            OutboxEntry.tenant_id == tenant_id,
            OutboxEntry.topic.in_(TOPICS),
            OutboxEntry.done_at.is_(None),
            ~applied,
        )
    )
    return min(oldest, at) if oldest else at


@dataclass(frozen=True, slots=True)
class _Report:
    period: Period
    at: datetime
    as_of: datetime
    turnaround_error: float
    per_brand: bool


async def _performance(
    session: AsyncSession, actor: Actor, scope: Scope, tallies: Tallies, report: _Report
) -> Performance:
    tenant = (await session.scalars(select(Tenant).where(Tenant.id == tenant_of(session)))).one()
    brand_ids = {brand_id for _, brand_id in tallies}
    names = {
        brand.id: brand.name
        for brand in await session.scalars(select(Brand).where(Brand.id.in_(brand_ids)))
    }
    provisional = is_provisional(report.period, local_day(report.at, tenant.zone))
    with_money = actor.may(Permission.READ_MONEY)
    total = Tally()
    grouped: Tallies = defaultdict(Tally)
    for (branch_id, brand_id), tally in tallies.items():
        total.join(tally)
        grouped[branch_id, brand_id if report.per_brand else UNKNOWN_BRAND].join(tally)
    rows = [
        PerformanceRow(
            branch_id=branch_id,
            branch_code=scope.branches[branch_id].code,
            branch_name=scope.branches[branch_id].name,
            brand_id=brand_id if brand_id != UNKNOWN_BRAND else None,
            brand_name=names.get(brand_id),
            figures=figures_of(tally, provisional=provisional, with_money=with_money),
        )
        for (branch_id, brand_id), tally in grouped.items()
    ]
    return Performance(
        period=report.period,
        rows=tuple(sorted(rows, key=_busiest_first)),
        total=figures_of(total, provisional=provisional, with_money=with_money),
        currency=tenant.currency,
        as_of=report.as_of,
        turnaround_error=report.turnaround_error,
    )


def _busiest_first(row: PerformanceRow) -> tuple[str, int, str]:
    return row.branch_code, -row.figures.orders, row.brand_name or ""
