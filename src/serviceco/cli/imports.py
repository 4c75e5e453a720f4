"""`serviceco import …`: bringing in history from elsewhere."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.periods import local_day
from serviceco.core.refusals import Refusal
from serviceco.exchange.imports import close_run, import_batch, open_run, preview_batch
from serviceco.exchange.packs import OrdsFile, check_ords, csv_bytes
from serviceco.exchange.rules import Report, understand_all
from serviceco.exchange.words import Repair, Reported, Verdict
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Tenant

BATCH_ROWS = 1_000
_SHOWN_LINES = 20
_console = Console(stderr=True, highlight=False)
_T = TypeVar("_T")


@click.group("import")
def import_() -> None:
    """Bring in history from elsewhere."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", "slug", required=True, help="The company that the history belongs to.")
@click.option("--dry-run", is_flag=True, help="Tell what would be done; write nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every line that was not understood to this file (.csv, else JSON).",
)
def ords(file: Path, slug: str, *, dry_run: bool, report_path: Path | None) -> None:
    """Import FILE, repairs in the Open Repair Data Standard 0.3.

    The file is read through before anything is written. Every row is imported or reported with
    its line and the reason. The same file again changes nothing; a newer edition of it corrects.
    """
    started = time.monotonic()
    try:
        source = check_ords(file)
        with database(read_settings()) as url:
            report = asyncio.run(_run(role_url(url, Role.APP), slug, source, dry_run=dry_run))
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from refusal
    if report_path:
        report_path.write_bytes(_report_file(report, report_path.suffix))
    _show(report, source, seconds=time.monotonic() - started, dry_run=dry_run)


async def _run(url: str, slug: str, source: OrdsFile, *, dry_run: bool) -> Report:
    engine = open_engine(url, pool_size=1)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, TimeRemainingColumn(), console=_console) as progress:
            bar = progress.add_task(source.path.name, total=source.rows)
            return await import_file(
                engine,
                slug,
                source,
                dry_run=dry_run,
                advance=lambda rows: progress.advance(bar, rows),
            )
    finally:
        await engine.dispose()


async def import_file(
    engine: AsyncEngine,
    slug: str,
    source: OrdsFile,
    *,
    dry_run: bool = False,
    advance: Callable[[int], object] = lambda _rows: None,
) -> Report:
    """Import a checked file for a company, each batch in a unit of work of its own.

    Raises:
        ClickException: there is no such company.
        Refusal: the import was refused; batches before it stay.
    """
    async with global_work(engine) as session:
        tenant = await session.scalar(select(Tenant).where(Tenant.slug == slug))
    if tenant is None:
        raise click.ClickException(f"There is no company {slug!r}.")
    actor, report = system_actor(tenant.id, "import"), Report()
    today = local_day(_now(), tenant.zone)
    if not dry_run:
        async with unit_of_work(engine, tenant.id) as session:
            run = await open_run(session, actor, source, at=_now())
    for rows in _batches(understand_all(source.records(), source.columns, today)):
        repairs = [row for row in rows if isinstance(row, Repair)]
        rejected = [row for row in rows if isinstance(row, Reported)]
        async with unit_of_work(engine, tenant.id) as session:
            if dry_run:
                batch = await preview_batch(session, actor, repairs)
            else:
                batch = await import_batch(session, actor, run.id, repairs, at=_now())
        report.add(batch, rejected, repairs)
        advance(len(rows))
    if not dry_run:
        async with unit_of_work(engine, tenant.id) as session:
            await close_run(session, actor, run.id, report, at=_now())
    return report


def _now() -> datetime:
    return datetime.now(UTC)


def _batches(rows: Iterator[_T]) -> Iterator[list[_T]]:
    while some := list(islice(rows, BATCH_ROWS)):
        yield some


def _report_file(report: Report, suffix: str) -> bytes:
    if suffix.lower() != ".csv":
        return json.dumps(report.document(limit=None), ensure_ascii=False, indent=1).encode()
    return csv_bytes(
        ["line", "id", "verdict", "code", "column", "text"],
        [
            [line.line, line.key, line.verdict.value, note.code.value, note.column, note.text]
            for line in report.lines
            for note in line.notes
        ],
    )


def _show(report: Report, source: OrdsFile, *, seconds: float, dry_run: bool) -> None:
    table = Table("", "rows")
    for name in ("rows", "imported", "unchanged", "changed", "rejected"):
        table.add_row(name, f"{getattr(report, name):,}")
    for code, times in sorted(report.codes().items()):
        table.add_row(f"  {code}", f"{times:,}")
    console = Console(highlight=False)
    if dry_run:
        console.print("Dry run: nothing was written.")
    console.print(table)
    if source.extra_columns:
        console.print(f"Columns passed over: {', '.join(source.extra_columns)}", markup=False)
    rejected = [line for line in report.lines if line.verdict is Verdict.REJECTED]
    for line in rejected[:_SHOWN_LINES]:
        reasons = "; ".join(f"{note.code.value} {note.text!r}" for note in line.notes)
        console.print(f"line {line.line} ({line.key}): {reasons}", markup=False)
    if len(rejected) > _SHOWN_LINES:
        console.print(f"… and {len(rejected) - _SHOWN_LINES:,} more; --report FILE lists all")
    console.print(f"{seconds:.1f} s, {report.rows / max(seconds, 1e-9):,.0f} rows/s")
