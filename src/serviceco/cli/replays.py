"""`serviceco policy replay`: trying the policy of a file on a company's past orders."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.refusals import Refusal
from serviceco.policy.packs import BrokenPack, read_policy
from serviceco.policy.words import Coverage, Policy
from serviceco.reports.replay_tables import PolicyReplay, ReplayCell
from serviceco.reports.replaying import PAYERS
from serviceco.reports.replays import MOST_ORDERS, continue_replay, replay_policy
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import find_tenant
from serviceco.tenancy.rules import system_actor

_console = Console(stderr=True, highlight=False)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", "slug", required=True, help="The company whose orders are replayed.")
@click.option(
    "--orders",
    "most_orders",
    type=click.IntRange(1, MOST_ORDERS),
    default=10_000,
    show_default=True,
    help="How many at most, the latest first.",
)
def replay(file: Path, slug: str, most_orders: int) -> None:
    """Decide past orders by the policy in FILE, and tell who would have paid what.

    No order is changed. The result is kept, and the company's pages show it.
    """
    try:
        policy = read_policy(file)
        with database(read_settings()) as url:
            asyncio.run(_run(role_url(url, Role.APP), slug, policy, most_orders))
    except BrokenPack as broken:
        raise click.ClickException("\n".join(map(str, broken.problems))) from broken
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from refusal


async def _run(url: str, slug: str, policy: Policy, most_orders: int) -> None:
    engine = open_engine(url, pool_size=1)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, TimeRemainingColumn(), console=_console) as progress:
            bar = progress.add_task(f"{policy.code} {policy.version}", total=None)

            def show(done: int, orders: int) -> None:
                progress.update(bar, completed=done, total=orders)

            found = await replay_past(engine, slug, policy, most_orders, show)
    finally:
        await engine.dispose()
    _print(*found)


async def replay_past(
    engine: AsyncEngine,
    slug: str,
    policy: Policy,
    most_orders: int,
    show: Callable[[int, int], object] = lambda _done, _orders: None,
) -> tuple[PolicyReplay, Sequence[ReplayCell]]:
    """Replay step by step, each in a unit of work of its own; return the replay and its cells.

    Raises:
        ClickException: there is no such company.
        Refusal: the replay was refused.
    """
    async with global_work(engine) as session:
        tenant = await find_tenant(session, slug)
    if tenant is None:
        raise click.ClickException(f"There is no company {slug!r}.")
    actor = system_actor(tenant.id, "replay")
    async with unit_of_work(engine, tenant.id) as session:
        begun = await replay_policy(session, actor, policy, most_orders=most_orders, at=_now())
    is_running = True
    while is_running:
        async with unit_of_work(engine, tenant.id) as session:
            is_running, done = await continue_replay(session, begun.id, at=_now())
        show(done, begun.orders)
    return await _result(engine, tenant.id, begun.id)


async def _result(
    engine: AsyncEngine, tenant_id: UUID, replay_id: UUID
) -> tuple[PolicyReplay, Sequence[ReplayCell]]:
    async with unit_of_work(engine, tenant_id) as session:
        found = (
            await session.scalars(
                select(PolicyReplay).where(
                    PolicyReplay.tenant_id == tenant_id, PolicyReplay.id == replay_id
                )
            )
        ).one()
        cells = await session.scalars(
            select(ReplayCell).where(
                ReplayCell.tenant_id == tenant_id, ReplayCell.replay_id == replay_id
            )
        )
        return found, cells.all()


def _print(found: PolicyReplay, cells: Sequence[ReplayCell]) -> None:
    click.echo(f"{found.done} orders replayed, {found.changed} change")
    table = Table("was", "becomes", "orders", *PAYERS)
    for (before, after), sums in sorted(_sums(cells).items()):
        table.add_row(before, after, str(sums["orders"]), *(f"{sums[p]:+d}" for p in PAYERS))
    Console(width=120).print(table)
    click.echo(f"Changes in minor units of {found.document['currency']}; result {found.id}")


def _sums(cells: Sequence[ReplayCell]) -> Mapping[tuple[Coverage, Coverage], dict[str, int]]:
    found: dict[tuple[Coverage, Coverage], dict[str, int]] = {}
    for cell in cells:
        sums = found.setdefault((cell.before, cell.after), dict.fromkeys(("orders", *PAYERS), 0))
        sums["orders"] += cell.orders
        for payer in PAYERS:
            after = getattr(cell, f"{payer}_after_minor")
            sums[payer] += after - getattr(cell, f"{payer}_before_minor")
    return found


def _now() -> datetime:
    return datetime.now(UTC)
