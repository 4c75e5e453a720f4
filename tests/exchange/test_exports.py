import csv
import io
from datetime import UTC, date, datetime

import pytest

from serviceco.core.actor import Permission
from serviceco.core.periods import Period
from serviceco.core.refusals import NotPermitted
from serviceco.exchange.exports import PERFORMANCE_COLUMNS, export_performance
from serviceco.reports.rollups import apply_entries
from tests.reports.history import handed_over, open_history

NOON = datetime(2026, 3, 31, 4, tzinfo=UTC)
QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))


@pytest.fixture
async def worked(session, make):
    """One order of a branch whose name a spreadsheet would run."""
    branch = await make.branch(code="sh01")
    branch.name = "=cmd()"
    order = await (await open_history(make)).order(branch, closed_at=NOON, brand_minor=18_050)
    await apply_entries(session, handed_over(order), at=NOON)


def sheet(content: bytes):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.usefixtures("worked")
async def test_the_sheet_holds_the_figures_and_no_formula(session, actor):
    [line] = sheet(await export_performance(session, actor, QUARTER, at=NOON))
    assert tuple(line) == PERFORMANCE_COLUMNS
    assert (line["branch_code"], line["branch_name"], line["brand"]) == ("sh01", "'=cmd()", "")
    assert (line["orders"], line["coverage_in_warranty"], line["outcome_repaired"]) == ("1",) * 3
    assert (line["warranty"], line["currency"]) == ("180.50", "CNY")
    assert float(line["turnaround_p50_hours"]) == pytest.approx(24, rel=0.05)
    assert (line["on_time_percent"], line["repeat_percent"]) == ("", "0.0")


@pytest.mark.usefixtures("worked")
async def test_headings_may_be_translated_and_money_left_out(session, make):
    auditor = make.actor(permissions=[Permission.READ_REPORTS])
    content = await export_performance(
        session, auditor, QUARTER, headings={"branch_name": "门店"}, at=NOON
    )
    [line] = sheet(content)
    assert line["门店"] == "'=cmd()"
    assert (line["orders"], line["warranty"]) == ("1", "")


async def test_a_sheet_needs_the_permission_of_the_report(session, make):
    with pytest.raises(NotPermitted):
        await export_performance(session, make.actor(permissions=[]), QUARTER, at=NOON)
