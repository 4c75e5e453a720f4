import asyncio
import csv
import json
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from serviceco.cli import main
from serviceco.core.ids import new_id
from serviceco.core.periods import Period
from serviceco.exchange.tables import ImportRun
from serviceco.repairs.tables import RepairOrder
from serviceco.reports.queries import branch_performance
from serviceco.reports.rollups import apply_entries
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.exchange.samples import sample, written

pytestmark = pytest.mark.usefixtures("categories", "tenant_id")
ROWS = (
    {"problem": 'Two\nlines, "quoted"'},
    {"repair_status": "Kaputt"},
    {"repair_status": "Repairable", "product_age": "old"},
    {"event_date": "2999-01-01"},
    {"id": "demo_1"},
    {"group_identifier": "Barry", "brand": "Onbekend"},
)


@pytest.fixture
def import_ords(owner_url, slug):
    """Runs the command on a file for the test's company."""

    def run(path, *arguments, tenant=slug):
        return CliRunner().invoke(
            main,
            ["import", "ords", str(path), "--tenant", tenant, *arguments],
            env={"DATABASE_URL": owner_url, "COLUMNS": "100"},
        )

    return run


@pytest.fixture
def stored(engine, tenant_id):
    """Counts the company's committed rows."""

    async def count(table):
        async with unit_of_work(engine, tenant_id) as session:
            mine = select(func.count()).where(table.tenant_id == tenant_id)
            return await session.scalar(mine.select_from(table))

    return count


def test_every_row_is_imported_or_reported_with_its_line(import_ords, file_of, tmp_path):
    report = tmp_path / "report.json"
    result = import_ords(file_of(*ROWS), "--report", str(report))
    assert result.exit_code == 0, result.output
    document = json.loads(report.read_text())
    lines = document.pop("lines")
    assert document == {
        "rows": 6,
        "imported": 3,
        "unchanged": 0,
        "changed": 0,
        "rejected": 3,
        "not_understood": {"unknown_status": 1, "bad_age": 1, "future_date": 1, "duplicate_id": 1},
        "more_lines": 0,
    }
    # The words of the first row go on over a line break.
    assert [(line["line"], line["verdict"], line["notes"][0]["code"]) for line in lines] == [
        (4, "rejected", "unknown_status"),
        (5, "kept", "bad_age"),
        (6, "rejected", "future_date"),
        (7, "rejected", "duplicate_id"),
    ]
    assert "line 4 (demo_2): unknown_status 'Kaputt'" in result.output


def test_the_report_may_be_a_sheet(import_ords, file_of, tmp_path):
    report = tmp_path / "report.csv"
    import_ords(file_of({"event_date": "=1+1"}), "--report", str(report))
    [line] = csv.DictReader(report.read_text("utf-8-sig").splitlines())
    assert (line["line"], line["code"], line["text"]) == ("2", "bad_date", "'=1+1")


async def test_the_same_file_again_changes_nothing(import_ords, file_of, stored):
    path = file_of(*ROWS)
    await asyncio.to_thread(import_ords, path)
    before = await stored(RepairOrder), await stored(OutboxEntry)
    result = await asyncio.to_thread(import_ords, path)
    assert "unchanged" in result.output
    assert (await stored(RepairOrder), await stored(OutboxEntry)) == before == (3, 1)
    assert await stored(ImportRun) == 2


async def test_a_dry_run_writes_nothing(import_ords, file_of, stored):
    result = await asyncio.to_thread(import_ords, file_of(*ROWS), "--dry-run")
    assert result.exit_code == 0
    assert "nothing was written" in result.output
    assert [await stored(table) for table in (ImportRun, RepairOrder, OutboxEntry)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (sample({}, {})[:-30], "TRUNCATED_FILE"),
        (sample({}, {"brand": "Müller"}).encode("latin-1"), "WRONG_ENCODING"),
        ("a,b\n1,2\n", "WRONG_COLUMNS"),
    ],
)
async def test_a_broken_file_is_refused_before_anything_is_written(
    import_ords, tmp_path, stored, text, code
):
    result = await asyncio.to_thread(import_ords, written(tmp_path, text))
    assert result.exit_code == 1
    assert code in result.output
    assert "line " in result.output.lower() or "header" in result.output
    assert [await stored(table) for table in (ImportRun, RepairOrder)] == [0, 0]


def test_a_company_that_does_not_exist_is_named(import_ords, file_of):
    result = import_ords(file_of({}), tenant="nobody")
    assert result.exit_code == 1
    assert "There is no company 'nobody'" in result.output


async def test_the_report_of_a_branch_equals_a_count_over_the_file(
    import_ords, file_of, engine, tenant_id
):
    statuses = ("Fixed", "Repairable", "End of life", "Unknown", "Fixed")
    rows = [{"repair_status": status, "group_identifier": "Conwy"} for status in statuses]
    await asyncio.to_thread(import_ords, file_of({}, *rows))
    now, year = datetime.now(UTC), Period(date(2024, 1, 1), date(2025, 1, 1))
    async with unit_of_work(engine, tenant_id) as session:
        entries = await session.scalars(
            select(OutboxEntry).where(OutboxEntry.tenant_id == tenant_id)
        )
        await apply_entries(session, entries.all(), at=now)
        report = await branch_performance(session, system_actor(tenant_id), year, at=now)
    [conwy] = [row.figures for row in report.rows if row.branch_name == "Conwy"]
    counted = {outcome.value: count for outcome, count in conwy.by_outcome.items() if count}
    assert counted == {"repaired": 2, "repairable": 1, "not_repaired": 1, "unknown": 1}
    assert (conwy.orders, conwy.timed, conwy.turnaround_p50_seconds) == (5, 0, None)


async def test_two_imports_of_one_file_at_once_double_nothing(import_ords, file_of, stored):
    path = file_of(*({} for _ in range(200)))
    results = await asyncio.gather(
        asyncio.to_thread(import_ords, path), asyncio.to_thread(import_ords, path)
    )
    assert [result.exit_code for result in results] == [0, 0]
    assert await stored(RepairOrder) == 200


async def test_another_company_sees_nothing_of_an_import(import_ords, file_of, engine, tenant_id):
    await asyncio.to_thread(import_ords, file_of({}))
    async with unit_of_work(engine, new_id()) as session:
        seen = select(func.count()).where(RepairOrder.tenant_id == tenant_id)
        assert await session.scalar(seen.select_from(RepairOrder)) == 0
