"""`serviceco key …`: keys with which machines of a company or a brand ask the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import NotPermitted, Refusal
from serviceco.identity.operations import create_machine_key, revoke_machine_key
from serviceco.identity.tables import MachineKey
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import BRAND_PERMISSIONS, brand_operator, system_actor
from serviceco.tenancy.tables import Brand, Tenant

READING = frozenset(
    {
        Permission.READ_ORDERS,
        Permission.READ_CLAIMS,
        Permission.READ_REPORTS,
        Permission.READ_POLICY,
        Permission.ADHOC_DOCUMENTS,
    }
)
_NAMES = [permission.value for permission in Permission]


@click.group()
def key() -> None:
    """Make and end the keys of machines."""


@key.command()
@click.argument("name")
@click.option("--tenant", "slug", help="The company whose machine it is.")
@click.option("--brand", "code", help="The brand whose machine it is.")
@click.option(
    "--may",
    "permissions",
    multiple=True,
    type=click.Choice(_NAMES),
    help="A permission; give it once for each. Without any, the key may read.",
)
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True)
def make(
    name: str, slug: str | None, code: str | None, permissions: tuple[str, ...], days: int
) -> None:
    """Make a key called NAME and print it: it is shown this once."""
    if (slug is None) is (code is None):
        raise click.UsageError("Name the company or the brand whose machine it is: one of them.")
    wanted = frozenset(Permission(permission) for permission in permissions)
    with database(read_settings()) as url:
        text, key_id = asyncio.run(_make(url, name, slug, code, wanted, days))
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
    url: str,
    name: str,
    slug: str | None,
    code: str | None,
    permissions: frozenset[Permission],
    days: int,
) -> tuple[str, UUID]:
    now = datetime.now(UTC)
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        operator = await _operator(engine, slug, code)
        usual = READING & BRAND_PERMISSIONS if code else READING
        async with global_work(engine) as session:
            text, made = await create_machine_key(
                session,
                operator,
                name,
                permissions=permissions or usual,
                expires_at=now + timedelta(days=days),
                at=now,
            )
            return text, made.id
    except NotPermitted as refusal:
        may = ", ".join(sorted(BRAND_PERMISSIONS))
        raise click.ClickException(f"A machine of a brand may have: {may}.") from refusal
    finally:
        await engine.dispose()


async def _end(url: str, key_id: UUID) -> None:
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        async with global_work(engine) as session:
            kept = await session.get(MachineKey, key_id)
            if kept is None:
                raise click.ClickException(f"There is no key {key_id}.")
            actor = _operator_of(kept.tenant_id, kept.brand_id)
            await revoke_machine_key(session, actor, key_id, at=datetime.now(UTC))
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        await engine.dispose()


async def _operator(engine: AsyncEngine, slug: str | None, code: str | None) -> Actor:
    """Return who makes the key of a company, by its slug, or of a brand, by its code."""
    async with global_work(engine) as session:
        if slug is not None:
            tenant_id = await session.scalar(select(Tenant.id).where(Tenant.slug == slug))
            if tenant_id is None:
                raise click.ClickException(f"There is no company {slug!r}.")
            return _operator_of(tenant_id, None)
        brand_id = await session.scalar(select(Brand.id).where(Brand.code == code))
        if brand_id is None:
            raise click.ClickException(f"There is no brand {code!r}.")
        return _operator_of(None, brand_id)


def _operator_of(tenant_id: UUID | None, brand_id: UUID | None) -> Actor:
    if tenant_id is not None:
        return system_actor(tenant_id, "operator")
    if brand_id is not None:
        return brand_operator(brand_id, "operator")
    raise ValueError("a key is of a company or of a brand")
