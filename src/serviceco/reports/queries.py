"""Reading a branch's performance: from roll-ups for the page, from the orders to prove them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    any_,
    cast,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.periods import Period, local_day
from serviceco.core.refusals import NotFound
from serviceco.policy.words import Coverage
from serviceco.reports.rules import (
    TURNAROUND_ERROR,
    Tally,
    add_up,
    figures_of,
    filled_bins,
    is_provisional,
    quantile_of_bins,
    unpack,
)
from serviceco.reports.tables import BranchWork, RollupApplied
from serviceco.reports.tallies import Scope, Tallies, from_orders, rolled_up, within
from serviceco.reports.words import (
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
    tallies = await rolled_up(session, scope, period)
    as_of = await complete_until(session, at)
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
    tallies = await from_orders(session, scope, period)
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
            within(BranchWork, period),
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


async def complete_until(session: AsyncSession, at: datetime) -> datetime:
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
