"""`serviceco migrate`: the database in its newest form, before anything serves it."""

import asyncio

import click

from serviceco.cli.surroundings import database, read_settings
from serviceco.storage.migrate import migrate as migrate_database


@click.command()
def migrate() -> None:
    """Create the database's roles and bring its tables to the newest form."""
    with database(read_settings()) as url:
        asyncio.run(migrate_database(url))
    click.echo("The database has the newest form.")
