"""Branch performance in GraphQL."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from serviceco.api.mutations import Call, computed
from serviceco.api.plan.scalars import Int64, Money
from serviceco.core.actor import Permission
from serviceco.core.periods import Period
from serviceco.core.refusals import InvalidInput
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome
from serviceco.reports import queries, words


@strawberry.type(description="Orders of one coverage.")
class CoverageCount:
    """A count beside its coverage."""

    coverage: Coverage = strawberry.field(description="The coverage.")
    orders: int = strawberry.field(description="How many closed orders have it.")


@strawberry.type(description="Orders of one outcome.")
class OutcomeCount:
    """A count beside its outcome."""

    outcome: Outcome = strawberry.field(description="The outcome.")
    orders: int = strawberry.field(description="How many closed orders have it.")


@strawberry.type(description="What was done in a period; an order counts where it was closed.")
class Figures:
    """GraphQL face of figures; rates are fractions of one, null where nothing was counted."""

    received: int = strawberry.field(description="Orders taken in.")
    orders: int = strawberry.field(description="Orders closed.")
    by_coverage: list[CoverageCount] = strawberry.field(description="Closed orders by coverage.")
    by_outcome: list[OutcomeCount] = strawberry.field(description="Closed orders by outcome.")
    timed: int = strawberry.field(description="Closed orders whose turnaround was recorded.")
    turnaround_p50_seconds: float | None = strawberry.field(
        description="Median of gross turnaround, from bins."
    )
    turnaround_p90_seconds: float | None = strawberry.field(
        description="90th percentile of gross turnaround, from bins."
    )
    promised: int = strawberry.field(description="Closed orders that had a promised time.")
    on_time: int = strawberry.field(description="How many of those were ready in time.")
    on_time_rate: float | None = strawberry.field(description="Share of those ready in time.")
    cohort: int = strawberry.field(description="Repaired orders that could come back.")
    repeated: int = strawberry.field(description="How many came back within 90 days.")
    repeat_rate: float | None = strawberry.field(description="Share of the cohort.")
    repeat_interval: list[float] | None = strawberry.field(
        description="95 % interval of the repeat rate: lower end, upper end."
    )
    is_provisional: bool = strawberry.field(description="Whether the 90 days still run.")
    warranty: Money | None = strawberry.field(description="What brands owe; needs `read_money`.")
    paid: Money | None = strawberry.field(description="What customers paid; needs `read_money`.")
    goodwill: Money | None = strawberry.field(
        description="What the company bore itself; needs `read_money`."
    )
    other: Money | None = strawberry.field(description="What others owe; needs `read_money`.")

    @classmethod
    def of(cls, figures: words.Figures, currency: str) -> "Figures":
        """Copy the room's word."""
        interval = figures.repeat_interval
        return cls(
            received=figures.received,
            orders=figures.orders,
            by_coverage=[
                CoverageCount(coverage=coverage, orders=orders)
                for coverage, orders in figures.by_coverage.items()
            ],
            by_outcome=[
                OutcomeCount(outcome=outcome, orders=orders)
                for outcome, orders in figures.by_outcome.items()
            ],
            timed=figures.timed,
            turnaround_p50_seconds=figures.turnaround_p50_seconds,
            turnaround_p90_seconds=figures.turnaround_p90_seconds,
            promised=figures.promised,
            on_time=figures.on_time,
            on_time_rate=figures.on_time_rate,
            cohort=figures.cohort,
            repeated=figures.repeated,
            repeat_rate=figures.repeat_rate,
            repeat_interval=None if interval is None else list(interval),
            is_provisional=figures.is_provisional,
            warranty=_money(figures.warranty_minor, currency),
            paid=_money(figures.paid_minor, currency),
            goodwill=_money(figures.goodwill_minor, currency),
            other=_money(figures.other_minor, currency),
        )


@strawberry.type(description="The figures of one branch and brand.")
class PerformanceRow:
    """GraphQL face of a row."""

    branch_id: UUID = strawberry.field(description="The branch.")
    branch_code: str = strawberry.field(description="Its code.")
    branch_name: str = strawberry.field(description="Its name.")
    brand_id: UUID | None = strawberry.field(description="The brand; null where none is meant.")
    brand_name: str | None = strawberry.field(description="Its name; null where none is meant.")
    figures: Figures = strawberry.field(description="What it did.")


@strawberry.type(description="Branch performance over a period.")
class Performance:
    """GraphQL face of a report."""

    since: date = strawberry.field(description="First day, in.")
    until: date = strawberry.field(description="Last day, out.")
    as_of: datetime = strawberry.field(description="Up to when the worker had counted.")
    turnaround_error: float = strawberry.field(
        description="Largest relative error of a quantile from bins."
    )
    total: Figures = strawberry.field(description="All rows together.")
    rows: list[PerformanceRow] = strawberry.field(
        description="One row per branch and brand, or per branch."
    )


@strawberry.type(description="Orders closed in one week, of one coverage.")
class WeekVolume:
    """A point of the volume chart."""

    week_on: date = strawberry.field(description="The Monday of the week.")
    coverage: Coverage = strawberry.field(description="The coverage.")
    orders: int = strawberry.field(description="How many orders.")


@strawberry.type(description="Orders whose turnaround lies in one bin.")
class TurnaroundBin:
    """A bar of the histogram."""

    since_seconds: float = strawberry.field(description="Lower edge, in.")
    until_seconds: float = strawberry.field(description="Upper edge, out.")
    orders: int = strawberry.field(description="How many orders.")


@computed("Branch performance over whole days.", needs=Permission.READ_REPORTS)
async def branch_performance(
    call: Call,
    since: date,
    until: date,
    branch_ids: list[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
    per_brand: bool = False,  # noqa: FBT001, FBT002 - a GraphQL argument has its name
) -> Performance:
    """Report the performance of branches."""
    report = await queries.branch_performance(
        call.session,
        call.actor,
        _period(since, until),
        branch_ids=branch_ids,
        brand_id=brand_id,
        coverage=coverage,
        per_brand=per_brand,
        at=call.at,
    )
    return Performance(
        since=since,
        until=until,
        as_of=report.as_of,
        turnaround_error=report.turnaround_error,
        total=Figures.of(report.total, report.currency),
        rows=[_row(row, report.currency) for row in report.rows],
    )


@computed("Closed orders per week and coverage.", needs=Permission.READ_REPORTS)
async def weekly_volume(
    call: Call,
    since: date,
    until: date,
    branch_ids: list[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
) -> list[WeekVolume]:
    """Count closed orders per week."""
    weeks = await queries.weekly_volume(
        call.session,
        call.actor,
        _period(since, until),
        branch_ids=branch_ids,
        brand_id=brand_id,
        coverage=coverage,
    )
    return [
        WeekVolume(week_on=week.week_on, coverage=week.coverage, orders=week.orders)
        for week in weeks
    ]


@computed("Distribution of gross turnaround.", needs=Permission.READ_REPORTS)
async def turnaround_distribution(
    call: Call,
    since: date,
    until: date,
    branch_ids: list[UUID] | None = None,
    brand_id: UUID | None = None,
    coverage: Coverage | None = None,
) -> list[TurnaroundBin]:
    """List the bins of the histogram that hold orders."""
    distribution = await queries.turnaround_distribution(
        call.session,
        call.actor,
        _period(since, until),
        branch_ids=branch_ids,
        brand_id=brand_id,
        coverage=coverage,
    )
    return [
        TurnaroundBin(
            since_seconds=one.since_seconds, until_seconds=one.until_seconds, orders=one.orders
        )
        for one in distribution.bins
    ]


def _row(row: words.PerformanceRow, currency: str) -> PerformanceRow:
    return PerformanceRow(
        branch_id=row.branch_id,
        branch_code=row.branch_code,
        branch_name=row.branch_name,
        brand_id=row.brand_id,
        brand_name=row.brand_name,
        figures=Figures.of(row.figures, currency),
    )


def _period(since: date, until: date) -> Period:
    if until < since:
        raise InvalidInput("The period ends before it begins.", field="until")
    return Period(since, until)


def _money(amount_minor: int | None, currency: str) -> Money | None:
    if amount_minor is None:
        return None
    return Money(amount_minor=Int64(amount_minor), currency=currency)


COMPUTED = (branch_performance, weekly_volume, turnaround_distribution)
