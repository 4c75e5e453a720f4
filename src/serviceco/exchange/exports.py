"""What leaves the house as a file."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.money import Money
from serviceco.core.periods import Period
from serviceco.exchange.packs import csv_bytes
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome
from serviceco.reports.queries import branch_performance
from serviceco.reports.words import COUNTS, MONEY, PerformanceRow

Cell = str | int | float | None
_PLACES = ("branch_code", "branch_name", "brand")
_TURNAROUND = ("turnaround_p50_hours", "turnaround_p90_hours")
_RATES = ("on_time_percent", "repeat_percent", "repeat_provisional")
PERFORMANCE_COLUMNS = (
    *_PLACES,
    "received",
    *(name for name in COUNTS if name not in MONEY),
    *(f"coverage_{one}" for one in Coverage),
    *(f"outcome_{one}" for one in Outcome),
    *_TURNAROUND,
    *_RATES,
    "currency",
    *(name.removesuffix("_minor") for name in MONEY),
)


async def export_performance(
    session: AsyncSession,
    actor: Actor,
    period: Period,
    *,
    branch_ids: Collection[UUID] | None = None,
    brand_id: UUID | None = None,
    headings: Mapping[str, str] | None = None,
    at: datetime,
) -> bytes:
    """Return branch performance as CSV for a spreadsheet: one line per branch and brand.

    `headings` translates `PERFORMANCE_COLUMNS`. Amounts are decimal text in `currency`, rates
    percentages to 0.1, durations hours to 0.1; what was not counted or may not be read is empty.

    Raises:
        NotPermitted: the actor may not read reports.
        NotFound: a branch is not in the actor's scope.
    """
    report = await branch_performance(
        session, actor, period, branch_ids=branch_ids, brand_id=brand_id, at=at
    )
    named = headings or {}
    lines = [_cells(row, report.currency) for row in report.rows]
    return csv_bytes(
        [named.get(column, column) for column in PERFORMANCE_COLUMNS],
        [[line[column] for column in PERFORMANCE_COLUMNS] for line in lines],
    )


def _cells(row: PerformanceRow, currency: str) -> dict[str, Cell]:
    figures = row.figures
    return {
        "branch_code": row.branch_code,
        "branch_name": row.branch_name,
        "brand": row.brand_name,
        "received": figures.received,
        **{name: getattr(figures, name) for name in COUNTS if name not in MONEY},
        **{f"coverage_{one}": count for one, count in figures.by_coverage.items()},
        **{f"outcome_{one}": count for one, count in figures.by_outcome.items()},
        "turnaround_p50_hours": _scaled(figures.turnaround_p50_seconds, 1 / 3600),
        "turnaround_p90_hours": _scaled(figures.turnaround_p90_seconds, 1 / 3600),
        "on_time_percent": _scaled(figures.on_time_rate, 100),
        "repeat_percent": _scaled(figures.repeat_rate, 100),
        "repeat_provisional": int(figures.is_provisional),
        "currency": currency,
        **{
            name.removesuffix("_minor"): _amount(getattr(figures, name), currency) for name in MONEY
        },
    }


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 1)


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else Money(minor, currency).decimal_text()
