"""`serviceco verify …`: proofs that an operator can ask for at any time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.claims.reconciliation import list_unexplained
from serviceco.cli.surroundings import database, read_settings
from serviceco.ledger.queries import verify_ledger
from serviceco.oversight.operations import list_stale
from serviceco.oversight.operations import rebuild as make_projections_anew
from serviceco.reports.queries import complete_until
from serviceco.reports.rollups import list_stale_days, rebuild
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.relay import list_parked, resume_parked
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Tenant


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of one company found: what it looked at, and sentences about what is wrong."""

    looked_at: str
    wrong: list[str] = field(default_factory=list)


Check = Callable[[AsyncSession], Awaitable[Verdict]]


@click.group()
def verify() -> None:
    """Prove that what is stored is in order."""


@verify.command()
@click.option("--tenant", "slug", help="Only this company.")
def ledger(slug: str | None) -> None:
    """Prove that every entry, and every company in each currency, sums to zero.

    Also that order lines, postings, payments and claims explain each other to the cent. Exits
    with 1 if anything does not.
    """
    _show(_run(check_books, slug))


@verify.command()
@click.option("--tenant", "slug", help="Only this company.")
@click.option("--resume", is_flag=True, help="Let the worker try all of it again.")
def outbox(slug: str | None, *, resume: bool) -> None:
    """List what the worker gave up on, and why. Exits with 1 if there is any."""
    verdicts = _run(check_outbox, slug)
    if resume:
        _run(resume_outbox, slug)
    _show(verdicts)


@verify.command()
@click.option("--tenant", "slug", help="Only this company.")
@click.option("--rebuild", is_flag=True, help="Compute them anew first.")
def reports(slug: str | None, *, rebuild: bool) -> None:
    """Prove that what branch performance is read from equals the orders, day by day.

    What still waits for the worker shows as a difference. Exits with 1 if there is any.
    """
    if rebuild:
        _run(rebuild_reports, slug)
    _show(_run(check_reports, slug))


@verify.command()
@click.option("--tenant", "slug", help="Only this company.")
@click.option("--rebuild", is_flag=True, help="Make them anew first.")
def projections(slug: str | None, *, rebuild: bool) -> None:
    """Prove that what brands are shown equals the orders and claims.

    What still waits for the worker shows as a difference. Exits with 1 if there is any.
    """
    if rebuild:
        _run(rebuild_projections, slug)
    _show(_run(check_projections, slug))


async def check_books(session: AsyncSession) -> Verdict:
    """Look at the books of a company."""
    proof = await verify_ledger(session)
    unexplained = [
        f"order {each.number}: {each.what}: {each.found_minor} instead of {each.wanted_minor}"
        " minor units"
        for each in await list_unexplained(session)
    ]
    looked_at = f"{proof.entries} entries, {proof.postings} postings"
    return Verdict(looked_at, [*proof.flaws, *unexplained])


async def check_outbox(session: AsyncSession) -> Verdict:
    """Look at what was parked for a company."""
    parked = await list_parked(session)
    return Verdict(
        f"{len(parked)} parked",
        [f"{row.topic} {row.id}, {row.attempts} attempts: {row.failed}" for row in parked],
    )


async def resume_outbox(session: AsyncSession) -> Verdict:
    """Make what was parked for a company due again."""
    return Verdict(f"{await resume_parked(session, at=datetime.now(UTC))} resumed")


async def check_reports(session: AsyncSession) -> Verdict:
    """Look at the roll-ups of a company."""
    now = datetime.now(UTC)
    until = await complete_until(session, now)
    stale = await list_stale_days(session)
    waits = "" if until == now else f", entries since {until:%Y-%m-%d %H:%M:%S} UTC wait"
    wrong = [
        f"branch {code}: {len(days)} days differ from the orders, the first is {days[0]}"
        for code, days in (
            (code, [day for _, day in group]) for code, group in groupby(stale, itemgetter(0))
        )
    ]
    return Verdict(f"{len(stale)} days differ{waits}", wrong)


async def rebuild_reports(session: AsyncSession) -> Verdict:
    """Compute the roll-ups of a company from scratch."""
    return Verdict(f"{await rebuild(session)} orders counted")


async def check_projections(session: AsyncSession) -> Verdict:
    """Look at what brands are shown of a company."""
    stale = await list_stale(session)
    return Verdict(f"{len(stale)} differ", [f"{one} differs from the order" for one in stale])


async def rebuild_projections(session: AsyncSession) -> Verdict:
    """Make what brands are shown of a company anew."""
    cases, claims = await make_projections_anew(session, at=datetime.now(UTC))
    return Verdict(f"{cases} cases, {claims} claims")


async def look_at(engine: AsyncEngine, check: Check, slug: str | None) -> dict[str, Verdict]:
    """Run a check for every company, or for one, each in a transaction of its own."""
    query = select(Tenant.id, Tenant.slug).order_by(Tenant.slug)
    if slug is not None:
        query = query.where(Tenant.slug == slug)
    async with global_work(engine) as session:
        companies = (await session.execute(query)).all()
    verdicts: dict[str, Verdict] = {}
    for tenant_id, name in companies:
        async with unit_of_work(engine, tenant_id) as session:
            verdicts[name] = await check(session)
    return verdicts


def _run(check: Check, slug: str | None) -> dict[str, Verdict]:
    with database(read_settings()) as url:
        verdicts = asyncio.run(_connect(role_url(url, Role.APP), check, slug))
    if slug and not verdicts:
        raise click.ClickException(f"There is no company {slug!r}.")
    return verdicts


async def _connect(url: str, check: Check, slug: str | None) -> dict[str, Verdict]:
    engine = open_engine(url, pool_size=1)
    try:
        return await look_at(engine, check, slug)
    finally:
        await engine.dispose()


def _show(verdicts: dict[str, Verdict]) -> None:
    for slug, verdict in verdicts.items():
        for sentence in verdict.wrong:
            click.echo(f"{slug}: {sentence}")
        word = "WRONG" if verdict.wrong else "right"
        click.echo(f"{slug}: {word} ({verdict.looked_at})", err=True)
    if any(verdict.wrong for verdict in verdicts.values()):
        raise SystemExit(1)
