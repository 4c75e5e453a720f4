"""`serviceco key …`: keys with which machines of a company ask the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.actor import Permission
from serviceco.core.refusals import Refusal
from serviceco.identity.operations import create_machine_key, revoke_machine_key
from serviceco.identity.tables import MachineKey
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Tenant

READING = (
    Permission.READ_ORDERS,
    Permission.READ_CLAIMS,
    Permission.READ_REPORTS,
    Permission.READ_POLICY,
    Permission.ADHOC_DOCUMENTS,
)
_NAMES = [permission.value for permission in Permission]


@click.group()
def key() -> None:
    """Make and end the keys of machines."""


@key.command()
@click.argument("name")
@click.option("--tenant", "slug", required=True, help="The company whose machine it is.")
@click.option(
    "--may",
    "permissions",
    multiple=True,
    type=click.Choice(_NAMES),
    default=[permission.value for permission in READING],
    help="A permission; give it once for each. Without any, the key may read.",
)
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True)
def make(name: str, slug: str, permissions: tuple[str, ...], days: int) -> None:
    """Make a key called NAME and print it: it is shown this once."""
    wanted = [Permission(permission) for permission in permissions]
    with database(read_settings()) as url:
        text, key_id = asyncio.run(_make(url, name, slug, wanted, days))
    click.echo(text)
    click.echo(f"Ends in {days} days, or by: serviceco key end {key_id}", err=True)


@key.command()
@click.argument("key_id", type=click.UUID)
def end(key_id: UUID) -> None:
    """End the key KEY_ID at once."""
    with database(read_settings()) as url:
        asyncio.run(_end(url, key_id))
    click.echo("The key has ended.")


async def _make(
    url: str, name: str, slug: str, permissions: list[Permission], days: int
) -> tuple[str, UUID]:
    now = datetime.now(UTC)
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        tenant_id = await _tenant(engine, slug)
        async with global_work(engine) as session:
            text, made = await create_machine_key(
                session,
                system_actor(tenant_id, "operator"),
                name,
                permissions=permissions,
                expires_at=now + timedelta(days=days),
                at=now,
            )
            return text, made.id
    finally:
        await engine.dispose()


async def _end(url: str, key_id: UUID) -> None:
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        async with global_work(engine) as session:
            owner = await session.scalar(
                select(MachineKey.tenant_id).where(MachineKey.id == key_id)
            )
            if owner is None:
                raise click.ClickException(f"There is no key {key_id}.")
            actor = system_actor(owner, "operator")
            await revoke_machine_key(session, actor, key_id, at=datetime.now(UTC))
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        await engine.dispose()


async def _tenant(engine: AsyncEngine, slug: str) -> UUID:
    async with global_work(engine) as session:
        tenant_id = await session.scalar(select(Tenant.id).where(Tenant.slug == slug))
    if tenant_id is None:
        raise click.ClickException(f"There is no company {slug!r}.")
    return tenant_id
