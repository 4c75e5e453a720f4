"""The whole world: registers, three companies, and their last ninety days."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import func, select

from serviceco.core.ids import new_id
from serviceco.core.places import project_folder
from serviceco.demo.brands import open_brand_accounts
from serviceco.demo.clocks import Clock
from serviceco.demo.companies import Cast, found_company
from serviceco.demo.engines import Engines
from serviceco.demo.registers import fill_registers
from serviceco.demo.stories import PER_COMPANY, Story, Trade, stories_of
from serviceco.demo.visits import Visit
from serviceco.jobs.worker import Worker, deliver_due
from serviceco.policy.packs import Folder, read_brand, read_catalogue
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.files import Files
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import list_tenants
from serviceco.tenancy.rules import system_actor

Advance = Callable[[int], object]


def demo_folder() -> Folder:
    """Return the packs of the demo world."""
    return Folder(project_folder("tenants"))


async def is_wanted(engines: Engines) -> bool:
    """Tell whether the database is empty, or holds a demo world that was not finished."""
    ours = {path.parent.name for path in demo_folder().tenants()}
    async with global_work(engines.admin) as session:
        there = {tenant.slug: tenant.id for tenant in await list_tenants(session)}
    if not there:
        return True
    if not there.keys() <= ours:
        return False
    counts = [await _orders_of(engines, tenant_id) for tenant_id in there.values()]
    return len(counts) < len(ours) or min(counts) < PER_COMPANY


async def build_world(
    engines: Engines, files: Path, *, at: datetime, advance: Advance, number: int = PER_COMPANY
) -> None:
    """Write the world as of `at`; what an interrupted run has written is not written again.

    `advance` is called with how many visits were played since it was last called.
    """
    folder = demo_folder()
    async with global_work(engines.admin) as session:
        await fill_registers(session, system_actor(new_id()), folder)
    for brand in map(read_brand, folder.brands()):
        await open_brand_accounts(engines, brand, at=at)
    paths = folder.tenants()
    casts = await asyncio.gather(*(found_company(engines, path, folder, at=at) for path in paths))
    brands = {brand.code: brand for brand in map(read_brand, folder.brands())}
    catalogue = read_catalogue(folder.catalogue)

    async def play_company(cast: Cast) -> None:
        trade = Trade(cast.pack, cast.policies, brands, catalogue)
        stories = stories_of(trade, until=at, number=number)
        # Each makes exactly one order, so their number tells where an interrupted run stopped.
        played = await _orders_of(engines, cast.tenant_id)
        advance(min(played, number))
        for story in stories[played:]:
            await _play(engines, cast, Files(files), story, at=at)
            advance(1)

    await asyncio.gather(*map(play_company, casts))
    worker = Worker(app=engines.app, relay=engines.relay, clock=lambda: at)
    while await deliver_due(worker):
        pass


async def _play(engines: Engines, cast: Cast, files: Files, story: Story, *, at: datetime) -> None:
    dice = Random(f"clock-{cast.pack.slug}-{story.seed}")  # noqa: S311 - repeatable
    clock = Clock(story.received_at, cast.pack.zone, at, dice)
    async with unit_of_work(engines.app, cast.tenant_id) as session:
        await Visit(session, cast, files, story, clock).play()


async def _orders_of(engines: Engines, tenant_id: UUID) -> int:
    async with unit_of_work(engines.app, tenant_id) as session:
        wanted = select(func.count()).where(RepairOrder.tenant_id == tenant_id)
        return await session.scalar(wanted) or 0
