from datetime import UTC, date, datetime, timedelta

import pytest

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.periods import Period
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome, ServiceMode
from serviceco.reports.queries import (
    branch_performance,
    recompute,
    turnaround_distribution,
    weekly_volume,
)
from serviceco.reports.rollups import apply_entries
from serviceco.reports.rules import TURNAROUND_ERROR
from tests.reports.history import handed_over

NOON = datetime(2026, 3, 31, 4, tzinfo=UTC)
QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))
READS = (branch_performance, recompute)


async def reported(session, *orders):
    await apply_entries(session, handed_over(*orders), at=NOON)


@pytest.mark.parametrize("read", READS)
async def test_a_row_per_branch_and_brand_with_counts_and_money(
    session, make, actor, history, read
):
    branch, brand = await make.branch(code="sh01"), await make.brand(name="星河")
    await reported(
        session,
        await history.order(
            branch, closed_at=NOON, brand=brand, brand_minor=18_000, promised_at=NOON
        ),
        await history.order(
            branch,
            closed_at=NOON,
            brand=brand,
            coverage=Coverage.PAID,
            outcome=Outcome.DECLINED,
            customer_minor=3_000,
            promised_at=NOON - timedelta(hours=1),
        ),
        await history.order(
            branch, closed_at=NOON, coverage=Coverage.GOODWILL, tenant_minor=500, other_minor=70
        ),
    )

    report = await read(session, actor, QUARTER, at=NOON)

    unknown, known = sorted(report.rows, key=lambda row: row.figures.orders)
    assert (known.branch_code, known.brand_name, known.brand_id) == ("sh01", "星河", brand.id)
    assert (unknown.brand_name, unknown.brand_id) == (None, None)
    figures = known.figures
    assert (figures.received, figures.orders, figures.timed) == (2, 2, 2)
    assert figures.by_coverage[Coverage.IN_WARRANTY] == figures.by_coverage[Coverage.PAID] == 1
    assert figures.by_outcome[Outcome.REPAIRED] == figures.by_outcome[Outcome.DECLINED] == 1
    assert (figures.promised, figures.on_time, figures.on_time_rate) == (2, 1, 0.5)
    assert (figures.warranty_minor, figures.paid_minor) == (18_000, 3_000)
    total = report.total
    assert (total.orders, total.goodwill_minor, total.other_minor) == (3, 500, 70)
    assert report.currency == "CNY"


@pytest.mark.parametrize("read", READS)
async def test_turnaround_ends_when_the_customer_is_told_on_site_when_the_technician_leaves(
    session, make, actor, history, read
):
    branch = await make.branch()
    orders = [
        await history.order(
            branch, closed_at=NOON, received_at=NOON - timedelta(hours=hours), hours=hours / 2
        )
        for hours in (2, 4, 6)
    ]
    orders.append(
        await history.order(
            branch,
            closed_at=NOON,
            received_at=NOON - timedelta(hours=4),
            hours=0,
            mode=ServiceMode.ON_SITE,
        )
    )
    await reported(session, *orders)
    report = await read(session, actor, QUARTER, at=NOON)
    # Hours 1, 2, 3 and, on site, 4: by linear interpolation 2.5 and 3.7.
    error = report.turnaround_error
    assert error == (TURNAROUND_ERROR if read is branch_performance else 0)
    assert report.total.turnaround_p50_seconds == pytest.approx(2.5 * 3600, rel=error or 1e-9)
    assert report.total.turnaround_p90_seconds == pytest.approx(3.7 * 3600, rel=error or 1e-9)


@pytest.mark.parametrize("read", READS)
async def test_brands_of_a_branch_may_be_summed(session, make, actor, history, read):
    branch, brand = await make.branch(), await make.brand()
    await reported(
        session,
        await history.order(branch, closed_at=NOON, brand=brand),
        await history.order(branch, closed_at=NOON),
    )
    [row] = (await read(session, actor, QUARTER, per_brand=False, at=NOON)).rows
    assert (row.figures.orders, row.brand_id) == (2, None)


@pytest.mark.parametrize("read", READS)
async def test_one_brand_may_be_asked_for(session, make, actor, history, read):
    branch, brand = await make.branch(), await make.brand()
    await reported(
        session,
        await history.order(branch, closed_at=NOON, brand=brand),
        await history.order(branch, closed_at=NOON),
    )
    report = await read(session, actor, QUARTER, brand_id=brand.id, at=NOON)
    assert [row.brand_id for row in report.rows] == [brand.id]
    assert (report.total.orders, report.total.received) == (1, 1)


@pytest.mark.parametrize("read", READS)
async def test_one_coverage_may_be_asked_for_and_narrows_closed_work_alone(
    session, make, actor, history, read
):
    branch = await make.branch()
    orders = [
        await history.order(branch, closed_at=NOON, coverage=coverage)
        for coverage in (Coverage.PAID, Coverage.PAID, Coverage.IN_WARRANTY)
    ]
    await reported(session, *orders)
    report = await read(session, actor, QUARTER, coverage=Coverage.PAID, at=NOON)
    figures = report.total
    assert (figures.orders, figures.by_coverage[Coverage.PAID], figures.received) == (2, 2, 3)


@pytest.mark.parametrize("read", READS)
async def test_a_branch_manager_sees_their_branch_alone(session, make, history, read):
    mine, other = await make.branch(), await make.branch()
    await reported(
        session,
        await history.order(mine, closed_at=NOON),
        await history.order(other, closed_at=NOON),
    )
    manager = make.actor(branches=[mine])
    report = await read(session, manager, QUARTER, at=NOON)
    assert [row.branch_id for row in report.rows] == [mine.id]
    assert report.total.orders == 1
    with pytest.raises(NotFound):
        await read(session, manager, QUARTER, branch_ids=[other.id], at=NOON)


@pytest.mark.parametrize("read", READS)
async def test_a_branch_that_does_not_exist_is_not_found(session, actor, read):
    with pytest.raises(NotFound):
        await read(session, actor, QUARTER, branch_ids=[new_id()], at=NOON)


@pytest.mark.parametrize("read", [*READS, weekly_volume, turnaround_distribution])
async def test_reports_need_their_permission(session, make, read):
    clerk = make.actor(permissions=[Permission.READ_ORDERS])
    clock = {"at": NOON} if read in READS else {}
    with pytest.raises(NotPermitted):
        await read(session, clerk, QUARTER, **clock)


async def test_sums_of_money_need_their_own_permission(session, make, history):
    await reported(
        session, await history.order(await make.branch(), closed_at=NOON, brand_minor=100)
    )
    auditor = make.actor(permissions=[Permission.READ_REPORTS])
    report = await branch_performance(session, auditor, QUARTER, at=NOON)
    assert (report.total.orders, report.total.warranty_minor) == (1, None)
    assert report.rows[0].figures.paid_minor is None


@pytest.mark.parametrize("read", READS)
async def test_an_empty_period_reports_nothing(session, make, actor, history, read):
    await reported(session, await history.order(await make.branch(), closed_at=NOON))
    day = date(2026, 3, 31)
    report = await read(session, actor, Period(day, day), at=NOON)
    assert (report.rows, report.total.orders, report.total.on_time_rate) == ((), 0, None)
    assert (await turnaround_distribution(session, actor, Period(day, day))).bins == ()
    assert await weekly_volume(session, actor, Period(day, day)) == []


async def test_weeks_begin_on_monday_and_are_stacked_by_coverage(session, make, actor, history):
    branch = await make.branch()
    sunday = datetime(2026, 3, 29, 4, tzinfo=UTC)
    await reported(
        session,
        await history.order(branch, closed_at=sunday),
        await history.order(branch, closed_at=NOON),
        await history.order(branch, closed_at=NOON, coverage=Coverage.PAID),
    )
    weeks = await weekly_volume(session, actor, QUARTER)
    assert [(week.week_on, week.coverage, week.orders) for week in weeks] == [
        (date(2026, 3, 23), Coverage.IN_WARRANTY, 1),
        (date(2026, 3, 30), Coverage.IN_WARRANTY, 1),
        (date(2026, 3, 30), Coverage.PAID, 1),
    ]


async def test_the_distribution_holds_each_timed_order_in_its_bin(session, make, actor, history):
    branch = await make.branch()
    await reported(
        session,
        *[await history.order(branch, closed_at=NOON, hours=hours) for hours in (2, 2, 50, None)],
    )
    spread = await turnaround_distribution(session, actor, QUARTER)
    assert [one.orders for one in spread.bins] == [2, 1]
    first, last = spread.bins
    assert first.since_seconds <= 2 * 3600 < first.until_seconds
    assert last.since_seconds <= 50 * 3600 < last.until_seconds
    assert spread.p50_seconds == pytest.approx(2 * 3600, rel=TURNAROUND_ERROR)
