"""`serviceco seed`: the demo world, and who may sign in to it."""

from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from serviceco.cli.surroundings import (
    data_folder,
    database,
    read_settings,
    require_development,
)
from serviceco.demo.brands import ROLES, email_of
from serviceco.demo.companies import PASSWORD
from serviceco.demo.engines import Engines, open_engines
from serviceco.demo.stories import PER_COMPANY
from serviceco.demo.world import build_world, demo_folder, is_wanted
from serviceco.policy.packs import read_brand, read_tenant
from serviceco.policy.words import StaffPack

# One person of each role is enough to look around; the company's file names the others.
_SHOWN = (
    "front_desk",
    "technician",
    "quality_inspector",
    "branch_manager",
    "hq_operations",
    "finance",
    "owner",
    "administrator",
)


@click.command()
def seed() -> None:
    """Fill an empty database with the demo world; a database in use is left alone."""
    settings = read_settings()
    require_development(settings)
    with database(settings) as url:
        if not fill_if_empty(url, data_folder(settings)):
            raise click.ClickException("The database is not empty; nothing was written.")
    print_sign_ins()


def fill_if_empty(owner_url: str, folder: Path) -> bool:
    """Write the demo world where there is nothing yet, and tell whether it was written."""
    return uvloop.run(_fill_if_empty(owner_url, folder))


async def _fill_if_empty(owner_url: str, folder: Path) -> bool:
    async with open_engines(owner_url) as engines:
        if not await is_wanted(engines):
            return False
        await _build(engines, folder)
        return True


async def _build(engines: Engines, folder: Path) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        visits = PER_COMPANY * len(demo_folder().tenants())
        bar = progress.add_task("Writing the demo world", total=visits)

        def advance(played: int) -> None:
            progress.advance(bar, played)

        await build_world(engines, folder / "files", at=datetime.now(UTC), advance=advance)


def print_sign_ins() -> None:
    """Print one sign-in per role of each company and of each brand of the demo world."""
    table = Table("Role", "E-mail", title=f"Demo sign-ins – the password is {PASSWORD}")
    for path in demo_folder().tenants():
        company = read_tenant(path)
        table.add_section()
        table.add_row(f"[bold]{company.names.in_language('en')}[/bold]")
        for role in _SHOWN:
            table.add_row(role.replace("_", " "), _first_of(company.staff, role))
    for brand in map(read_brand, demo_folder().brands()):
        table.add_section()
        table.add_row(f"[bold]{brand.name}[/bold] (brand)")
        for role in ROLES:
            table.add_row(role.value.replace("_", " "), email_of(brand, role))
    Console().print(table)


def _first_of(staff: tuple[StaffPack, ...], role: str) -> str:
    return next((person.email for person in staff if role in person.roles), "")
