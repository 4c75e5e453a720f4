"""`serviceco client …`: machines of a company or brand, which get tokens by OAuth 2.0."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import Refusal
from serviceco.identity.client_tables import MachineClient
from serviceco.identity.clients import create_client, revoke_client
from serviceco.identity.rules import TOKEN_BYTES
from serviceco.identity.signing import withdraw_keys
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import brand_operator, system_actor
from serviceco.tenancy.tables import Brand, Tenant

Answer = TypeVar("Answer")
Work = Callable[[AsyncEngine], Awaitable[Answer]]


@click.group()
def client() -> None:
    """Make and end machines that get tokens by OAuth 2.0."""


@client.command()
@click.argument("name")
@click.option("--tenant", "slug", help="The company whose machine it is.")
@click.option("--brand", "code", help="The brand whose machine it is.")
@click.option(
    "--may",
    "permissions",
    multiple=True,
    required=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="A scope; give it once for each.",
)
def make(name: str, slug: str | None, code: str | None, permissions: tuple[str, ...]) -> None:
    """Make a machine called NAME and print its id and secret: the secret is shown this once."""
    if (slug is None) is (code is None):
        raise click.UsageError("Name a company by --tenant, or a brand by --brand.")
    secret = secrets.token_urlsafe(TOKEN_BYTES)

    async def work(engine: AsyncEngine) -> UUID:
        operator = await _operator(engine, slug, code)
        async with _unit_of_work(engine, operator) as session:
            made = await create_client(
                session,
                operator,
                name,
                scopes=[Permission(permission) for permission in permissions],
                secret=secret,
                at=datetime.now(UTC),
            )
            return made.id

    click.echo(f"client_id={_done(work)}\nclient_secret={secret}")


@client.command()
@click.argument("client_id", type=click.UUID)
def end(client_id: UUID) -> None:
    """End the machine CLIENT_ID and its tokens at once."""

    async def work(engine: AsyncEngine) -> None:
        async with global_work(engine) as session:
            machine = await session.get(MachineClient, client_id)
        if machine is None:
            raise click.ClickException(f"There is no machine {client_id}.")
        operator = (
            system_actor(machine.tenant_id, "operator")
            if machine.tenant_id is not None
            else brand_operator(machine.brand_id or client_id, "operator")
        )
        async with _unit_of_work(engine, operator) as session:
            await revoke_client(session, operator, client_id, at=datetime.now(UTC))

    _done(work)
    click.echo("The machine has ended.")


@client.command("renew-keys")
def renew_keys() -> None:
    """Take all signing keys out of service with their tokens: machines ask for new ones."""

    async def work(engine: AsyncEngine) -> None:
        async with global_work(engine) as session:
            await withdraw_keys(session, at=datetime.now(UTC))

    _done(work)
    click.echo("The keys and all tokens have ended; the next token has a new key.")


def _done(work: Work[Answer]) -> Answer:
    with database(read_settings()) as url:
        return asyncio.run(_by_the_operator(url, work))


async def _by_the_operator(url: str, work: Work[Answer]) -> Answer:
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        return await work(engine)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        await engine.dispose()


def _unit_of_work(
    engine: AsyncEngine, operator: Actor
) -> AbstractAsyncContextManager[AsyncSession]:
    if operator.tenant_id is not None:
        return unit_of_work(engine, operator.tenant_id)
    return global_work(engine)


async def _operator(engine: AsyncEngine, slug: str | None, code: str | None) -> Actor:
    async with global_work(engine) as session:
        if slug is not None:
            tenant_id = await session.scalar(select(Tenant.id).where(Tenant.slug == slug))
            if tenant_id is None:
                raise click.ClickException(f"There is no company {slug!r}.")
            return system_actor(tenant_id, "operator")
        brand_id = await session.scalar(select(Brand.id).where(Brand.code == code))
        if brand_id is None:
            raise click.ClickException(f"There is no brand {code!r}.")
        return brand_operator(brand_id, "operator")
